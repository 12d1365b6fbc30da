"""Runs one job: claim, call the backend, store, settle.

Exactly one attempt can end a job, because every ending is written in a transaction that holds
the row under the lease's token. No database connection is held while the backend works.
"""

import base64
import logging
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Least, Now

from core.clock import now
from core.db import release_connection
from core.errors import DomainError
from core.outbox import emit
from media import rendering
from media import services as media
from media.models import Asset
from media_gen import lease as leases
from media_gen import stream
from media_gen.backends.base import (
    Backend,
    BackendError,
    BadRequest,
    Busy,
    GeneratedImage,
    Operation,
    Refused,
    Report,
    Request,
    Result,
)
from media_gen.backends.registry import UnknownBackend, backends
from media_gen.events import JobQueued
from media_gen.lease import CancelRequested, Lease, LeaseLost
from media_gen.models import GenerationJob, JobOutput, JobState
from media_gen.services import finish, input_of
from posts.queries import assets_visible_to, can_remix_asset
from provenance.services import GenerationFacts

logger = logging.getLogger(__name__)
State = GenerationJob.State
REPORT_EVERY_SECONDS = 0.25
MAX_BACKOFF_SECONDS = 300.0
RING_AGAIN_AFTER = timedelta(seconds=30)
RING_AT_LEAST_EVERY = timedelta(minutes=10)
RING_BATCH = 500


def run(job_id: UUID) -> None:
    """Work on a job if it waits to be worked on; otherwise do nothing."""
    lease = leases.claim(job_id)
    if lease is None:
        return
    job = GenerationJob.objects.select_related("owner").get(pk=job_id)
    _announce(job)
    try:
        backend = backends[job.backend]
        with leases.heartbeat(lease) as unwanted:
            work = _prepare(job)
            result = _call(backend, work.request, _reporter(lease, unwanted))
            _store(lease, backend, work, result)
    except LeaseLost:
        logger.warning("job %s: lease lost, attempt abandoned", job_id)
    except CancelRequested:
        _end(lease, State.CANCELLED)
    except UnknownBackend:
        _end(lease, State.FAILED, code="unknown_backend", detail="This backend is gone.")
    except Busy as error:
        _retry(lease, error, error.retry_after)
    except Refused as error:
        _end(lease, State.REFUSED, code=error.code, detail=error.detail)
    except BadRequest as error:
        _end(lease, State.FAILED, code=error.code, detail=error.detail, field=error.field or "")
    except ParentUnavailable as error:
        _end(lease, State.FAILED, code=error.code, detail=error.detail, field="parents")
    except Exception as error:
        # Whatever a plug-in raises must end as a word to its owner, not as a stuck job.
        logger.exception("job %s: attempt failed", job_id)
        _retry(lease, error, None)
    finally:
        _announce(GenerationJob.objects.get(pk=job_id))


def requeue_stalled() -> int:
    """Give jobs whose worker died back to the queue, or up after the last attempt.

    Also rings again for queued jobs that nobody came for. The number of jobs that had stalled.
    """
    stalled = 0
    with transaction.atomic():
        expired = GenerationJob.objects.select_for_update(skip_locked=True, of=("self",)).filter(
            state__in=GenerationJob.LEASED, lease_until__lt=Now()
        )
        for job in expired.select_related("owner"):
            stalled += 1
            if job.cancel_requested_at:
                finish(job=job, state=State.CANCELLED)
            elif job.attempt >= settings.JOB_MAX_ATTEMPTS:
                finish(
                    job=job,
                    state=State.FAILED,
                    code="poison",
                    detail="The workers that tried this job died. It was not charged.",
                )
            else:
                _back_to_queue(job, after=timedelta())
    _ring_again()
    return stalled


def _ring_again() -> None:
    """Jobs that should have been claimed by now: their message was lost, with Redis perhaps.

    The time between two rings doubles, since a long queue is the likelier reason.
    """
    waited = F("rung_at") - F("created_at")
    patience = Least(waited + Value(RING_AGAIN_AFTER), Value(RING_AT_LEAST_EVERY))
    silent = GenerationJob.objects.filter(
        Q(retry_at=None) | Q(retry_at__lt=Now()),
        state=State.QUEUED,
        rung_at__lt=Now() - patience,
    ).order_by("id")
    with transaction.atomic():
        for job in silent.select_for_update(skip_locked=True)[:RING_BATCH]:
            GenerationJob.objects.filter(pk=job.pk).update(rung_at=Now())
            emit(JobQueued(job_id=str(job.pk)))


def seconds_until_due(job_id: UUID) -> float:
    """How long a queued job still has to wait for its next attempt; 0 for all others."""
    job = GenerationJob.objects.filter(pk=job_id, state=State.QUEUED, retry_at__gt=Now()).first()
    if job is None or job.retry_at is None:
        return 0.0
    return max(0.0, (job.retry_at - now()).total_seconds())


class ParentUnavailable(DomainError):
    """An image to work from was deleted, or its author no longer lets you."""

    code = "parent_unavailable"


@dataclass(frozen=True, slots=True)
class Work:
    """A job as the backend sees it, its parents, and the digest of the input's pixels, if any."""

    request: Request
    parents: list[tuple[Asset, str]]
    source_digest: str


def _prepare(job: GenerationJob) -> Work:
    """Read all that the work needs. Raises ParentUnavailable.

    What the owner may use is asked again now: much can happen while a job waits.
    """
    operation = Operation(job.operation)
    parents = _parents(job)
    if len(parents) != len(job.parents) or not all(
        can_remix_asset(asset, job.owner) for asset, _ in parents
    ):
        raise ParentUnavailable
    source, digest = None, ""
    if operation is Operation.IMAGE_TO_IMAGE:
        given = input_of(parents)
        if given is None:
            raise ParentUnavailable
        source, digest = rendering.picture_to_work_from(asset=given)
    request = Request(
        job_id=job.pk,
        attempt=job.attempt,
        operation=operation,
        model=job.model,
        prompt=job.prompt,
        negative_prompt=job.negative_prompt,
        width=job.width,
        height=job.height,
        count=job.count,
        seed=job.seed,
        strength=job.strength,
        source=source,
    )
    return Work(request, parents, digest)


def _parents(job: GenerationJob) -> list[tuple[Asset, str]]:
    """The parents that the owner can still see, with their relations."""
    ids = [UUID(parent["asset"]) for parent in job.parents]
    visible = assets_visible_to(job.owner).select_related("record", "owner").in_bulk(ids)
    return [
        (visible[asset_id], parent["relation"])
        for asset_id, parent in zip(ids, job.parents, strict=True)
        if asset_id in visible
    ]


def _call(backend: Backend, request: Request, report: Report) -> Result:
    """Let the backend work, without holding a database connection."""
    release_connection()
    result = backend.generate(request, report)
    if not result.images:
        raise BackendError("The backend said that it succeeded, but sent no image.", "no_image")
    return result


def _reporter(lease: Lease, unwanted: threading.Event) -> Report:
    """What the backend calls as it gets on; tells at most four times a second."""
    last = 0.0

    def report(fraction: float, preview: Callable[[], bytes] | None = None) -> None:
        nonlocal last
        if unwanted.is_set():
            lease.extend()  # raises the reason
        if time.monotonic() - last < REPORT_EVERY_SECONDS:
            return
        beat = lease.extend(progress=min(max(fraction, 0.0), 0.99))
        _tell(lease, "progress", beat.version, state=State.RUNNING, progress=beat.progress)
        if preview is not None:
            picture = base64.b64encode(preview()).decode()
            _tell(lease, "preview", beat.version, mime="image/jpeg", data_base64=picture)
        last = time.monotonic()

    return report


def _store(lease: Lease, backend: Backend, work: Work, result: Result) -> None:
    """Take the images in and end the job, all in one transaction under the lease.

    A picture that came back as it was given is no work of the backend's: recorded as one, it would
    label the photograph that it is.
    """
    job = _begin_storing(lease)
    with ExitStack() as stack:
        prepared = [
            stack.enter_context(
                media.prepare_generated(
                    owner=job.owner,
                    png=image.png,
                    facts=_facts(job, backend, image),
                    parents=work.parents,
                )
            )
            for image in result.images[: job.count]
        ]
        if any(item.drawn_digest == work.source_digest for item in prepared):
            raise BackendError("The backend gave the image back unchanged.", "unchanged")
        with transaction.atomic():
            job = lease.lock()
            if job.cancel_requested_at:
                raise CancelRequested
            for position, item in enumerate(prepared):
                asset = media.admit(owner=job.owner, prepared=item, parents=work.parents)
                JobOutput.objects.create(job=job, asset=asset, position=position)
            partial = len(prepared) < job.count
            finish(
                job=job,
                state=State.SUCCEEDED,
                charged=job.cost_quoted * len(prepared) // job.count,
                code="partial" if partial else "",
                detail="The backend made fewer images than asked." if partial else "",
            )


def _begin_storing(lease: Lease) -> GenerationJob:
    with transaction.atomic():
        job = lease.lock()
        if job.cancel_requested_at:
            raise CancelRequested
        GenerationJob.objects.filter(pk=job.pk).update(
            state=State.STORING, version=F("version") + 1
        )
    _announce(GenerationJob.objects.get(pk=job.pk))
    return job


def _facts(job: GenerationJob, backend: Backend, image: GeneratedImage) -> GenerationFacts:
    return GenerationFacts(
        backend=job.backend,
        model=job.model,
        source_type=backend.source_type,
        seed=image.seed,
        prompt=job.prompt,
        prompt_visibility=job.prompt_visibility,
    )


def _end(lease: Lease, state: JobState, **why: Any) -> None:
    """End the job unless the lease was lost meanwhile."""
    try:
        with transaction.atomic():
            finish(job=lease.lock(), state=state, **why)
    except LeaseLost:
        logger.warning("job %s: lease lost before its end", lease.job_id)


def _retry(lease: Lease, error: Exception, after: float | None) -> None:
    """Queue the job again, or fail it after the last attempt. The wait doubles each time."""
    detail = "The backend fell over."
    if isinstance(error, BackendError | DomainError):
        detail = str(error)
    code = error.code if isinstance(error, BackendError | DomainError) else "backend_broken"
    try:
        with transaction.atomic():
            job = lease.lock()
            if job.cancel_requested_at:
                finish(job=job, state=State.CANCELLED)
            elif job.attempt >= settings.JOB_MAX_ATTEMPTS:
                finish(job=job, state=State.FAILED, code=code, detail=detail, retryable=True)
            else:
                backoff = settings.JOB_RETRY_SECONDS * 2 ** (job.attempt - 1)
                wait = min(backoff if after is None else after, MAX_BACKOFF_SECONDS)
                _back_to_queue(job, after=timedelta(seconds=wait))
    except LeaseLost:
        logger.warning("job %s: lease lost before its retry", lease.job_id)


def _back_to_queue(job: GenerationJob, *, after: timedelta) -> None:
    GenerationJob.objects.filter(pk=job.pk).update(
        state=State.QUEUED,
        version=F("version") + 1,
        lease_token=None,
        lease_until=None,
        retry_at=Now() + Value(after),
        rung_at=Now() + Value(after),
    )
    emit(JobQueued(job_id=str(job.pk)))


def _announce(job: GenerationJob) -> None:
    """Say which state the row is in now."""
    stream.publish(
        job.pk,
        "state",
        job.version,
        {"id": str(job.pk), "state": job.state, "progress": job.progress, "version": job.version},
    )


def _tell(lease: Lease, event: str, version: int, **data: Any) -> None:
    stream.publish(
        lease.job_id, event, version, {"id": str(lease.job_id), "version": version, **data}
    )
