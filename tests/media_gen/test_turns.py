"""Whose turn it is, and who is told what about it."""

import time
from datetime import timedelta
from uuid import UUID

import pytest
from django.core.cache import cache

from core.clock import now
from media_gen import engine, tasks, turns
from media_gen.backends.registry import aliases_on
from media_gen.models import BackendCondition, GenerationJob
from media_gen.places import places

pytestmark = pytest.mark.django_db


@pytest.fixture
def line(script, settings):
    """The failing backend, configured: `line("ok", CONCURRENCY=1)`."""

    def configure(words="ok", **terms):
        script(words)
        settings.GENERATION_BACKENDS["failing"].update(terms)

    return configure


@pytest.fixture
def bells(monkeypatch):
    """The queues that were rung, with their countdown."""
    rung = []
    cache.delete("alarm:generate")  # that another test has set

    def apply_async(kwargs, countdown=0.0):
        rung.append((kwargs["queue"], countdown))

    monkeypatch.setattr(tasks.serve, "apply_async", apply_async)
    return rung


def next_owner():
    lease = turns.claim_next("generate")
    if lease is None:
        return None
    return GenerationJob.objects.get(pk=lease.job_id).owner.username


def work_on_next():
    lease = turns.claim_next("generate")
    engine.work_on(lease)
    return GenerationJob.objects.get(pk=lease.job_id).owner.username


def test_who_asked_once_does_not_wait_for_who_asked_often(author, stranger, follower, line, ask):
    line()
    for _ in range(5):
        ask(author)
    ask(stranger)
    ask(follower)
    served = [work_on_next() for _ in range(7)]
    assert served[:3] == ["author", "stranger", "follower"]
    assert served[3:] == ["author"] * 4


def test_who_was_served_longest_ago_is_next(author, stranger, line, ask):
    line()
    for client in (author, author, author, stranger, stranger, stranger):
        ask(client)
    assert [work_on_next() for _ in range(6)] == ["author", "stranger"] * 3


def test_who_comes_later_does_not_push_back_who_waits(author, stranger, line, ask):
    line()
    ask(author)
    ask(author)
    assert work_on_next() == "author"
    ask(stranger)
    assert [work_on_next() for _ in range(2)] == ["author", "stranger"]


def test_who_waits_at_one_backend_may_use_another(author, stranger, line, ask, settings):
    """Or whoever does so would wait for ever: somebody new would always go first."""
    line(CONCURRENCY=1)
    settings.GENERATION_BACKENDS["other"] = settings.GENERATION_BACKENDS["failing"] | {}
    ask(author)
    begun = turns.claim_next("generate")
    waiting = ask(author)
    ask(stranger)
    ask(author, backend="other")
    assert next_owner() == "author"  # at the other one
    engine.work_on(begun)
    assert places(GenerationJob.objects.filter(pk=waiting["id"]))[UUID(waiting["id"])].position == 0
    assert next_owner() == "author"


def test_nobody_has_more_than_their_share_at_work(author, stranger, line, ask, settings):
    line()
    settings.JOBS_RUNNING_PER_PERSON = 2
    for _ in range(3):
        ask(author)
    assert [next_owner() for _ in range(3)] == ["author", "author", None]
    ask(stranger)
    assert next_owner() == "stranger"


def test_a_backend_gets_no_more_than_it_can_do(author, stranger, line, ask):
    line(CONCURRENCY=1)
    ask(author)
    ask(stranger)
    assert [next_owner(), next_owner()] == ["author", None]


def test_a_backend_is_begun_no_more_often_than_it_may(author, stranger, line, ask, bells):
    line(PER_MINUTE=6)
    ask(author)
    ask(stranger)
    assert [next_owner(), next_owner()] == ["author", None]
    assert 9 < turns.waits_on("generate")[0] <= 10
    BackendCondition.objects.update(free_at=now())
    assert next_owner() == "stranger"


def test_a_queue_serves_its_own_backends(author, line, ask):
    line(QUEUE="media")
    ask(author)
    assert aliases_on("media") == ["failing"]
    assert next_owner() is None
    assert turns.claim_next("media") is not None


def test_a_retry_waits_for_its_time(author, line, ask):
    line("busy")
    ask(author)
    GenerationJob.objects.update(retry_at=now() + timedelta(seconds=60))
    assert next_owner() is None
    (wait,) = turns.waits_on("generate")
    assert 59 < wait <= 60


def test_what_is_served_rings_for_who_waits(author, line, ask, bells):
    line()
    tasks.serve("generate")
    assert bells == [], "nobody waits"
    ask(author)
    ask(author)
    tasks.serve("generate")
    assert bells == [("generate", 0.0)] * 2, "before the work and after it"
    tasks.serve("generate")
    assert len(bells) == 2
    assert set(GenerationJob.objects.values_list("state", flat=True)) == {"succeeded"}


def test_one_alarm_is_set_for_all_who_wait_for_time_to_pass(author, line, ask, bells):
    line(PER_MINUTE=1)
    for _ in range(3):
        ask(author)
    for _ in range(3):
        tasks.serve("generate")
    (alarm,) = bells
    assert alarm[0] == "generate"
    assert 50 < alarm[1] <= 60


def test_who_waits_is_rung_for_before_the_work(author, line, ask, bells, monkeypatch):
    """Work may take minutes, and the pace or other slots allow the next long before."""
    rung = []
    monkeypatch.setattr(engine, "work_on", lambda lease: rung.extend(bells))
    line()
    ask(author)
    ask(author)
    tasks.serve("generate")
    assert rung == [("generate", 0.0)]


def test_an_earlier_alarm_is_set_beside_a_later_one(author, line, ask, bells, settings):
    """Nor does a job that waits for room keep one from being set."""
    line()
    for alias in ("slow", "full"):
        settings.GENERATION_BACKENDS[alias] = dict(settings.GENERATION_BACKENDS["failing"])
    slow, soon, _ = ask(author, backend="slow"), ask(author), ask(author, backend="full")
    for job, seconds in ((slow, 600), (soon, 601)):
        later = now() + timedelta(seconds=seconds)
        GenerationJob.objects.filter(pk=job["id"]).update(retry_at=later)
    settings.GENERATION_BACKENDS["full"]["CONCURRENCY"] = 0
    tasks.serve("generate")
    retry_at = now() + timedelta(seconds=5)
    GenerationJob.objects.filter(pk=soon["id"]).update(retry_at=retry_at)
    for _ in range(2):
        tasks.serve("generate")
    assert [round(seconds, -1) for _, seconds in bells] == [600, 0]


def test_an_alarm_that_has_rung_keeps_no_other_from_being_set(author, line, ask, bells):
    """The cache may keep it a little longer than it was set for."""
    cache.set("alarm:generate", time.time() - 0.05, timeout=60)
    line()
    ask(author)
    GenerationJob.objects.update(retry_at=now() + timedelta(seconds=5))
    tasks.serve("generate")
    assert len(bells) == 1
    cache.delete("alarm:generate")


def test_a_bell_that_finds_no_room_rings_nobody(author, stranger, line, ask, bells):
    line(CONCURRENCY=1)
    ask(author)
    ask(stranger)
    assert next_owner() == "author"
    tasks.serve("generate")
    assert bells == []


def test_places_are_kept_in_the_order_told(author, stranger, follower, line, ask):
    """Whatever place a job was told, that many were served before it."""
    line()
    for client in (author, author, author, stranger, follower, follower):
        ask(client)
    rows = list(GenerationJob.objects.all())
    told = {job.pk: place.position for job in rows if (place := places([job])[job.pk])}
    assert told == {pk: place.position for pk, place in places(rows).items()}
    served = []
    while lease := turns.claim_next("generate"):
        engine.work_on(lease)
        served.append(lease.job_id)
    assert [told[job] for job in served] == list(range(6))


def test_an_estimate_comes_from_what_jobs_took(author, line, ask):
    line(CONCURRENCY=1)
    assert ask(author)["estimated_seconds"] is None
    BackendCondition.objects.create(alias="failing", typical_seconds=7.0)
    second = ask(author)
    assert (second["queue_position"], second["estimated_seconds"]) == (1, 14.0)
    work_on_next()
    shown = author.get(f"/api/v1/generations/{second['id']}").json()
    assert shown["queue_position"] == 0
    assert 0 < shown["estimated_seconds"] < 7


def test_a_place_tells_of_no_other_backend(author, stranger, line, ask, settings):
    line()
    settings.GENERATION_BACKENDS["other"] = settings.GENERATION_BACKENDS["failing"]
    ask(author, backend="other")
    assert ask(stranger)["queue_position"] == 0
    assert ask(stranger, backend="other")["queue_position"] == 1
