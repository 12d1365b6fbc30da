"""Server-Sent Events, as WHATWG HTML defines them, served by the small ASGI process."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from redis.exceptions import RedisError

from core.bells import Doorbell, listen
from core.problems import plain
from core.renderers import JSONRenderer

LOOK_AGAIN_SECONDS = 2.0
PING_SECONDS = 10.0
PING = b": ping\n\n"

Follow = Callable[[Doorbell | None], AsyncIterator[bytes]]


def stream(channel: str, follow: Follow) -> StreamingHttpResponse:
    """What `follow` gives, which hears the channel's doorbell; None while Redis is away."""
    response = StreamingHttpResponse(_pieces(channel, follow), content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


def event(name: str, key: str | int, data: Any) -> bytes:
    body = JSONRenderer().render(data)
    return b"event: %s\nid: %s\ndata: %s\n\n" % (name.encode(), str(key).encode(), body)


async def wait(bell: Doorbell | None, seconds: float) -> dict[str, Any] | None:
    """News, or None after at most so long."""
    if bell is not None:
        with contextlib.suppress(RedisError):
            return await bell.wait(seconds)
    await asyncio.sleep(min(seconds, LOOK_AGAIN_SECONDS))
    return None


def only_read(request: HttpRequest) -> HttpResponse:
    refused = plain(request, "method_not_allowed", 405, "The stream can only be read.")
    refused["Allow"] = "GET"
    return refused


def unknown_viewer(request: HttpRequest) -> HttpResponse:
    refused = plain(request, "not_authenticated", 401, "A Bearer token or a ticket is needed.")
    refused["WWW-Authenticate"] = "Bearer"
    return refused


async def _pieces(channel: str, follow: Follow) -> AsyncIterator[bytes]:
    try:
        async with listen(channel) as bell:
            async for piece in _until_left(follow(bell)):
                yield piece
    except RedisError:
        async for piece in _until_left(follow(None)):
            yield piece


async def _until_left(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """When the reader leaves, Django cancels the task, once. What is waited for just then may take
    that for itself (redis-py does while it subscribes), and the stream would go on for nobody."""
    async for piece in pieces:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            return
        yield piece
