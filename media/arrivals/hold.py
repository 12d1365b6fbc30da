"""A hold on an arrival: one works on it at a time, and who was given up on changes nothing.

Whoever claims an arrival counts the attempt, and writes to the row only while that number stands.
"""

from datetime import timedelta
from uuid import UUID

from django.db.models import F, Q

from core.clock import now
from core.errors import DomainError
from media.models import Arrival, ArrivalQuerySet

# Longer than fetching, waiting for a decoder, decoding and storing may take together.
HOLD = timedelta(minutes=3)


def claim(arrival_id: UUID, kind: str) -> Arrival | None:
    """Begin to work on an arrival, unless somebody else does or it has ended or expired."""
    in_time = Q(expires_at=None) | Q(expires_at__gt=now())
    taken = (
        Arrival.objects.open()
        .free()
        .filter(in_time, pk=arrival_id, kind=kind)
        .update(state=Arrival.State.WORKING, attempts=F("attempts") + 1, held_until=now() + HOLD)
    )
    return Arrival.objects.select_related("owner").get(pk=arrival_id) if taken else None


def mine(claimed: Arrival) -> ArrivalQuerySet:
    """The row, unless it has ended or somebody else has claimed it since."""
    return Arrival.objects.filter(
        pk=claimed.pk, state=Arrival.State.WORKING, attempts=claimed.attempts
    )


def put_back(claimed: Arrival, *, wait: timedelta = timedelta(0)) -> None:
    """Let others begin, after a while."""
    mine(claimed).update(state=Arrival.State.WAITING, held_until=now() + wait)


def fail(claimed: Arrival, error: DomainError) -> None:
    """End it with a reason."""
    end(mine(claimed), error)


def end(rows: ArrivalQuerySet, error: DomainError) -> None:
    """End those among `rows`, whoever holds them."""
    rows.update(
        state=Arrival.State.FAILED,
        error_code=error.code,
        error_detail=error.detail,
        held_until=None,
    )
