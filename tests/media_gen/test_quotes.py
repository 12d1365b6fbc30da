"""A quote is a promise: to one person, for one kind of request, for ten minutes."""

import time

import pytest
from django.core import signing

from media_gen.models import GenerationJob

SKETCH = {"prompt": "a test", "width": 64, "height": 64}
pytestmark = pytest.mark.django_db


def request(client, **fields):
    return client.post("/api/v1/generations", {**SKETCH, **fields})


def quoted(client, **fields):
    answer = request(client, dry_run=True, **fields)
    assert answer.status_code == 200
    return answer.json()


@pytest.fixture
def dearer(settings):
    """Let everything cost five times as much from now on."""

    def dearer():
        (alias,) = settings.GENERATION_BACKENDS
        configured = settings.GENERATION_BACKENDS[alias]
        options = {**configured["OPTIONS"], "price": 5}
        settings.GENERATION_BACKENDS = {alias: {**configured, "OPTIONS": options}}

    return dearer


def test_a_quote_stores_nothing_and_is_what_the_job_then_costs(author, script, dearer):
    script("ok")
    quote = quoted(author, count=2)
    assert (quote["cost"], quote["expires_in"]) == (2, 600)
    assert not GenerationJob.objects.exists()
    dearer()
    job = request(author, count=2, prompt="another one", quote=quote["quote"]).json()
    assert job["cost"]["quoted"] == 2
    assert author.get("/api/v1/me").json()["credits"] == 198
    assert request(author, count=2).json()["cost"]["quoted"] == 10


@pytest.mark.parametrize(
    "changed", [{"count": 1}, {"width": 128}, {"height": 128}, {"backend": "procedural"}]
)
def test_it_is_for_the_request_that_it_was_asked_for(author, script, settings, changed):
    painter = settings.GENERATION_BACKENDS["procedural"]
    script("ok")
    settings.GENERATION_BACKENDS = {**settings.GENERATION_BACKENDS, "procedural": painter}
    quote = quoted(author, count=2)["quote"]
    refused = request(author, **{"count": 2, **changed}, quote=quote)
    assert (refused.status_code, refused.json()["code"]) == (400, "bad_quote")
    assert refused.json()["errors"][0]["pointer"] == "/quote"
    assert not GenerationJob.objects.exists()


def test_it_is_for_the_person_who_asked(author, stranger, script):
    script("ok")
    refused = request(stranger, quote=quoted(author)["quote"])
    assert refused.json()["code"] == "bad_quote"


@pytest.mark.parametrize("forged", ["nonsense", "a:b:c", "WyIxIl0:1tXq:xx", "é"])
def test_a_forged_one_is_refused(author, script, forged):
    script("ok")
    assert request(author, quote=forged).json()["code"] == "bad_quote"


def test_it_ends_after_ten_minutes(author, script, monkeypatch):
    script("ok")
    quote = quoted(author)["quote"]
    began = time.time()
    monkeypatch.setattr(signing.time, "time", lambda: began + 590)
    assert request(author, quote=quote).status_code == 202
    monkeypatch.setattr(signing.time, "time", lambda: began + 610)
    refused = request(author, quote=quote)
    assert (refused.status_code, refused.json()["code"]) == (400, "quote_expired")
