"""Import by address: asked for at once, fetched by a worker, ended with a reason or an image."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from core.clock import now
from core.models import OutboxEvent
from media import tasks
from media.arrivals import hold, services
from media.models import Arrival, Asset
from media.sandbox import DecodersBusy, TooCostly
from media.storage import StorageAway
from tests.helpers import pictures
from tests.media.arrivals.https import HOST, file, redirect, says

pytestmark = pytest.mark.django_db
ROUTE = "/api/v1/assets/import"
URL = f"https://{HOST}/picture.jpg"


@pytest.fixture
def bring_in(server):
    """Do what the worker does, in a network where every name leads to the test's server."""

    def bring_in(arrival):
        services.bring_in(arrival_id=arrival["id"], network=server.network())

    return bring_in


@pytest.fixture
def asked(author, server):
    """An import of a picture that is really there."""
    server.answers["/picture.jpg"] = file(pictures.jpeg(1))
    return author.post(ROUTE, {"url": URL}).json()


def shown(client, arrival):
    return client.get(f"/api/v1/assets/arrivals/{arrival['id']}").json()


def test_an_image_is_fetched_and_is_an_image_like_any_other(author, server, bring_in, settle):
    server.answers["/picture.jpg"] = file(pictures.jpeg(1))
    body = {"url": URL, "alt_text": "a picture", "declared_origin": "human_captured"}
    answer = author.post(ROUTE, body)
    assert answer.status_code == 202
    arrival = answer.json()
    assert (arrival["kind"], arrival["state"]) == ("import", "waiting")
    assert (arrival["asset"], arrival["error"]) == (None, None)
    assert answer["Location"] == f"/api/v1/assets/arrivals/{arrival['id']}"
    bring_in(arrival)
    OutboxEvent.objects.filter(name="media.ImportAsked").delete()
    settle(files=True)
    assert shown(author, arrival) == {**arrival, "state": "done", "asset": arrival["id"]}
    asset = author.get(f"/api/v1/assets/{arrival['id']}").json()
    assert (asset["state"], asset["alt_text"]) == ("ready", "a picture")
    assert asset["provenance"]["origin"] == "human_captured"
    download = author.get(f"/api/v1/assets/{arrival['id']}/download")
    assert download.body == pictures.jpeg(1)


def test_the_worker_is_called_when_an_import_is_asked_for(author, settle):
    """Through the outbox and the task, with the real resolver: this machine is not fetched from."""
    arrival = author.post(ROUTE, {"url": "https://127.1/latest/meta-data"}).json()
    settle(files=True)
    found = shown(author, arrival)
    assert found["state"] == "failed"
    error = {"code": "unreachable", "detail": "The address cannot be reached."}
    assert found["error"] == error


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://pictures.test/a.jpg", "bad_url"),
        ("https://pictures.test:8443/a.jpg", "bad_url"),
        ("https://me:secret@pictures.test/a.jpg", "bad_url"),
        ("https:///a.jpg", "bad_url"),
        ("pictures", "bad_url"),
        ("https://pictures.test/" + "a" * 2000, "max_length"),
        ("", "blank"),
        (7, "invalid"),
        (None, "null"),
    ],
)
def test_what_is_no_address_is_refused_at_once(author, url, code):
    answer = author.post(ROUTE, {"url": url})
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/url", code)
    assert not Arrival.objects.exists()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty_file"),
        (b"<html>a page, not a picture</html>", "unsupported_type"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unsupported_type"),
        (pictures.jpeg(1)[:300], "corrupt_image"),
    ],
)
def test_the_door_decides_what_is_an_image(author, server, asked, bring_in, body, code):
    server.answers["/picture.jpg"] = file(body)
    bring_in(asked)
    found = shown(author, asked)
    assert (found["state"], found["error"]["code"]) == ("failed", code)
    assert not Asset.objects.exists()


def test_a_file_over_the_limit_is_not_taken(author, settings, asked, bring_in):
    settings.MAX_UPLOAD_BYTES = 1000
    bring_in(asked)
    assert shown(author, asked)["error"]["code"] == "body_too_large"


def test_a_redirect_to_a_private_address_ends_it(author, server, asked, bring_in):
    server.answers["/picture.jpg"] = redirect("http://169.254.169.254/latest/")
    bring_in(asked)
    assert shown(author, asked)["error"]["code"] == "bad_redirect"


def test_the_same_request_twice_is_one_import(author):
    first, again = (
        author.post(ROUTE, {"url": URL}, headers={"Idempotency-Key": "one"}) for _ in range(2)
    )
    assert first.json() == again.json()
    assert again["Location"] == first["Location"]
    assert Arrival.objects.count() == 1


def test_a_task_that_runs_twice_admits_once(server, asked, bring_in):
    bring_in(asked)
    bring_in(asked)
    assert Asset.objects.count() == 1
    assert len(server.requests) == 1


def test_a_worker_that_was_given_up_on_changes_nothing(server, asked, bring_in, monkeypatch):
    """While it fetched, its time ran out, and another worker finished the work."""
    fetch = services.fetch

    def slowly(*args, **kwargs):
        monkeypatch.setattr(services, "fetch", fetch)
        Arrival.objects.update(held_until=now() - timedelta(seconds=1))
        bring_in(asked)
        return fetch(*args, **kwargs)

    monkeypatch.setattr(services, "fetch", slowly)
    bring_in(asked)
    assert len(server.requests) == 2
    assert Asset.objects.count() == 1
    assert (Arrival.objects.get().state, Arrival.objects.get().attempts) == ("done", 2)


@pytest.mark.parametrize("answer", [file(pictures.jpeg(1)), says("HTTP/1.1 404 Gone")])
def test_a_worker_whose_place_was_taken_changes_nothing(
    server, asked, bring_in, monkeypatch, answer
):
    """While it fetched, its time ran out, and another worker has begun."""
    server.answers["/picture.jpg"] = answer
    fetch = services.fetch

    def slowly(*args, **kwargs):
        Arrival.objects.update(held_until=now() - timedelta(seconds=1))
        assert hold.claim(asked["id"], Arrival.Kind.IMPORT)
        return fetch(*args, **kwargs)

    monkeypatch.setattr(services, "fetch", slowly)
    bring_in(asked)
    assert not Asset.objects.exists()
    assert (Arrival.objects.get().state, Arrival.objects.get().attempts) == ("working", 2)


def test_nobody_begins_while_somebody_works(asked, server, bring_in):
    Arrival.objects.update(state="working", held_until=now() + timedelta(minutes=1))
    bring_in(asked)
    assert server.requests == []
    assert services.ask_again() == []


@pytest.mark.parametrize("busy", [DecodersBusy, TooCostly, StorageAway])
def test_a_busy_moment_ends_nothing(author, asked, bring_in, monkeypatch, busy):
    def refuse(**kwargs):
        raise busy

    with monkeypatch.context() as patch:
        patch.setattr(services, "prepare_upload", refuse)
        bring_in(asked)
    assert shown(author, asked)["state"] == "waiting"
    Arrival.objects.update(asked_at=now() - timedelta(minutes=5))
    assert services.ask_again() == []  # it waits a while
    Arrival.objects.update(held_until=now())
    assert [str(each) for each in services.ask_again()] == [asked["id"]]
    assert services.ask_again() == []
    bring_in(asked)
    assert shown(author, asked)["state"] == "done"


def test_trying_ends_some_day(author, asked, bring_in):
    Arrival.objects.update(attempts=services.MAX_ATTEMPTS)
    bring_in(asked)
    found = shown(author, asked)
    assert (found["state"], found["error"]["code"]) == ("failed", "gave_up")


def test_lost_messages_and_dead_workers_are_found_by_the_sweep(asked, monkeypatch):
    rung = []
    monkeypatch.setattr(tasks.bring_in, "delay", rung.append)
    tasks.tend_arrivals()
    assert rung == []
    old = now() - timedelta(minutes=5)
    Arrival.objects.update(asked_at=old)
    tasks.tend_arrivals()
    Arrival.objects.update(asked_at=old, state="working", held_until=old)
    tasks.tend_arrivals()
    assert rung == [asked["id"], asked["id"]]


def test_only_so_many_at_once(author, stranger):
    for _ in range(services.MAX_OPEN):
        assert author.post(ROUTE, {"url": URL}).status_code == 202
    answer = author.post(ROUTE, {"url": URL})
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_arrivals")
    assert answer["Retry-After"]
    assert stranger.post(ROUTE, {"url": URL}).status_code == 202
    Arrival.objects.filter(owner=author.user).update(state="failed", error_code="refused")
    assert author.post(ROUTE, {"url": URL}).status_code == 202


def test_nobody_else_knows_of_it(asked, stranger, anonymous):
    route = f"/api/v1/assets/arrivals/{asked['id']}"
    assert stranger.get(route).status_code == 404
    assert anonymous.get(route).status_code == 401


def test_what_ended_long_ago_is_forgotten(author, asked, bring_in):
    waiting = author.post(ROUTE, {"url": URL}).json()
    bring_in(asked)
    services.clear_away()
    assert Arrival.objects.count() == 2
    Arrival.objects.update(created_at=now() - timedelta(days=8))
    services.clear_away()
    assert [str(each.pk) for each in Arrival.objects.all()] == [waiting["id"]]
    assert Asset.objects.count() == 1


@pytest.mark.parametrize(
    "broken",
    [
        {"kind": "letter"},
        {"state": "lost"},
        {"declared_origin": "divine"},
        {"url": ""},
        {"state": "failed"},
        {"error_code": "refused"},
        {"kind": "direct"},
        {"kind": "direct", "size": 0, "expires_at": "2030-01-01T00:00Z"},
    ],
)
def test_the_database_holds_what_is_true_of_an_arrival(author, broken):
    fields = {"owner": author.user, "kind": "import", "url": URL, **broken}
    with pytest.raises(IntegrityError), transaction.atomic():
        Arrival.objects.create(**fields)
