"""What providers say by themselves: that it is worth looking now, and nothing else."""

import threading
from uuid import uuid4

import pytest
from django.test import Client

from media_gen import hints, lease
from media_gen.backends.errors import DeadlinePassed
from media_gen.models import GenerationJob
from media_gen.preparation import prepare
from media_gen.watching import LeaseWatch

pytestmark = pytest.mark.django_db
PUBLIC = "https://pictures.example.org"


@pytest.fixture(autouse=True)
def public(settings):
    settings.PUBLIC_URL = PUBLIC


@pytest.fixture
def job(author, script, ask):
    script("ok")
    return GenerationJob.objects.get(pk=ask(author)["id"])


def post(address):
    return Client(enforce_csrf_checks=True).post(address.removeprefix(PUBLIC), {"status": "failed"})


def test_a_backend_is_given_an_address_that_wakes_its_own_job(job):
    other = uuid4()
    address = prepare(job).request.hook
    assert post(address).status_code == 204
    assert not hints.wait(other, 0.05)
    assert hints.wait(job.pk, 0.05)
    assert not hints.wait(job.pk, 0.05), "a hint is heard once"


def test_what_it_says_is_not_believed(job):
    post(hints.address_for(job.pk))
    before, job = job, GenerationJob.objects.get(pk=job.pk)
    assert (job.state, job.version) == (before.state, before.version)


@pytest.mark.parametrize("forge", [lambda token: token[:-1], lambda _: "x", lambda _: "x:y:z"])
def test_a_forged_address_is_not_there(job, forge):
    head, _, token = hints.address_for(job.pk).rpartition("/")
    assert post(f"{head}/{forge(token)}").status_code == 404
    assert Client().get(f"{head}/{token}".removeprefix(PUBLIC)).status_code == 405
    assert not hints.wait(job.pk, 0.05)


@pytest.mark.parametrize("address", ["http://127.0.0.1:8000", ""])
def test_who_cannot_be_reached_asks(job, settings, address):
    settings.PUBLIC_URL = address
    assert hints.address_for(job.pk) == ""


@pytest.mark.parametrize("hooked", [True, False])
def test_a_pause_ends_at_a_hint(job, hooked):
    """Long before its end, which is after the deadline."""
    taken, unwanted = lease.claim(job.pk), threading.Event()
    watch = LeaseWatch(taken, handle={}, unwanted=unwanted, seconds=1, hooked=hooked)
    hints.tell(job.pk)
    if hooked:
        watch.pause(60)
    else:
        with pytest.raises(DeadlinePassed):
            watch.pause(60)


def test_without_redis_it_is_a_pause(job, monkeypatch):
    import redis

    nowhere = redis.Redis(port=1, socket_connect_timeout=0.1)
    monkeypatch.setattr(hints, "client", lambda: nowhere)
    hints.tell(job.pk)
    assert hints.wait(job.pk, 0.01) is False
