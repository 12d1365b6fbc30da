"""A backend that fails is left alone, says so, and is tried again with one job."""

from datetime import timedelta
from uuid import UUID

import pytest

from core.clock import now
from media_gen import conditions, engine, lease, turns
from media_gen.backends.errors import Busy
from media_gen.backends.http import retry_after
from media_gen.models import BackendCondition, GenerationJob
from media_gen.sweep import sweep

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def patience(settings):
    settings.CIRCUIT_AFTER = 3
    settings.JOB_MAX_ATTEMPTS = 1


def try_next():
    lease = turns.claim_next("generate")
    if lease is None:
        return None
    engine.work_on(lease)
    return GenerationJob.objects.get(pk=lease.job_id).state


def shown(client):
    return client.get("/api/v1/backends").json()[0]


def test_failures_in_a_row_open_the_circuit(author, anonymous, script, ask):
    script("broken")
    for _ in range(4):
        ask(author)
    assert shown(anonymous)["healthy"] is True
    assert [try_next() for _ in range(4)] == ["failed", "failed", "failed", None]
    assert shown(anonymous)["healthy"] is False
    assert 0 < shown(anonymous)["retry_after"] <= 30
    answer = author.post("/api/v1/generations", {"prompt": "x", "width": 64, "height": 64})
    assert (answer.status_code, answer.json()["code"]) == (503, "backend_unavailable")
    assert 0 < int(answer["Retry-After"]) <= 30
    assert GenerationJob.objects.count() == 4
    assert author.get("/api/v1/me").json()["credits"] == 199


def test_afterwards_one_job_tries_and_a_success_closes_it(author, stranger, script, ask):
    script("broken")
    for _ in range(3):
        ask(author)
        try_next()
    BackendCondition.objects.update(open_until=now() - timedelta(seconds=1))
    script("ok")
    ask(author)
    ask(stranger)
    trial = turns.claim_next("generate")
    assert turns.claim_next("generate") is None, "one at a time while it is on trial"
    engine.work_on(trial)
    condition = BackendCondition.objects.get()
    assert (condition.failures, condition.open_until, condition.reason) == (0, None, "")
    assert try_next() == "succeeded"


def test_each_failed_trial_makes_the_rest_longer(author, script, ask):
    script("broken")
    rests = []
    for _ in range(9):
        ask(author)
        try_next()
        condition = BackendCondition.objects.get()
        if condition.open_until:
            rests.append(round((condition.open_until - now()).total_seconds()))
        BackendCondition.objects.update(open_until=None)
    assert rests == [30, 60, 120, 240, 480, 600, 600]


@pytest.mark.parametrize("words", ["refused", "bad_request"])
def test_what_the_asker_did_wrong_is_no_failure(author, script, ask, words):
    script(words)
    for _ in range(4):
        ask(author)
        try_next()
    assert not BackendCondition.objects.filter(failures__gt=0).exists()


def test_storage_that_is_away_is_not_the_backends_fault(author, script, ask, monkeypatch):
    def away(**kwargs):
        raise OSError("no space left")

    monkeypatch.setattr(engine.media, "admit", away)
    script("ok")
    for _ in range(4):
        ask(author)
        assert try_next() == "failed"
    assert not BackendCondition.objects.filter(failures__gt=0).exists()
    job = GenerationJob.objects.first()
    assert (job.error_code, job.error_retryable) == ("internal", True)
    assert "space" not in job.error_detail


def test_a_wrong_key_opens_it_at_once_and_is_not_tried_again(
    author, anonymous, script, ask, settings
):
    settings.JOB_MAX_ATTEMPTS = 3
    script("unusable")
    job = ask(author)
    assert try_next() == "failed"
    error = author.get(f"/api/v1/generations/{job['id']}").json()["error"]
    assert (error["code"], error["retryable"]) == ("backend_unusable", True)
    assert shown(anonymous)["retry_after"] > 200
    assert author.get("/api/v1/me").json()["credits"] == 200


def test_an_answer_that_was_lost_is_asked_for_once_more(author, script, ask, settings):
    settings.JOB_MAX_ATTEMPTS = 3
    script("uncertain")
    ask(author)
    assert [try_next(), try_next(), try_next()] == ["queued", "failed", None]
    job = GenerationJob.objects.get()
    assert (job.attempt, job.error_code) == (2, "answer_lost")


def test_a_backend_that_asks_for_time_gets_it(author, stranger, script, ask, monkeypatch, settings):
    from media_gen.backends.errors import Busy
    from media_gen.backends.failing import FailingBackend

    def busy(self, request, watch):
        raise Busy("Too many requests.", retry_after=20)

    settings.JOB_MAX_ATTEMPTS = 3
    script("ok")
    monkeypatch.setattr(FailingBackend, "generate", busy)
    ask(author)
    ask(stranger)
    assert [try_next(), try_next()] == ["queued", None]
    assert 19 < turns.waits_on("generate")[0] <= 20
    assert BackendCondition.objects.get().failures == 0


def test_a_full_queue_says_when_to_come_again(author, stranger, script, ask, settings):
    settings.JOB_QUEUE_LIMIT = 2
    script("ok")
    ask(author)
    ask(author)
    answer = stranger.post("/api/v1/generations", {"prompt": "x", "width": 64, "height": 64})
    assert (answer.status_code, answer.json()["code"]) == (503, "queue_full")
    assert int(answer["Retry-After"]) > 0
    assert stranger.get("/api/v1/me").json()["credits"] == 200
    assert try_next() == "succeeded"
    ask(stranger)


def test_a_job_that_nobody_came_for_ends_one_day(author, script, ask, settings):
    script("ok")
    job = ask(author)
    settings.JOB_QUEUE_SECONDS = 3600
    GenerationJob.objects.update(created_at=now() - timedelta(seconds=3700))
    sweep()
    error = author.get(f"/api/v1/generations/{job['id']}").json()["error"]
    assert (error["code"], error["retryable"]) == ("expired", True)
    assert author.get("/api/v1/me").json()["credits"] == 200


def test_a_job_of_a_backend_that_is_gone_ends(author, script, ask, settings):
    script("ok")
    job = ask(author)
    settings.GENERATION_BACKENDS = {}
    sweep()
    shown = author.get(f"/api/v1/generations/{job['id']}").json()
    assert (shown["state"], shown["error"]["code"]) == ("failed", "unknown_backend")
    assert author.get("/api/v1/me").json()["credits"] == 200


def test_a_job_at_work_of_a_backend_that_is_gone_keeps_no_other_waiting(
    author, script, ask, settings
):
    script("ok")
    settings.JOB_MAX_ATTEMPTS = 3
    settings.GENERATION_BACKENDS["old"] = settings.GENERATION_BACKENDS["failing"]
    gone, other = ask(author, backend="old"), ask(author, backend="failing")
    for job in (gone, other):
        assert lease.claim(UUID(job["id"])) is not None
    GenerationJob.objects.update(lease_until=now() - timedelta(seconds=1))
    settings.GENERATION_BACKENDS = {"failing": settings.GENERATION_BACKENDS["failing"]}
    sweep()
    assert GenerationJob.objects.get(pk=gone["id"]).error_code == "unknown_backend"
    kept = GenerationJob.objects.get(pk=other["id"])
    assert (kept.state, kept.error_code) == ("queued", "")


@pytest.mark.parametrize("given", ["inf", "-inf", "nan", "1e400", "1e20"])
def test_a_backend_that_asks_for_ever_gets_a_while(given):
    asked = retry_after({"Retry-After": given})
    conditions.failed("failing", Busy("later", retry_after=asked))
    free_at = BackendCondition.objects.get().free_at
    assert free_at is None or free_at <= now() + conditions.LONGEST_REST


def test_a_backend_that_takes_too_long_is_stopped(author, script, ask, settings):
    script("hang")
    settings.GENERATION_BACKENDS["failing"]["DEADLINE"] = 0.2
    ask(author)
    assert try_next() == "failed"
    assert GenerationJob.objects.get().error_code == "timed_out"
    assert BackendCondition.objects.get().failures == 1
