"""A wrong backend is told by `manage.py check` and `migrate`, not by a job."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from media_gen.backends.registry import Terms, backends, terms_of

KEYS = {"BACKEND", "OPTIONS", "QUEUE", "CONCURRENCY", "PER_MINUTE", "DEADLINE"}
STORING_SECONDS = 60


def check_backends(**_: Any) -> list[CheckMessage]:
    found = [error for alias in settings.GENERATION_BACKENDS for error in _faults(alias)]
    if settings.DEFAULT_GENERATION_BACKEND not in settings.GENERATION_BACKENDS:
        named = settings.DEFAULT_GENERATION_BACKEND
        found.append(f"DEFAULT_GENERATION_BACKEND is {named!r}, which is not configured.")
    return [Error(text, id="media_gen.E001") for text in found]


def _faults(alias: str) -> Iterator[str]:
    configured = settings.GENERATION_BACKENDS[alias]
    if unknown := set(configured) - KEYS:
        yield f"GENERATION_BACKENDS[{alias!r}] has unknown keys: {', '.join(sorted(unknown))}."
        return
    try:
        can = backends[alias].capabilities
    except KeyError as error:
        yield f"The generation backend {alias!r} cannot be made: its OPTIONS lack {error}."
        return
    except Exception as error:  # noqa: BLE001  # whatever a plug-in raises is what is wrong with it
        yield f"The generation backend {alias!r} cannot be made: {type(error).__name__}: {error}"
        return
    if not can.models or not can.operations:
        yield f"The generation backend {alias!r} offers no models, or nothing to do with them."
    yield from _wrong_terms(alias, terms_of(alias))


def _wrong_terms(alias: str, terms: Terms) -> Iterator[str]:
    where = f"GENERATION_BACKENDS[{alias!r}]"
    if terms.queue not in settings.CELERY_TASK_QUEUES:
        yield f"{where}: QUEUE {terms.queue!r} is not in CELERY_TASK_QUEUES."
    if terms.concurrency < 1:
        yield f"{where}: CONCURRENCY must be 1 or more."
    if terms.per_minute is not None and terms.per_minute <= 0:
        yield f"{where}: PER_MINUTE must be more than 0, or left out."
    longest = settings.CELERY_TASK_TIME_LIMIT - STORING_SECONDS
    if not 0 < terms.deadline <= longest:
        yield f"{where}: DEADLINE must be at most {longest} s, or Celery ends the worker first."
