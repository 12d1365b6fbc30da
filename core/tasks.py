"""The sweeps that keep the machinery honest."""

from datetime import timedelta

from celery import shared_task
from django.core.cache import cache

from core import outbox
from core.clock import now
from core.models import IdempotentRequest, OutboxEvent

KEEP_EVENTS = timedelta(days=7)
KEEP_ANSWERS = timedelta(days=1)


def canary_key(queue: str) -> str:
    return f"canary:{queue}"


@shared_task
def sweep_outbox() -> None:
    """Every event is published, even if the process or the broker died at its commit."""
    outbox.sweep()


@shared_task
def sing(queue: str) -> None:
    """The canary of a queue: while it sings, a worker listens there. See /readyz."""
    cache.set(canary_key(queue), now().timestamp(), timeout=3600)


@shared_task
def forget_old_messages() -> None:
    """Published events are kept a week for the operator, idempotent answers a day."""
    OutboxEvent.objects.filter(published_at__lt=now() - KEEP_EVENTS).delete()
    IdempotentRequest.objects.filter(created_at__lt=now() - KEEP_ANSWERS).delete()
