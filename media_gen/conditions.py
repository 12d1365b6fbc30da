"""How backends fare: the circuit that opens when one fails, its pace, and how long it takes.

A backend that failed CIRCUIT_AFTER times in a row is left alone, longer each time; after that one
job tries it, and the first success closes the circuit (the pattern of M. Nygard, "Release It!").
"""

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db.models import BooleanField, ExpressionWrapper, F, Q, QuerySet, Value
from django.db.models.functions import Coalesce, Greatest, Now

from core.clock import now
from media_gen.backends.errors import BackendError, Busy, Unusable
from media_gen.backends.registry import Terms, terms_of
from media_gen.models import BackendCondition

REST = timedelta(seconds=30)
LONGEST_REST = timedelta(minutes=10)
REST_OF_UNUSABLE = timedelta(minutes=5)
REMEMBERED = 0.8


def of(alias: str) -> BackendCondition:
    return BackendCondition.objects.filter(pk=alias).first() or BackendCondition(alias=alias)


def slots(aliases: Iterable[str]) -> dict[str, int]:
    """How many jobs may be at work at each backend now.

    None while it is left alone or keeps its pace, one while it has yet to succeed again.
    """
    found = {alias: terms_of(alias).concurrency for alias in aliases}
    rests = Q(open_until__gt=Now()) | Q(free_at__gt=Now())
    known = BackendCondition.objects.filter(alias__in=found).annotate(
        rests=Coalesce(ExpressionWrapper(rests, BooleanField()), False)
    )
    for condition in known:
        if condition.rests:
            found[condition.alias] = 0
        elif condition.failures >= settings.CIRCUIT_AFTER:
            found[condition.alias] = 1
    return found


def seconds_closed(condition: BackendCondition) -> float:
    """How long the backend will be left alone; 0 while its circuit is closed."""
    if condition.open_until is None:
        return 0.0
    return max(0.0, (condition.open_until - now()).total_seconds())


def begun(alias: str, terms: Terms) -> None:
    """Keep the pace of a backend that may begin so many jobs a minute."""
    if terms.per_minute:
        between = timedelta(minutes=1) / terms.per_minute
        _row(alias).update(free_at=Greatest(Now(), Coalesce("free_at", Now())) + Value(between))


def worked(alias: str, seconds: float) -> None:
    """An image came out."""
    blended = REMEMBERED * F("typical_seconds") + (1 - REMEMBERED) * seconds
    _row(alias).update(
        failures=0, open_until=None, reason="", typical_seconds=Coalesce(blended, Value(seconds))
    )


def failed(alias: str, error: Exception) -> None:
    """The backend did not do what it is there for. Its refusal of a request is no failure."""
    code = error.code if isinstance(error, BackendError) else "backend_broken"
    if isinstance(error, Unusable):
        opened = {"failures": Greatest("failures", Value(settings.CIRCUIT_AFTER))}
        _row(alias).update(**opened, reason=code, open_until=Now() + Value(REST_OF_UNUSABLE))
    elif isinstance(error, Busy) and error.retry_after is not None:
        wait = min(timedelta(seconds=error.retry_after), LONGEST_REST)
        _row(alias).update(free_at=Greatest("free_at", Now() + Value(wait)))
    else:
        _row(alias).update(failures=F("failures") + 1, reason=code)
        failures = of(alias).failures
        if failures >= settings.CIRCUIT_AFTER:
            doubled = 2 ** min(failures - settings.CIRCUIT_AFTER, 10)
            rest = min(REST * doubled, LONGEST_REST)
            _row(alias).update(open_until=Now() + Value(rest))


def _row(alias: str) -> QuerySet[BackendCondition]:
    BackendCondition.objects.get_or_create(alias=alias)
    return BackendCondition.objects.filter(pk=alias)
