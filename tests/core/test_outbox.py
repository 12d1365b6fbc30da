"""An event is told after its commit, once or more, and never lost."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
import redis
from django.db import transaction
from kombu.exceptions import OperationalError

from core import outbox
from core.clock import now
from core.events import Event
from core.models import OutboxEvent
from core.redis import NO_RETRY, client
from media_gen import tasks as media_gen
from media_gen.events import JobQueued
from notifications import tasks as notifications

JOB = "01890000-0000-7000-8000-000000000000"


@pytest.fixture
def sent(monkeypatch):
    """Messages that would have gone to the broker; `sent.broken` makes the broker away."""

    class Sent(list):
        broken = False

    messages = Sent()

    def apply_async(kwargs, **options):
        if messages.broken:
            raise OperationalError("away")
        messages.append(kwargs)

    monkeypatch.setattr(media_gen.serve, "apply_async", apply_async)
    return messages


@pytest.mark.django_db(transaction=True)
def test_an_event_is_published_at_its_commit_and_not_before(sent):
    with transaction.atomic():
        outbox.emit(JobQueued(queue="generate"))
        assert sent == []
    assert sent == [{"queue": "generate"}]


@pytest.mark.django_db(transaction=True)
def test_the_sweep_writes_down_what_was_published_and_does_not_send_it_again(sent):
    with transaction.atomic():
        outbox.emit(JobQueued(queue="generate"))
        outbox.emit(JobQueued(queue="generate"))
    OutboxEvent.objects.update(created_at=now() - timedelta(seconds=30))
    assert outbox.sweep() == 0
    assert not OutboxEvent.objects.filter(published_at=None).exists()
    assert len(sent) == 2


@pytest.mark.django_db(transaction=True)
def test_a_redis_that_forgot_what_was_published_has_it_sent_again(sent):
    with transaction.atomic():
        outbox.emit(JobQueued(queue="generate"))
    client().flushdb()
    OutboxEvent.objects.update(created_at=now() - timedelta(seconds=30))
    assert outbox.sweep() == 1
    assert len(sent) == 2


@pytest.mark.django_db(transaction=True)
def test_without_redis_for_the_note_the_event_is_published_all_the_same(sent, monkeypatch):
    away = redis.Redis(port=1, retry=NO_RETRY)
    monkeypatch.setattr(outbox, "client", lambda: away)
    with transaction.atomic():
        outbox.emit(JobQueued(queue="generate"))
    OutboxEvent.objects.update(created_at=now() - timedelta(seconds=30))
    assert outbox.sweep() == 0, "nobody knows what was published"
    assert sent == [{"queue": "generate"}]


@pytest.mark.django_db(transaction=True)
def test_what_was_rolled_back_never_happened(sent):
    with transaction.atomic():
        outbox.emit(JobQueued(queue="generate"))
        transaction.set_rollback(True)
    assert sent == []
    assert not OutboxEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_without_a_broker_it_waits_and_is_swept(sent):
    sent.broken = True
    with transaction.atomic():
        outbox.emit(JobQueued(queue="generate"))
    sent.broken = False
    assert outbox.sweep() == 0, "too young to be lost"
    OutboxEvent.objects.update(created_at=now() - timedelta(seconds=30))
    assert outbox.sweep() == 1
    assert outbox.sweep() == 0
    assert sent == [{"queue": "generate"}]


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_a_transaction_is_a_mistake():
    with pytest.raises(transaction.TransactionManagementError):
        outbox.emit(JobQueued(queue="generate"))


@dataclass(frozen=True, slots=True, kw_only=True)
class NobodyMinds(Event):
    post_id: str


@pytest.mark.django_db
def test_an_event_without_consequences_is_not_stored():
    outbox.emit(NobodyMinds(post_id=JOB))
    assert not OutboxEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_one_event_that_cannot_be_sent_does_not_stop_the_others(sent, monkeypatch):
    old = now() - timedelta(minutes=1)
    for payload in ({"of": "an older version"}, {"queue": "generate"}):
        OutboxEvent.objects.create(name=JobQueued.name(), payload=payload)
    OutboxEvent.objects.update(created_at=old)

    monkeypatch.setattr(media_gen.serve, "apply_async", _with_arguments_checked(sent))
    assert outbox.sweep() == 1
    assert sent == [{"queue": "generate"}]
    assert OutboxEvent.objects.get(published_at=None).refused_at


@pytest.mark.django_db(transaction=True)
def test_what_of_an_event_can_be_sent_is_not_sent_with_each_sweep(sent, monkeypatch):
    follow = outbox.Reactions(after=(media_gen.serve, notifications.tell_followed))
    monkeypatch.setattr(outbox, "reactions_to", lambda name: follow)
    OutboxEvent.objects.create(name=JobQueued.name(), payload={"queue": "generate"})
    OutboxEvent.objects.update(created_at=now() - timedelta(minutes=1))
    for _ in range(3):
        assert outbox.sweep() == 0
    assert sent == [{"queue": "generate"}]


@pytest.mark.django_db(transaction=True)
def test_an_event_that_nobody_knows_any_more_is_put_aside(sent):
    OutboxEvent.objects.create(name="posts.Forgotten", payload={"post_id": JOB})
    OutboxEvent.objects.update(created_at=now() - timedelta(minutes=1))
    assert outbox.sweep() == 0
    row = OutboxEvent.objects.get()
    assert (row.published_at, bool(row.refused_at)) == (None, True)


@pytest.mark.django_db(transaction=True)
def test_many_that_cannot_be_sent_do_not_stand_before_one_that_can(sent, monkeypatch):
    monkeypatch.setattr(outbox, "BATCH", 3)
    monkeypatch.setattr(media_gen.serve, "apply_async", _with_arguments_checked(sent))
    old = [OutboxEvent(name=JobQueued.name(), payload={"of": "old"}) for _ in range(3)]
    OutboxEvent.objects.bulk_create(old)
    OutboxEvent.objects.create(name=JobQueued.name(), payload={"queue": "generate"})
    OutboxEvent.objects.update(created_at=now() - timedelta(minutes=1))
    OutboxEvent.objects.filter(payload__queue="generate").update(
        created_at=now() - timedelta(seconds=30)
    )
    assert outbox.sweep() == 0
    assert outbox.sweep() == 1
    assert sent == [{"queue": "generate"}]


@pytest.mark.django_db(transaction=True)
def test_what_fails_for_a_reason_of_its_own_is_tried_again(sent, monkeypatch):
    whole = media_gen.serve.apply_async

    def fail(kwargs, **options):
        raise RuntimeError("out of luck")

    monkeypatch.setattr(media_gen.serve, "apply_async", fail)
    with transaction.atomic():
        outbox.emit(JobQueued(queue="generate"))
    OutboxEvent.objects.update(created_at=now() - timedelta(seconds=30))
    assert outbox.sweep() == 0
    monkeypatch.setattr(media_gen.serve, "apply_async", whole)
    assert outbox.sweep() == 1
    assert sent == [{"queue": "generate"}]


def _with_arguments_checked(sent):
    def apply_async(kwargs, **options):
        if "queue" not in kwargs:
            raise TypeError("unexpected payload")
        sent.append(kwargs)

    return apply_async
