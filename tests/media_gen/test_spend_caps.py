"""What programs may do with their owner's credits, and hear of their jobs."""

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from media_gen.models import GenerationJob
from users.live import viewer_of

KEYS = "/api/v1/me/keys"
SKETCH = {"prompt": "a test", "width": 64, "height": 64}
pytestmark = pytest.mark.django_db


@pytest.mark.django_db(transaction=True)  # the stream closes its connections
def test_a_key_without_the_right_scope_hears_no_stream(author, program, ask):
    job = ask(author)
    for scope, heard in (("read", True), ("write", False)):
        secret = program(author, scope).key["key"]
        request = RequestFactory().get("/", headers={"Authorization": f"Bearer {secret}"})
        assert (viewer_of(request, job["id"]) is not None) is heard


def test_a_key_spends_up_to_its_cap(author, program, script, settle):
    script("ok")
    bot = program(author, "generate", "read", spend_cap=2)
    for _ in range(2):
        assert bot.post("/api/v1/generations", SKETCH).status_code == 202
    refused = bot.post("/api/v1/generations", SKETCH)
    assert (refused.status_code, refused.json()["code"]) == (402, "spend_cap_reached")
    assert author.get("/api/v1/me").json()["credits"] == 198
    assert GenerationJob.objects.count() == 2
    settle()
    assert author.get(KEYS).json()["results"][0]["spent"] == 2
    assert author.post("/api/v1/generations", SKETCH).status_code == 202


def test_the_key_comes_before_the_account_whatever_happens_to_a_job(author, program, script):
    """Two that lock the same rows in different orders wait for each other until one is ended."""
    script("ok")
    bot = program(author, "generate", "read", spend_cap=5)

    def locked(act):
        with CaptureQueriesContext(connection) as captured:
            assert act().status_code in {200, 202}
        changes = [q["sql"] for q in captured if q["sql"].startswith("UPDATE")]
        columns = {"users_apikey": '"spent" =', "credits_account": '"balance" ='}
        found = [
            name for sql in changes for name in columns if name in sql and columns[name] in sql
        ]
        return list(dict.fromkeys(found))

    asked = locked(lambda: bot.post("/api/v1/generations", SKETCH))
    job = GenerationJob.objects.get()
    ended = locked(lambda: bot.post(f"/api/v1/generations/{job.pk}/cancel"))
    assert asked == ended == ["users_apikey", "credits_account"]


def test_what_is_not_charged_does_not_count(author, program, script, settle):
    script("refused")
    bot = program(author, "generate", "read", spend_cap=1)
    for _ in range(2):
        assert bot.post("/api/v1/generations", SKETCH).status_code == 202
        settle()
    assert author.get(KEYS).json()["results"][0]["spent"] == 0
