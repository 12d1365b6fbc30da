"""How backends fare: the circuit that opens when one fails, its pace, and how long it takes.

A backend that failed CIRCUIT_AFTER times in a row is left alone, longer each time; after that one
job tries it, and the first success closes the circuit (the pattern of M. Nygard, "Release It!").
"""

from datetime import timedelta

from django.conf import settings
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Coalesce, Greatest, Now

from core.clock import now
from media_gen.backends.errors import BackendError, Busy, Unusable
from media_gen.backends.registry import Terms
from media_gen.models import BackendCondition

REST = timedelta(seconds=30)
LONGEST_REST = timedelta(minutes=10)
REST_OF_UNUSABLE = timedelta(minutes=5)
REMEMBERED = 0.8


def of(alias: str) -> BackendCondition:
    return BackendCondition.objects.filter(pk=alias).first() or BackendCondition(alias=alias)


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
        wait = timedelta(seconds=min(error.retry_after, LONGEST_REST.total_seconds()))
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
