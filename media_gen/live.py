"""The event stream of a job.

    event: state | progress | preview | output | done        id: the row's version
The row is read at the beginning and every two seconds; pub/sub only makes it faster. Each look is
made in a thread of its own (`thread_sensitive=False`), or streams would wait for each other.
"""

import time
from collections.abc import AsyncIterator
from functools import partial
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from core import sse
from core.bells import Doorbell
from core.db import release_connection
from core.problems import plain
from media_gen.models import GenerationJob
from media_gen.serializers import present_job
from media_gen.stream import channel
from users.live import viewer_of
from users.models import User


@csrf_exempt
async def generation_events(request: HttpRequest, job_id: UUID) -> HttpResponseBase:
    """GET …/events with a Bearer token or ?ticket=; resumes after Last-Event-ID."""
    if request.method != "GET":
        return sse.only_read(request)
    user = await sync_to_async(viewer_of, thread_sensitive=False)(request, channel(job_id))
    if user is None:
        return sse.unknown_viewer(request)
    job = await sync_to_async(_job, thread_sensitive=False)(user, job_id)
    if job is None:
        return plain(request, "not_found", 404, "There is no such thing, or not for you.")
    return sse.stream(channel(job_id), partial(_follow, user, job_id, _last_seen(request)))


async def _follow(
    user: User, job_id: UUID, seen: int, bell: Doorbell | None
) -> AsyncIterator[bytes]:
    """News by the doorbell, and the row itself at the start, at every look, and at the end."""
    look, pinged = 0.0, time.monotonic()
    while True:
        if time.monotonic() >= look:
            job = await sync_to_async(_job, thread_sensitive=False)(user, job_id)
            look = time.monotonic() + sse.LOOK_AGAIN_SECONDS
            if job is None:
                return
            if job["version"] > seen:
                seen = job["version"]
                yield sse.event("state", seen, _brief(job))
            if job["finished_at"]:
                for asset in job["outputs"]:
                    yield sse.event("output", job["version"], asset)
                yield sse.event("done", job["version"], job)
                return
        news = await sse.wait(bell, max(0.0, look - time.monotonic()))
        if news is not None:
            if news["event"] == "state" and news["data"]["state"] in GenerationJob.TERMINAL:
                look = 0.0
            elif news["version"] >= seen:
                seen = news["version"]
                yield sse.event(news["event"], seen, news["data"])
        if time.monotonic() - pinged > sse.PING_SECONDS:
            pinged = time.monotonic()
            yield sse.PING


def _job(user: User, job_id: UUID) -> dict[str, Any] | None:
    mine = GenerationJob.objects.owned_by(user).filter(owner__is_active=True)
    rows = mine.select_related("owner").hydrated()
    try:
        job = rows.filter(pk=job_id).first()
        return present_job(job) if job else None
    finally:
        release_connection()


def _brief(job: dict[str, Any]) -> dict[str, Any]:
    return {name: job[name] for name in ("id", "state", "progress", "version")}


def _last_seen(request: HttpRequest) -> int:
    given = request.headers.get("Last-Event-ID", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0
