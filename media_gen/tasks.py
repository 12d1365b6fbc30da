"""The doorbell rings at a queue: somebody waits there. Whose turn it is, the rows say."""

import logging
import time
from math import ceil
from typing import Any

from celery import shared_task
from django.core.cache import cache
from kombu.exceptions import OperationalError

from media_gen import engine, reconciliation, turns
from media_gen.backends.registry import queues
from media_gen.sweep import sweep

logger = logging.getLogger(__name__)
AT_ONCE_SECONDS = 0.1  # apart, two alarms are one


@shared_task
def serve(queue: str) -> None:
    """Work on the job whose turn it is. Who waits is rung for before, since there may be room for
    more, and afterwards, for the room that came free."""
    lease = turns.claim_next(queue)
    _ring_for_who_waits(room=lease is not None)
    if lease is not None:
        engine.work_on(lease)
        _ring_for_who_waits(room=True)


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


def _ring_for_who_waits(*, room: bool) -> None:
    """`room`: whether there may be some; a bell that found none need not be followed by another."""
    for queue in queues():
        waits = turns.waits_on(queue)
        if room and 0.0 in waits:
            _ring(queue)
        if later := [wait for wait in waits if wait]:
            _ring_later(queue, min(later))


def _ring_later(queue: str, seconds: float) -> None:
    """One alarm is enough for all who wait for time to pass, if it is to come, and in time."""
    moment, alarm = time.time(), cache.get(f"alarm:{queue}", 0.0)
    if not moment + AT_ONCE_SECONDS < alarm <= moment + seconds + AT_ONCE_SECONDS:
        cache.set(f"alarm:{queue}", moment + seconds, timeout=ceil(seconds))
        _ring(queue, countdown=seconds)


def _ring(queue: str, countdown: float = 0.0) -> None:
    try:
        serve.apply_async(kwargs={"queue": queue}, countdown=countdown)
    except OperationalError as error:
        logger.warning("broker away, queue %s is rung by the next sweep: %s", queue, error)
