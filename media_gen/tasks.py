"""The doorbell rings at a queue: somebody waits there. Whose turn it is, the rows say."""

import logging
from typing import Any

from celery import shared_task
from django.core.cache import cache
from kombu.exceptions import OperationalError

from media_gen import engine, reconciliation, turns
from media_gen.backends.registry import queues
from media_gen.sweep import sweep

logger = logging.getLogger(__name__)


@shared_task
def serve(queue: str) -> None:
    """Work on the job whose turn it is, then ring for who waits for the room that came free."""
    lease = turns.claim_next(queue)
    if lease is not None:
        engine.work_on(lease)
    for each in queues():
        wait = turns.seconds_to_next(each)
        if wait:
            _ring_later(each, wait)
        elif wait is not None and lease is not None:
            _ring(each)


def route(name: str, args: Any, kwargs: Any, options: Any, task: Any = None, **_: Any) -> Any:
    """Celery's router: a bell goes to the workers of its queue."""
    return {"queue": kwargs["queue"]} if name == serve.name else None


@shared_task
def requeue_stalled_jobs() -> None:
    """The sweep: jobs whose worker died, whose bell was lost, whose time is up."""
    sweep()


@shared_task
def reconcile_ledger() -> None:
    """Nightly: an operator reads of every fault (manage.py reconcile shows them again)."""
    for subject, detail in reconciliation.faults():
        logger.error("ledger: %s: %s", subject, detail)


def _ring_later(queue: str, seconds: float) -> None:
    """One alarm is enough for all who wait for time to pass."""
    if cache.add(f"alarm:{queue}", 1, timeout=seconds):
        _ring(queue, countdown=seconds)


def _ring(queue: str, countdown: float = 0.0) -> None:
    try:
        serve.apply_async(kwargs={"queue": queue}, countdown=countdown)
    except OperationalError as error:
        logger.warning("broker away, queue %s is rung by the next sweep: %s", queue, error)
