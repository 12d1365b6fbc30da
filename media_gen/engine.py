"""Works on one job: call the backend, store, settle.

Exactly one attempt can end a job, because every ending is written in a transaction that holds
the row under the lease's token. No database connection is held while the backend works.
"""

import logging
import time
from contextlib import ExitStack
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import F

from core.db import release_connection
from core.errors import DomainError
from media import services as media
from media.masking import Unchanged
from media.preparing import Prepared, prepare_generated
from media.sandbox import Undecodable
from media_gen import conditions, stream
from media_gen import lease as leases
from media_gen.backends.base import Backend, GeneratedImage, Request, Result, Watch
from media_gen.backends.errors import (
    BackendError,
    BadRequest,
    Broken,
    Busy,
    CancelRequested,
    DeadlinePassed,
    LeaseLost,
    Refused,
    Uncertain,
    Unusable,
    Unwanted,
)
from media_gen.backends.registry import Terms, UnknownBackend, backends, terms_of
from media_gen.lease import Lease
from media_gen.models import GenerationJob, JobOutput, JobState
from media_gen.preparation import MaskUnusable, ParentUnavailable, Work, prepare
from media_gen.services import back_to_queue, finish
from media_gen.watching import LeaseWatch
from provenance.generated import GenerationFacts
from safety.outputs import OutputRefused

logger = logging.getLogger(__name__)
State = GenerationJob.State
MAX_BACKOFF_SECONDS = 300.0
STORING_SECONDS = 60.0
MOST_UNCERTAIN_ATTEMPTS = 2


def run(job_id: UUID) -> bool:
    """Work on this very job if it waits to be worked on, whoever's turn it is; whether it did."""
    lease = leases.claim(job_id)
    if lease is not None:
        work_on(lease)
    return lease is not None


def work_on(lease: Lease) -> None:
    """One attempt at a claimed job. However it goes, the row says what became of it."""
    job = GenerationJob.objects.select_related("owner").get(pk=lease.job_id)
    _announce(job)
    try:
        _attempt(lease, job, backends[job.backend], terms_of(job.backend))
    except LeaseLost:
        logger.warning("job %s: lease lost, attempt abandoned", job.pk)
    except CancelRequested:
        _end(lease, State.CANCELLED)
    except UnknownBackend:
        _end(lease, State.FAILED, code="unknown_backend", detail="This backend is gone.")
    except (ParentUnavailable, MaskUnusable) as error:
        _end(lease, State.FAILED, code=error.code, detail=error.detail, field=error.field or "")
    except (Refused, OutputRefused) as error:
        _end(lease, State.REFUSED, code=error.code, detail=error.detail)
    except BadRequest as error:
        _end(lease, State.FAILED, code=error.code, detail=error.detail, field=error.field or "")
    except Exception as error:
        # Whatever goes wrong must end as a word to its owner, not as a stuck job.
        if isinstance(error, BackendError | DatabaseError):
            # Without their words: a provider's may repeat the prompt, a database's the whole row.
            kinds = " from ".join(type(e).__name__ for e in (error, error.__cause__) if e)
            logger.warning("job %s: attempt failed: %s", job.pk, kinds)
        else:
            logger.exception("job %s: attempt failed", job.pk)
        if isinstance(error, BackendError | DeadlinePassed):
            conditions.failed(job.backend, error)
        _retry(lease, error)
    finally:
        _announce(GenerationJob.objects.get(pk=job.pk))


def _attempt(lease: Lease, job: GenerationJob, backend: Backend, terms: Terms) -> None:
    with leases.heartbeat(lease, seconds=terms.deadline + STORING_SECONDS) as unwanted:
        work = prepare(job)
        watch = LeaseWatch(
            lease,
            handle=job.handle,
            unwanted=unwanted,
            seconds=terms.deadline,
            hooked=bool(work.request.hook),
        )
        began = time.monotonic()
        result = _call(backend, work.request, watch)
        seconds = time.monotonic() - began
        _store(lease, backend, work, result)
        conditions.worked(job.backend, seconds)


def _call(backend: Backend, request: Request, watch: Watch) -> Result:
    """Let the backend work, without holding a database connection."""
    release_connection()
    try:
        result = backend.generate(request, watch)
    except (BackendError, Unwanted):
        raise
    except Exception as error:
        raise Broken("The backend fell over.") from error
    if not result.images:
        raise BackendError("The backend said that it succeeded, but sent no image.", "no_image")
    return result


def _store(lease: Lease, backend: Backend, work: Work, result: Result) -> None:
    """Take the images in and end the job, all in one transaction under the lease."""
    job = _begin_storing(lease)
    with ExitStack() as stack:
        images = result.images[: job.count]
        prepared = [_taken_in(stack, job, backend, work, image) for image in images]
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


def _taken_in(
    stack: ExitStack, job: GenerationJob, backend: Backend, work: Work, image: GeneratedImage
) -> Prepared:
    """What the backend made, ready to be taken in.

    A picture that came back as it was given is no work of the backend's: recorded as one, it would
    label the photograph that it is.
    """
    prepared = prepare_generated(
        owner=job.owner,
        data=image.data,
        facts=_facts(job, backend, image),
        parents=work.parents,
        source_digest=work.source_digest,
        within=work.within,
    )
    try:
        return stack.enter_context(prepared)
    except Unchanged as error:
        raise BackendError("The backend gave the image back unchanged.", "unchanged") from error
    except (ValueError, Undecodable) as error:
        raise Broken("The backend sent something that is no image.", "no_image") from error


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


def _retry(lease: Lease, error: Exception) -> None:
    """Queue the job again, or fail it after its last attempt. The wait doubles each time."""
    code, detail = _told(error)
    try:
        with transaction.atomic():
            job = lease.lock()
            if job.cancel_requested_at:
                finish(job=job, state=State.CANCELLED)
            elif job.attempt >= _attempts_allowed(error):
                finish(job=job, state=State.FAILED, code=code, detail=detail, retryable=True)
            else:
                back_to_queue(job=job, after=_wait(job, error))
    except LeaseLost:
        logger.warning("job %s: lease lost before its retry", lease.job_id)


def _told(error: Exception) -> tuple[str, str]:
    """What the owner learns of a failure: a code, and a sentence without internals."""
    if isinstance(error, DeadlinePassed):
        return "timed_out", "The backend took too long."
    if isinstance(error, BackendError | DomainError):
        return error.code, str(error)
    return "internal", "Something went wrong here while the image was being kept."


def _attempts_allowed(error: Exception) -> int:
    if isinstance(error, Unusable):
        return 1
    most: int = settings.JOB_MAX_ATTEMPTS
    return min(most, MOST_UNCERTAIN_ATTEMPTS) if isinstance(error, Uncertain) else most


def _wait(job: GenerationJob, error: Exception) -> timedelta:
    asked = error.retry_after if isinstance(error, Busy) else None
    doubled = settings.JOB_RETRY_SECONDS * 2 ** (job.attempt - 1)
    return timedelta(seconds=min(doubled if asked is None else asked, MAX_BACKOFF_SECONDS))


def _announce(job: GenerationJob) -> None:
    """Say which state the row is in now."""
    stream.publish(
        job.pk,
        "state",
        job.version,
        {"id": str(job.pk), "state": job.state, "progress": job.progress, "version": job.version},
    )
