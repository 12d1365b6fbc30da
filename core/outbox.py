"""The outbox: an event is a row first, then a message; a lost message is sent again.

`emit` is called by services inside their transaction. It runs the reactions that belong to the
same transaction, stores the event, and publishes it on commit. `sweep` sends what a crash or an
absent broker kept from being sent.

That an event was published is noted beside the messages, in Redis, and written into the rows by
the sweep, many at once: to write each would be another transaction for everything that happens. A
Redis that forgets the notes has forgotten the messages too, and they are sent again. Who takes
messages away takes the notes away with them (docs/operations.md).
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from celery import Task
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils.module_loading import import_string
from kombu.exceptions import EncodeError, OperationalError
from redis.exceptions import RedisError

from core.clock import now
from core.events import Event
from core.models import OutboxEvent
from core.redis import client

logger = logging.getLogger(__name__)
LOST_AFTER = timedelta(seconds=10)
BATCH = 500
_NOTED = "outbox:published"
_WAITING = Q(published_at__isnull=True, refused_at__isnull=True)


@dataclass(frozen=True, slots=True)
class Reactions:
    """What follows from one kind of event.

    `within`: functions called with the event in the same transaction (both happen or neither).
    `after`: Celery tasks called with the event's payload as keywords, once it is committed.
    """

    within: tuple[Callable[[Any], None], ...] = ()
    after: tuple[Task[..., Any], ...] = field(default=())


def reactions_to(name: str) -> Reactions:
    table: Mapping[type[Event], Reactions] = import_string(settings.OUTBOX_REACTIONS)
    return next((follow for event, follow in table.items() if event.name() == name), Reactions())


def emit(event: Event) -> None:
    """Record that `event` happened. Must be called inside `transaction.atomic`."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("emit() belongs inside a transaction.")
    reactions = reactions_to(event.name())
    for reaction in reactions.within:
        reaction(event)
    if not reactions.after:
        return
    row = OutboxEvent.objects.create(name=event.name(), payload=event.payload())
    transaction.on_commit(lambda: _publish_and_note(row))


def sweep() -> int:
    """Publish what should have been published; the number of events sent.

    Several at once disturb each other no more than by sending an event twice.
    """
    try:
        _mark_noted()
    except RedisError as error:
        logger.warning("redis away, the outbox waits: %s", error)
        return 0
    lost = OutboxEvent.objects.filter(_WAITING, created_at__lt=now() - LOST_AFTER)
    first = lost.order_by("created_at").values_list("id", flat=True)[:BATCH]
    return sum(_publish_alone(event_id) for event_id in first)


class _Refused(Exception):
    """An event does not fit what should follow from it: an old one after an upgrade, perhaps."""


def _publish(row: OutboxEvent) -> bool:
    """Send the tasks that follow from a stored event. False if it could not be done now.

    Raises _Refused if it never can; tasks before the one that it does not fit were sent.
    """
    follow = reactions_to(row.name).after
    if not follow:  # what nothing follows from is not stored, so it has been renamed or is gone
        logger.error("event %s (%s) is not known", row.id, row.name)
        raise _Refused
    try:
        for task in follow:
            task.apply_async(kwargs=row.payload)
    except OperationalError as error:
        logger.warning("broker away, event %s waits in the outbox: %s", row.id, error)
        return False
    except (TypeError, EncodeError) as error:
        logger.exception("event %s (%s) cannot be published", row.id, row.name)
        raise _Refused from error
    except Exception:
        logger.exception("event %s (%s) waits in the outbox", row.id, row.name)
        return False
    return True


def _publish_and_note(row: OutboxEvent) -> None:
    try:
        if not _publish(row):
            return
    except _Refused:
        return  # the sweep puts it aside
    try:
        client().sadd(_NOTED, row.pk.bytes)
    except RedisError as error:
        logger.warning("redis away, event %s will be sent twice: %s", row.id, error)


def _mark_noted() -> None:
    """A note is taken away when its row says so, and not before. Raises RedisError."""
    while noted := client().srandmember(_NOTED, BATCH):
        keys = [UUID(bytes=key) for key in cast(list[bytes], noted)]
        unmarked = OutboxEvent.objects.filter(pk__in=keys, published_at=None)
        unmarked.update(published_at=now())
        client().srem(_NOTED, *(key.bytes for key in keys))


@transaction.atomic
def _publish_alone(event_id: UUID) -> bool:
    """Publish one event unless another sweeper has it in hand."""
    waiting = OutboxEvent.objects.select_for_update(skip_locked=True).filter(_WAITING, pk=event_id)
    mine = waiting.first()
    if mine is None:
        return False
    try:
        if not _publish(mine):
            return False
        mine.published_at = now()
    except _Refused:
        mine.refused_at = now()
    mine.save(update_fields=["published_at", "refused_at"])
    return mine.refused_at is None
