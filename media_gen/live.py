"""The event stream of a job: Server-Sent Events, served by the small ASGI process.

    event: state | progress | preview | output | done        id: the row's version
The row is read at the beginning and every two seconds; pub/sub only makes it faster. Each look is
made in a thread of its own (`thread_sensitive=False`), or streams would wait for each other.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.csrf import csrf_exempt
from redis.exceptions import RedisError
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from core.problems import plain
from core.renderers import JSONRenderer
from media_gen import stream, tickets
from media_gen.models import GenerationJob
from media_gen.serializers import present_job
from users.authentication import BearerAuthentication, current_key
from users.models import User
from users.permissions import opened_by
from users.scopes import Scope

LOOK_AGAIN_SECONDS = 2.0
PING_SECONDS = 10.0


@csrf_exempt
async def generation_events(
    request: HttpRequest, job_id: UUID
) -> HttpResponse | StreamingHttpResponse:
    """GET …/events with a Bearer token or ?ticket=; resumes after Last-Event-ID."""
    if request.method != "GET":
        refused = plain(request, "method_not_allowed", 405, "The stream can only be read.")
        refused["Allow"] = "GET"
        return refused
    user = await sync_to_async(_viewer, thread_sensitive=False)(request, job_id)
    if user is None:
        refused = plain(request, "not_authenticated", 401, "A Bearer token or a ticket is needed.")
        refused["WWW-Authenticate"] = "Bearer"
        return refused
    job = await sync_to_async(_job, thread_sensitive=False)(user, job_id)
    if job is None:
        return plain(request, "not_found", 404, "There is no such thing, or not for you.")
    response = StreamingHttpResponse(
        _events(user, job_id, _last_seen(request)), content_type="text/event-stream"
    )
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


async def _events(user: User, job_id: UUID, seen: int) -> AsyncIterator[bytes]:
    try:
        async with stream.listen(job_id) as bell:
            async for piece in _follow(user, job_id, seen, bell):
                yield piece
    except RedisError:
        async for piece in _follow(user, job_id, seen, None):
            yield piece


async def _follow(
    user: User, job_id: UUID, seen: int, bell: stream.Doorbell | None
) -> AsyncIterator[bytes]:
    """News by the doorbell, and the row itself at the start, at every look, and at the end."""
    look, pinged = 0.0, time.monotonic()
    while True:
        if time.monotonic() >= look:
            job = await sync_to_async(_job, thread_sensitive=False)(user, job_id)
            look = time.monotonic() + LOOK_AGAIN_SECONDS
            if job is None:
                return
            if job["version"] > seen:
                seen = job["version"]
                yield _event("state", seen, _brief(job))
            if job["finished_at"]:
                for asset in job["outputs"]:
                    yield _event("output", job["version"], asset)
                yield _event("done", job["version"], job)
                return
        news = await _wait(bell, max(0.0, look - time.monotonic()))
        if news is not None:
            if news["event"] == "state" and news["data"]["state"] in GenerationJob.TERMINAL:
                look = 0.0
            elif news["version"] >= seen:
                seen = news["version"]
                yield _event(news["event"], seen, news["data"])
        if time.monotonic() - pinged > PING_SECONDS:
            pinged = time.monotonic()
            yield b": ping\n\n"


async def _wait(bell: stream.Doorbell | None, seconds: float) -> dict[str, Any] | None:
    if bell is not None:
        with contextlib.suppress(RedisError):
            return await bell.wait(seconds)
    await asyncio.sleep(min(seconds, LOOK_AGAIN_SECONDS))
    return None


def _viewer(request: HttpRequest, job_id: UUID) -> User | None:
    ticket = request.GET.get("ticket")
    try:
        if ticket is not None:
            user_id = tickets.redeem(ticket, f"job:{job_id}")
            return User.objects.filter(pk=user_id, is_active=True).first() if user_id else None
        shown = Request(request, authenticators=[BearerAuthentication()])
        may_read = opened_by(current_key(shown), Scope.READ)
        return shown.user if shown.user.is_authenticated and may_read else None
    except APIException:
        return None
    finally:
        close_old_connections()


def _job(user: User, job_id: UUID) -> dict[str, Any] | None:
    mine = GenerationJob.objects.owned_by(user).filter(owner__is_active=True)
    rows = mine.select_related("owner").hydrated()
    try:
        job = rows.filter(pk=job_id).first()
        return present_job(job) if job else None
    finally:
        close_old_connections()


def _brief(job: dict[str, Any]) -> dict[str, Any]:
    return {name: job[name] for name in ("id", "state", "progress", "version")}


def _last_seen(request: HttpRequest) -> int:
    given = request.headers.get("Last-Event-ID", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0


def _event(name: str, version: int, data: dict[str, Any]) -> bytes:
    body = JSONRenderer().render(data)
    return b"event: %s\nid: %d\ndata: %s\n\n" % (name.encode(), version, body)
