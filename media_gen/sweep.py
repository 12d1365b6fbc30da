"""What the engine's beat looks for: jobs whose worker died, whose bell was lost, whose time is up.

Every sweeper skips the rows that another one has in hand.
"""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Least, Now

from core.outbox import emit
from media_gen.backends.registry import terms_of
from media_gen.events import JobQueued
from media_gen.models import GenerationJob
from media_gen.services import back_to_queue, finish

State = GenerationJob.State
RING_AGAIN_AFTER = timedelta(seconds=30)
RING_AT_LEAST_EVERY = timedelta(minutes=10)
BATCH = 500


def sweep() -> int:
    """All of it. The number of jobs that had stalled."""
    stalled = _requeue_stalled()
    _end_forgotten()
    _ring_again()
    return stalled


@transaction.atomic
def _requeue_stalled() -> int:
    """Give jobs whose worker died back to the queue, or up after the last attempt."""
    expired = _in_hand(Q(state__in=GenerationJob.LEASED, lease_until__lt=Now()))
    for job in expired:
        if job.cancel_requested_at:
            finish(job=job, state=State.CANCELLED)
        elif job.backend not in settings.GENERATION_BACKENDS:
            finish(job=job, state=State.FAILED, code="unknown_backend", detail="It is gone.")
        elif job.attempt >= settings.JOB_MAX_ATTEMPTS:
            detail = "The workers that tried this job died or hung. It was not charged."
            finish(job=job, state=State.FAILED, code="poison", detail=detail)
        else:
            back_to_queue(job=job, after=timedelta())
    _ring_for_room_of(expired)
    return len(expired)


@transaction.atomic
def _end_forgotten() -> None:
    """Fail jobs that waited too long, and those of a backend that is configured no longer."""
    gone = ~Q(backend__in=settings.GENERATION_BACKENDS)
    old = Q(created_at__lt=Now() - Value(timedelta(seconds=settings.JOB_QUEUE_SECONDS)))
    for job in _in_hand(Q(state=State.QUEUED) & (gone | old)):
        if job.backend not in settings.GENERATION_BACKENDS:
            finish(job=job, state=State.FAILED, code="unknown_backend", detail="It is gone.")
        else:
            detail = "Nobody came for this job in time. It was not charged."
            finish(job=job, state=State.FAILED, code="expired", detail=detail, retryable=True)


@transaction.atomic
def _ring_again() -> None:
    """Jobs that should have been claimed by now: their message was lost, with Redis perhaps.

    The time between two rings doubles, since a long queue is the likelier reason.
    """
    waited = F("rung_at") - F("created_at")
    patience = Least(waited + Value(RING_AGAIN_AFTER), Value(RING_AT_LEAST_EVERY))
    due = Q(retry_at=None) | Q(retry_at__lt=Now())
    ours = Q(state=State.QUEUED, backend__in=settings.GENERATION_BACKENDS)
    for job in _in_hand(ours & due & Q(rung_at__lt=Now() - patience)):
        GenerationJob.objects.filter(pk=job.pk).update(rung_at=Now())
        emit(JobQueued(queue=terms_of(job.backend).queue))


def _ring_for_room_of(expired: list[GenerationJob]) -> None:
    """Jobs that are worked on no longer left room to others of their backends."""
    for alias in {job.backend for job in expired} & settings.GENERATION_BACKENDS.keys():
        emit(JobQueued(queue=terms_of(alias).queue))


def _in_hand(which: Q) -> list[GenerationJob]:
    rows = GenerationJob.objects.select_for_update(skip_locked=True, of=("self",))
    return list(rows.filter(which).select_related("owner").order_by("id")[:BATCH])
