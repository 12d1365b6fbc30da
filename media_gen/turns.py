"""Whose turn it is: the person who was served longest ago, at a backend that has room.

A job ranks by the later of when it was asked for and when its owner's last job was begun. A rank
never gets worse while its owner waits, so everybody is served in the end. (InvokeAI's queue serves
by the same rule.) Claims are made one after another, under a lock of the database.
"""

from collections import Counter
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Min, Q
from django.db.models.functions import Coalesce, Greatest, Now

from core.clock import now
from media_gen import conditions, lease
from media_gen.backends.registry import aliases_on, terms_of
from media_gen.lease import Lease
from media_gen.models import BackendCondition, GenerationJob, Turn

State = GenerationJob.State
CLAIMING = 0x7475726E  # "turn"; the number of the advisory lock, and nobody else's
CANDIDATES = 3  # a job may be cancelled while it is being claimed
DUE = Q(retry_at=None) | Q(retry_at__lte=Now())


@transaction.atomic
def claim_next(queue: str) -> Lease | None:
    """Take the job whose turn it is among the backends of a queue; None if none may begin now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CLAIMING])
    backends, owners = _at_work()
    busy = [owner for owner, jobs in owners.items() if jobs >= settings.JOBS_RUNNING_PER_PERSON]
    slots = conditions.slots(aliases_on(queue))
    with_room = [alias for alias, most in slots.items() if backends[alias] < most]
    ranked = (
        GenerationJob.objects.filter(DUE, state=State.QUEUED, backend__in=with_room)
        .exclude(owner__in=busy)
        .order_by(Greatest("created_at", "owner__turn__served_at"), "id")
        .values_list("id", "owner_id", "backend")
    )
    for job_id, owner_id, backend in ranked[:CANDIDATES]:
        if taken := lease.claim(job_id):
            Turn.objects.bulk_create(
                [Turn(owner_id=owner_id, served_at=Now())],
                update_conflicts=True,
                unique_fields=["owner"],
                update_fields=["served_at"],
            )
            conditions.begun(backend, terms_of(backend))
            return taken
    return None


def seconds_to_next(queue: str) -> float | None:
    """When something that waits may begin, as far as time decides; None if nothing waits."""
    waiting = GenerationJob.objects.filter(state=State.QUEUED, backend__in=aliases_on(queue))
    grouped = waiting.values_list("backend").annotate(at=Min(Coalesce("retry_at", "created_at")))
    soonest: dict[str, datetime] = dict(grouped)
    if not soonest:
        return None
    for condition in BackendCondition.objects.filter(alias__in=soonest):
        free = filter(None, (condition.open_until, condition.free_at))
        soonest[condition.alias] = max([soonest[condition.alias], *free])
    return max(0.0, (min(soonest.values()) - now()).total_seconds())


def _at_work() -> tuple[Counter[str], Counter[UUID]]:
    """How many jobs are being worked on, by backend and by owner."""
    backends: Counter[str] = Counter()
    owners: Counter[UUID] = Counter()
    leased = GenerationJob.objects.filter(state__in=GenerationJob.LEASED)
    for backend, owner, jobs in leased.values_list("backend", "owner").annotate(Count("id")):
        backends[backend] += jobs
        owners[owner] += jobs
    return backends, owners
