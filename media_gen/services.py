"""Asking for images, and thinking better of it."""

from datetime import timedelta
from math import ceil

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Value
from django.db.models.functions import Now

from core.clock import now
from core.errors import DomainError
from core.idempotency import KeyReused
from core.outbox import emit
from credits import services as credits
from media_gen import conditions, quotes
from media_gen.backends.registry import terms_of
from media_gen.events import JobFinished, JobQueued
from media_gen.models import GenerationJob, JobState
from media_gen.planning import Wish, plan
from users import keys
from users.models import ApiKey, User


class BackendUnavailable(DomainError):
    """The backend failed again and again and is left alone for a while."""

    status = 503
    code = "backend_unavailable"
    field = "backend"


class QueueFull(DomainError):
    """More jobs wait for this backend than it can do in reasonable time."""

    status = 503
    code = "queue_full"
    field = "backend"


class TooManyJobs(DomainError):
    """You have as many jobs open as one may have. Wait until one is finished."""

    status = 429
    code = "too_many_jobs"


@transaction.atomic
def request_generation(
    *,
    owner: User,
    wish: Wish,
    quote: str = "",
    api_key: ApiKey | None = None,
    client_key: str = "",
    client_fingerprint: str = "",
) -> GenerationJob:
    """Queue a job and set its price aside. The same `client_key` gives the same job, for ever.

    `client_fingerprint` tells whether it is the same request; another one raises KeyReused. With a
    `quote` the job costs what was promised.

    Raises NoSuchBackend, NotOffered, PromptRefused, SafetyUnavailable, BadQuote, QuoteExpired,
    TooManyJobs, BackendUnavailable, QueueFull, InsufficientCredits, SpendCapReached; then nothing
    is stored.
    """
    if known := asked_before(owner, client_key, client_fingerprint):
        return known
    planned = plan(wish, owner=owner)
    _require_room(owner, planned.backend)
    request, cost = planned.request, planned.cost
    if quote:
        cost = quotes.cost_of(quote, owner_id=owner.pk, backend=planned.backend, request=request)
    try:
        with transaction.atomic():
            job = GenerationJob.objects.create(
                id=request.job_id,
                owner=owner,
                api_key=api_key,
                client_key=client_key,
                client_fingerprint=client_fingerprint,
                operation=request.operation,
                backend=planned.backend,
                model=request.model,
                prompt=request.prompt,
                negative_prompt=request.negative_prompt,
                prompt_visibility=wish.prompt_visibility,
                width=request.width,
                height=request.height,
                count=request.count,
                seed=request.seed,
                strength=request.strength,
                mask=wish.mask,
                parents=[
                    {"asset": str(asset.pk), "relation": relation}
                    for asset, relation in wish.parents
                ],
                cost_quoted=cost,
            )
    except IntegrityError:
        if known := asked_before(owner, client_key, client_fingerprint):
            return known
        raise
    if api_key is not None:
        keys.spend(key=api_key, amount=cost)
    credits.hold(user=owner, amount=cost, reference=job.pk)
    emit(JobQueued(queue=terms_of(job.backend).queue))
    return job


def asked_before(owner: User, client_key: str, fingerprint: str) -> GenerationJob | None:
    """The job that was asked for with this key; raises KeyReused if by another request.

    To be asked before anything that a request names is looked up, for it may be gone by now.
    """
    if not client_key:
        return None
    job = GenerationJob.objects.filter(owner=owner, client_key=client_key).first()
    if job is not None and job.client_fingerprint != fingerprint:
        raise KeyReused
    return job


def _require_room(owner: User, alias: str) -> None:
    """Raises TooManyJobs, BackendUnavailable, QueueFull: better now than after an hour."""
    open_jobs = GenerationJob.objects.filter(owner=owner).exclude(state__in=GenerationJob.TERMINAL)
    if open_jobs.count() >= settings.JOBS_OPEN_PER_PERSON:
        raise TooManyJobs(retry_after=10)
    condition = conditions.of(alias)
    if closed := conditions.seconds_closed(condition):
        raise BackendUnavailable(retry_after=ceil(closed))
    queued = GenerationJob.objects.filter(backend=alias, state=GenerationJob.State.QUEUED)
    if queued.count() >= settings.JOB_QUEUE_LIMIT:
        raise QueueFull(retry_after=ceil(condition.typical_seconds or 10))


@transaction.atomic
def cancel(*, job: GenerationJob) -> None:
    """Stop a job: at once while it waits, at the worker's next step while it is worked on."""
    job = GenerationJob.objects.select_for_update().get(pk=job.pk)
    if job.state == GenerationJob.State.QUEUED:
        finish(job=job, state=GenerationJob.State.CANCELLED)
    elif not job.finished and job.cancel_requested_at is None:
        GenerationJob.objects.filter(pk=job.pk).update(
            cancel_requested_at=now(), version=F("version") + 1
        )


def finish(
    *,
    job: GenerationJob,
    state: JobState,
    charged: int = 0,
    code: str = "",
    detail: str = "",
    field: str = "",
    retryable: bool = False,
) -> None:
    """End a job, settle its hold and tell the house. The caller holds the row's lock."""
    held = job.cost_quoted
    # The key before the account, as when a job is asked for: else the two wait for each other.
    if job.api_key_id is not None:
        keys.give_back(key_id=job.api_key_id, amount=held - charged)
    if charged:
        credits.capture(user=job.owner, held=held, spent=charged, reference=job.pk)
    else:
        credits.release(user=job.owner, held=held, reference=job.pk)
    done = state == GenerationJob.State.SUCCEEDED
    GenerationJob.objects.filter(pk=job.pk).update(
        state=state,
        progress=1.0 if done else F("progress"),
        version=F("version") + 1,
        lease_token=None,
        lease_until=None,
        cost_charged=charged,
        error_code=_clean(code)[:40],
        error_detail=_clean(detail)[:500],
        error_field=_clean(field)[:40],
        error_retryable=retryable,
        finished_at=now(),
    )
    emit(JobFinished(job_id=str(job.pk), state=state))


def back_to_queue(*, job: GenerationJob, after: timedelta) -> None:
    """Let a job wait for its next attempt. The caller holds the row's lock."""
    GenerationJob.objects.filter(pk=job.pk).update(
        state=GenerationJob.State.QUEUED,
        version=F("version") + 1,
        lease_token=None,
        lease_until=None,
        retry_at=Now() + Value(after),
        rung_at=Now() + Value(after),
    )
    emit(JobQueued(queue=terms_of(job.backend).queue))


def _clean(text: str) -> str:
    """What a plug-in says, fit for the database: no NUL, no half characters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
