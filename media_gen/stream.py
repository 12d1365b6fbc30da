"""Live news of a job: Redis pub/sub as the doorbell, the row as the truth.

A message is JSON `{"event", "version", "data"}` on the channel of the job. Losing messages, or
Redis, makes the stream coarser and never wrong: readers look at the row again and again.
"""

import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any
from uuid import UUID

import redis.asyncio
from django.conf import settings
from redis.exceptions import RedisError

from core.redis import client

logger = logging.getLogger(__name__)


def channel(job_id: UUID | str) -> str:
    return f"job:{job_id}"


def publish(job_id: UUID | str, event: str, version: int, data: dict[str, Any]) -> None:
    """Tell who is listening. Nobody listening, or no Redis, is no error."""
    message = json.dumps({"event": event, "version": version, "data": data}, default=str)
    try:
        client().publish(channel(job_id), message)
    except RedisError as error:
        logger.warning("stream: redis away, progress of %s not sent: %s", job_id, error)


@contextmanager
def watch(job_id: UUID | str, show: Callable[[float, str], None]) -> Iterator[None]:
    """Call `show(progress, state)` from a thread as news of the job comes in."""
    pubsub = client().pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]  # redis-py

    def heard(message: dict[str, Any]) -> None:
        news = json.loads(message["data"])
        if news["event"] in {"progress", "state"}:
            show(news["data"]["progress"], news["data"]["state"])

    thread = None
    with suppress(RedisError):
        pubsub.subscribe(**{channel(job_id): heard})
        thread = pubsub.run_in_thread(sleep_time=0.05, daemon=True)
    try:
        yield
    finally:
        if thread is not None:
            thread.stop()
            thread.join()
        pubsub.close()


class Doorbell:
    """Messages of one channel; silent while Redis is away."""

    def __init__(self, pubsub: Any) -> None:
        self._pubsub = pubsub

    async def wait(self, seconds: float) -> dict[str, Any] | None:
        """The next message, or None after at most `seconds`. Raises RedisError if Redis went."""
        message = await self._pubsub.get_message(ignore_subscribe_messages=True, timeout=seconds)
        if message is None:
            return None
        news: dict[str, Any] = json.loads(message["data"])
        return news


@asynccontextmanager
async def listen(job_id: UUID) -> AsyncIterator[Doorbell]:
    """Subscribe to a job's channel. Raises RedisError if Redis cannot be reached."""
    listener = redis.asyncio.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1)
    try:
        async with listener.pubsub() as pubsub:
            await pubsub.subscribe(channel(job_id))
            yield Doorbell(pubsub)
    finally:
        await listener.aclose()
