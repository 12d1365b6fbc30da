"""The life of a job, from its request to its one end."""

import threading
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import transaction

from core.clock import now
from core.models import OutboxEvent
from credits.models import Entry
from media.models import Asset
from media_gen import engine, lease, watching
from media_gen.models import GenerationJob
from media_gen.sweep import sweep
from media_gen.watching import LeaseWatch
from provenance.models import Generation

pytestmark = pytest.mark.django_db


def shown(client, job):
    return client.get(f"/api/v1/generations/{job['id']}").json()


def balance(client):
    return client.get("/api/v1/me").json()["credits"]


def test_a_job_ends_in_a_labelled_image(author, script, ask, settle):
    script("ok")
    job = ask(author, prompt="a heron", seed=5, prompt_visibility="public")
    assert (job["state"], job["queue_position"], job["cost"]["quoted"]) == ("queued", 0, 1)
    assert balance(author) == 199
    settle(files=True)
    job = shown(author, job)
    assert (job["state"], job["progress"], job["cost"]["charged"]) == ("succeeded", 1.0, 1)
    assert job["error"] is None
    (asset,) = job["outputs"]
    assert asset["state"] == "ready"
    assert asset["provenance"]["origin"] == "ai_generated"
    assert asset["provenance"]["grade"] == "platform_proven"
    assert asset["generation"] == {
        "backend": "failing",
        "model": "failing-1",
        "seed": 5,
        "prompt": "a heron",
    }


def test_the_painter_is_algorithmic_and_not_ai_generated(author, ask, settle):
    job = ask(author, width=128, height=128)
    settle()
    provenance = shown(author, job)["outputs"][0]["provenance"]
    assert (provenance["flag"], provenance["origin"]) == ("ai", "algorithmic")


def test_the_served_file_says_what_it_is(author, anonymous, ask, settle):
    job = ask(author, width=256, height=256)
    settle()
    for source in shown(author, job)["outputs"][0]["sources"]:
        served = anonymous.get(source["url"]).body
        assert b"digitalsourcetype/algorithmicMedia" in served
        assert b"procedural/sketch-1" in served


@pytest.mark.parametrize(
    ("words", "state", "code", "attempts"),
    [
        ("refused", "refused", "refused_by_backend", 1),
        ("bad_request", "failed", "bad_request", 1),
        ("broken", "failed", "backend_broken", 3),
        ("crash", "failed", "backend_broken", 3),
        ("empty", "failed", "no_image", 3),
        ("garbage", "failed", "no_image", 3),
        ("busy", "failed", "busy", 3),
    ],
)
def test_every_failure_ends_the_job_and_costs_nothing(
    author, script, ask, settle, words, state, code, attempts
):
    script(words)
    job = ask(author)
    settle()
    job = shown(author, job)
    assert (job["state"], job["error"]["code"]) == (state, code)
    assert GenerationJob.objects.get().attempt == attempts
    assert balance(author) == 200
    assert job["cost"]["charged"] == 0
    assert not Asset.objects.exists()
    assert "Traceback" not in job["error"]["detail"]


@pytest.mark.parametrize("words", ["busy,ok", "broken,busy,ok", "crash,ok", "empty,ok"])
def test_what_passes_is_tried_again(author, script, ask, settle, words):
    script(words)
    job = ask(author)
    settle()
    assert shown(author, job)["state"] == "succeeded"
    assert balance(author) == 199
    assert Asset.objects.count() == 1


def test_a_waiting_job_is_cancelled_at_once(author, script, ask, settle):
    script("ok")
    job = ask(author)
    answer = author.post(f"/api/v1/generations/{job['id']}/cancel")
    assert answer.json()["state"] == "cancelled"
    assert balance(author) == 200
    settle()
    assert shown(author, job)["state"] == "cancelled"
    assert not Asset.objects.exists()


def test_a_running_job_stops_at_its_next_step(author, script, ask, monkeypatch):
    script("hang")
    monkeypatch.setattr(watching, "REPORT_EVERY_SECONDS", 0)
    job = ask(author)
    extend = lease.Lease.extend

    def cancel_then_extend(self, **kwargs):
        author.post(f"/api/v1/generations/{job['id']}/cancel")
        return extend(self, **kwargs)

    monkeypatch.setattr(lease.Lease, "extend", cancel_then_extend)
    engine.run(UUID(job["id"]))
    job = shown(author, job)
    assert (job["state"], job["cancel_requested"]) == ("cancelled", True)
    assert balance(author) == 200


def test_cancelling_an_ended_job_changes_nothing(author, script, ask, settle):
    script("ok")
    job = ask(author)
    settle()
    before = shown(author, job)
    assert author.post(f"/api/v1/generations/{job['id']}/cancel").json() == before


def test_a_job_is_claimed_once(author, script, ask):
    script("ok")
    job = UUID(ask(author)["id"])
    assert lease.claim(job) is not None
    assert lease.claim(job) is None


def test_a_worker_that_lost_its_lease_changes_nothing(author, script, ask):
    script("ok")
    job = ask(author)
    old = lease.claim(UUID(job["id"]))
    expire(job)
    sweep()
    new = lease.claim(UUID(job["id"]))
    with pytest.raises(lease.LeaseLost):
        old.lock()
    assert new.lock().attempt == 2


def test_a_stalled_job_is_tried_again_and_then_given_up(author, script, ask):
    script("ok")
    job = ask(author)
    for attempt in (1, 2, 3):
        assert lease.claim(UUID(job["id"])) is not None
        expire(job)
        assert sweep() == 1
        row = GenerationJob.objects.get()
        assert row.attempt == attempt
    assert (row.state, row.error_code) == ("failed", "poison")
    assert balance(author) == 200


def test_a_job_that_is_given_up_leaves_its_room_to_others(author, script, ask, settings):
    script("ok")
    settings.JOB_MAX_ATTEMPTS = 1
    job = ask(author)
    lease.claim(UUID(job["id"]))
    expire(job)
    before = OutboxEvent.objects.filter(name__endswith="JobQueued").count()
    sweep()
    assert shown(author, job)["error"]["code"] == "poison"
    assert OutboxEvent.objects.filter(name__endswith="JobQueued").count() == before + 1


def test_a_stalled_job_whose_owner_gave_up_is_cancelled(author, script, ask):
    script("ok")
    job = ask(author)
    lease.claim(UUID(job["id"]))
    author.post(f"/api/v1/generations/{job['id']}/cancel")
    expire(job)
    sweep()
    assert shown(author, job)["state"] == "cancelled"


def test_a_lost_bell_is_rung_again(author, script, ask, settle):
    script("ok")
    job = ask(author)
    OutboxEvent.objects.all().delete()
    assert settle() == 0
    GenerationJob.objects.update(rung_at=now() - timedelta(minutes=1))
    sweep()
    settle()
    assert shown(author, job)["state"] == "succeeded"


def test_an_idempotency_key_gives_the_same_job(author, script, settle):
    script("ok")
    body = {"prompt": "once", "width": 64, "height": 64}
    answers = [
        author.post("/api/v1/generations", body, headers={"Idempotency-Key": "k1"})
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert answers[1]["Idempotent-Replayed"] == "true"
    assert answers[0]["Location"] == answers[1]["Location"]
    assert GenerationJob.objects.count() == 1
    assert balance(author) == 199
    other = author.post(
        "/api/v1/generations", {**body, "prompt": "twice"}, headers={"Idempotency-Key": "k1"}
    )
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"prompt": ""}, "/prompt"),
        ({"prompt": "x" * 4001}, "/prompt"),
        ({"prompt": "a\u0000b"}, "/prompt"),
        ({"prompt": ["list"]}, "/prompt"),
        ({"width": 0}, "/width"),
        ({"width": 99999}, "/width"),
        ({"width": 3000}, "/width"),
        ({"width": "wide"}, "/width"),
        ({"height": True}, "/height"),
        ({"count": 5}, "/count"),
        ({"seed": -1}, "/seed"),
        ({"seed": 2**32}, "/seed"),
        ({"strength": 2}, "/strength"),
        ({"strength": "nan"}, "/strength"),
        ({"backend": "nobody"}, "/backend"),
        ({"model": "nothing"}, "/model"),
        ({"operation": "dance"}, "/operation"),
        ({"operation": "image_to_image"}, "/parents"),
        ({"parents": [{"asset": "x", "relation": "edit_of"}]}, "/parents/0/asset"),
        ({"parents": "x"}, "/parents"),
        ({"surprise": 1}, "/surprise"),
        (
            {"parents": [{"asset": "00000000-0000-7000-8000-000000000000", "relation": "edit_of"}]},
            "/parents",
        ),
    ],
)
def test_bad_requests_name_the_field_and_cost_nothing(author, change, pointer):
    answer = author.post("/api/v1/generations", {"prompt": "ok", **change})
    assert answer.status_code == 400, answer.content
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert not GenerationJob.objects.exists()
    assert balance(author) == 200


def test_a_dry_run_names_the_price_of_all_images(author):
    body = {"prompt": "big", "width": 2048, "height": 2048, "count": 2, "dry_run": True}
    assert author.post("/api/v1/generations", body).json()["cost"] == 8


def test_without_credits_there_is_no_job(author, settings):
    for _ in range(6):
        body = {"prompt": "big", "width": 2048, "height": 2048, "count": 4}
        answer = author.post("/api/v1/generations", body)
    for _ in range(10):
        answer = author.post("/api/v1/generations", body)
    assert (answer.status_code, answer.json()["code"]) == (402, "insufficient_credits")
    assert balance(author) == 200 - 12 * 16
    assert GenerationJob.objects.count() == 12


def test_open_jobs_are_limited(author, script, ask):
    script("ok")
    for _ in range(20):
        ask(author)
    answer = author.post("/api/v1/generations", {"prompt": "x", "width": 64, "height": 64})
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_jobs")
    assert answer["Retry-After"]


def test_jobs_are_nobody_elses_business(author, stranger, anonymous, script, ask):
    script("ok")
    job = ask(author)
    for path in ("", "/cancel", "/ticket"):
        verb = "post" if path else "get"
        url = f"/api/v1/generations/{job['id']}{path}"
        assert getattr(stranger, verb)(url).status_code == 404
        assert getattr(anonymous, verb)(url).status_code == 401
    assert stranger.get("/api/v1/generations").json()["results"] == []


def test_image_to_image_makes_a_child_of_its_parent(author, upload, ask, settle, script):
    script("ok")
    parent = upload(author, declared_origin="human_captured")
    job = ask(author, parents=[{"asset": parent["id"], "relation": "edit_of"}])
    assert job["operation"] == "image_to_image"
    settle()
    child = shown(author, job)["outputs"][0]
    assert child["provenance"]["origin"] == "ai_edited"
    sheet = author.get(f"/api/v1/assets/{child['id']}/provenance").json()
    assert sheet["lineage"]["parents"] == [
        {"relation": "edit_of", "work": "a work by @author", "asset": parent["id"]}
    ]
    unchanged = author.get(f"/api/v1/assets/{parent['id']}").json()["provenance"]
    assert unchanged["flag"] == "human"


def test_inspiration_is_no_input_and_inherits_nothing(author, upload, ask, settle):
    parent = upload(author, declared_origin="ai_generated")
    job = ask(author, parents=[{"asset": parent["id"], "relation": "inspired_by"}])
    assert job["operation"] == "text_to_image"
    settle()
    assert shown(author, job)["outputs"][0]["provenance"]["origin"] == "algorithmic"


def test_remixing_needs_leave(author, stranger, publish):
    post = publish(author, allow_remix=False)
    parents = [{"asset": post["assets"][0]["id"], "relation": "variation_of"}]
    answer = stranger.post("/api/v1/generations", {"prompt": "mine now", "parents": parents})
    assert (answer.status_code, answer.json()["code"]) == (403, "remix_denied")
    assert balance(stranger) == 200
    author.patch(f"/api/v1/posts/{post['id']}", {"allow_remix": True})
    answer = stranger.post("/api/v1/generations", {"prompt": "by leave", "parents": parents})
    assert answer.status_code == 202


def test_a_private_parent_is_as_if_absent(author, stranger, upload):
    parents = [{"asset": upload(author)["id"], "relation": "edit_of"}]
    answer = stranger.post("/api/v1/generations", {"prompt": "x", "parents": parents})
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_asset")


@pytest.mark.parametrize(
    ("visibility", "seen_by"),
    [
        ("hidden", {"author"}),
        ("public", {"author", "stranger"}),
        ("remixers", {"author", "stranger"}),
    ],
)
def test_prompts_are_shown_as_their_author_wishes(
    author, stranger, script, ask, settle, visibility, seen_by
):
    script("ok")
    job = ask(author, prompt="a secret garden", prompt_visibility=visibility)
    settle()
    asset = shown(author, job)["outputs"][0]["id"]
    post = author.post("/api/v1/posts", {"assets": [asset]}).json()
    for name, client in (("author", author), ("stranger", stranger)):
        answer = client.get(f"/api/v1/posts/{post['id']}")
        assert ("a secret garden" in answer.content.decode()) == (name in seen_by)
        sheet = client.get(f"/api/v1/assets/{asset}/provenance").content.decode()
        assert "a secret garden" not in sheet


def test_the_ledger_tells_what_happened_and_sums_to_zero(author, script, ask, settle):
    script("ok")
    ask(author, count=3)
    settle()
    entries = author.get("/api/v1/me/ledger").json()["results"]
    assert [(entry["kind"], entry["amount"]) for entry in entries] == [("hold", -3), ("grant", 200)]
    assert sum(Entry.objects.values_list("amount", flat=True)) == 0


def test_backends_are_listed_with_what_they_can_do(anonymous):
    (backend,) = anonymous.get("/api/v1/backends").json()
    assert backend["name"] == "procedural"
    assert backend["source_type"].endswith("algorithmicMedia")
    assert backend["healthy"] is True


def test_a_generation_is_recorded_with_its_seed_for_each_image(author, script, ask, settle):
    script("ok")
    ask(author, count=2, seed=2**32 - 1)
    settle()
    assert Generation.objects.count() == 2


def test_a_parent_is_named_once(author, upload):
    parent = {"asset": upload(author)["id"], "relation": "edit_of"}
    answer = author.post("/api/v1/generations", {"prompt": "x", "parents": [parent, parent]})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/parents")


def test_the_key_of_an_old_job_is_not_another_jobs(author, script):
    from core.models import IdempotentRequest

    script("ok")
    key = {"Idempotency-Key": "k1"}
    body = {"prompt": "a cat", "width": 64, "height": 64}
    first = author.post("/api/v1/generations", body, headers=key).json()
    IdempotentRequest.objects.all().delete()  # answers are forgotten after a day
    again = author.post("/api/v1/generations", body, headers=key)
    assert (again.status_code, again.json()["id"]) == (202, first["id"])
    IdempotentRequest.objects.all().delete()
    other = author.post("/api/v1/generations", {**body, "prompt": "a dog"}, headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize("what", ["hide", "block", "private", "remix", "delete"])
def test_a_parent_that_was_taken_away_while_the_job_waited_is_not_used(
    author, stranger, publish, ask, settle, what
):
    post = publish(author)
    url = f"/api/v1/posts/{post['id']}"
    job = ask(stranger, parents=[{"asset": post["assets"][0]["id"], "relation": "edit_of"}])
    {
        "hide": lambda: author.patch(url, {"visibility": "private"}),
        "block": lambda: author.put("/api/v1/users/stranger/block"),
        "private": lambda: author.patch("/api/v1/me", {"private": True}),
        "remix": lambda: author.patch(url, {"allow_remix": False}),
        "delete": lambda: author.delete(url),
    }[what]()
    settle()
    job = shown(stranger, job)
    assert (job["state"], job["error"]["code"]) == ("failed", "parent_unavailable")
    assert balance(stranger) == 200


def test_a_sideways_photograph_is_worked_on_upright(author, upload, ask, settle, monkeypatch):
    import io

    from PIL import Image

    from media_gen.backends.procedural import ProceduralBackend
    from tests.helpers import pictures

    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x013B] = "Secret Artist"
    photo = upload(author, data=pictures.jpeg(7, exif=exif))
    seen = []
    generate = ProceduralBackend.generate
    monkeypatch.setattr(
        ProceduralBackend,
        "generate",
        lambda self, request, watch: seen.append(request.source) or generate(self, request, watch),
    )
    ask(author, parents=[{"asset": photo["id"], "relation": "edit_of"}])
    settle()
    assert Image.open(io.BytesIO(seen[0])).size == (240, 320)
    assert b"Secret Artist" not in seen[0]


def test_a_plug_in_may_say_anything(author, script, ask, settle, monkeypatch):
    from media_gen.backends.errors import Refused
    from media_gen.backends.failing import FailingBackend

    def refuse(self, request, watch):
        raise Refused("no\0 \ud800" + "x" * 1000, code="c" * 100)

    script("ok")
    monkeypatch.setattr(FailingBackend, "generate", refuse)
    job = ask(author)
    settle()
    assert shown(author, job)["state"] == "refused"


def test_the_time_between_two_rings_doubles(author, script, ask):
    script("ok")
    ask(author)

    def rings_after(waited, since_last_ring):
        moment = now()
        GenerationJob.objects.update(
            created_at=moment - timedelta(seconds=waited),
            rung_at=moment - timedelta(seconds=since_last_ring),
        )
        before = OutboxEvent.objects.count()
        sweep()
        return OutboxEvent.objects.count() - before

    assert rings_after(20, 20) == 0
    assert rings_after(40, 40) == 1
    assert rings_after(100, 60) == 0
    assert rings_after(120, 80) == 1
    assert rings_after(80_000, 500) == 0
    assert rings_after(80_000, 700) == 1


def expire(job):
    GenerationJob.objects.filter(pk=job["id"]).update(lease_until=now() - timedelta(seconds=1))


def test_progress_that_is_no_number_is_none(author, script, ask):
    script("ok")
    job = ask(author)
    taken = lease.claim(UUID(job["id"]))
    watch = LeaseWatch(taken, handle={}, unwanted=threading.Event(), seconds=60)
    watch.report(float("nan"))
    assert shown(author, job)["progress"] == 0.0


def test_what_the_database_says_of_a_row_is_not_logged(author, script, ask, monkeypatch, caplog):
    script("ok")
    job = ask(author, prompt="a secret garden")

    def refuse(*args, **kwargs):
        with transaction.atomic():
            GenerationJob.objects.filter(pk=job["id"]).update(progress=7)

    monkeypatch.setattr(engine, "_call", refuse)
    engine.work_on(lease.claim(UUID(job["id"])))
    assert "IntegrityError" in caplog.text
    assert "garden" not in caplog.text
