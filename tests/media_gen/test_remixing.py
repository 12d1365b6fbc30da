"""Whose leave is needed to work from an image, also when it comes as a screenshot of theirs."""

import pytest

from media.models import Asset
from media_gen.models import GenerationJob
from provenance import evidence
from provenance.evidence import Observation
from provenance.vocabulary import DETECTORS, EvidenceKind, Grade, Origin
from tests.helpers import pictures

pytestmark = pytest.mark.django_db
PHOTO = pictures.picture(41, (320, 240))


@pytest.fixture
def protected(author, upload):
    """A post of the author's that nobody may work from."""
    data = pictures.encoded(PHOTO, "PNG")
    asset = upload(author, data=data, declared_origin="human_captured")
    body = {"assets": [asset["id"]], "allow_remix": False}
    return author.post("/api/v1/posts", body).json()


def remix(client, asset, relation="edit_of"):
    parents = [{"asset": asset["id"], "relation": relation}]
    return client.post("/api/v1/generations", {"prompt": "mine now", "parents": parents})


SHOTS = {
    "the same pixels": lambda: pictures.encoded(PHOTO, "PNG", compress_level=1),
    "saved anew": lambda: pictures.encoded(PHOTO, "JPEG", quality=70),
    "smaller": lambda: pictures.encoded(PHOTO.resize((240, 180)), "PNG"),
}


@pytest.mark.parametrize("shot", SHOTS)
def test_a_screenshot_needs_the_same_leave(author, stranger, protected, upload, shot):
    copy = upload(stranger, data=SHOTS[shot]())
    answer = remix(stranger, copy)
    assert (answer.status_code, answer.json()["code"]) == (403, "remix_denied")
    assert not GenerationJob.objects.exists()
    assert stranger.get("/api/v1/me").json()["credits"] == 200
    author.patch(f"/api/v1/posts/{protected['id']}", {"allow_remix": True})
    assert remix(stranger, copy).status_code == 202


def test_a_refusal_does_not_tell_of_a_work_that_one_may_not_see(
    author, stranger, protected, upload
):
    copy = upload(stranger, data=SHOTS["saved anew"]())
    author.patch(f"/api/v1/posts/{protected['id']}", {"visibility": "private"})
    assert remix(stranger, copy).status_code == 202


def test_the_author_of_the_older_one_is_free(author, protected, upload):
    copy = upload(author, data=SHOTS["smaller"]())
    assert remix(author, copy).status_code == 202


def test_what_is_recognised_later_ends_the_job(author, stranger, protected, upload, settle):
    """The close look takes seconds; the job asks again when it is worked on."""
    other = upload(stranger, data=pictures.encoded(pictures.picture(5), "PNG"))
    job = remix(stranger, other).json()
    source = Asset.objects.get(pk=protected["assets"][0]["id"]).record
    evidence.store(
        Asset.objects.get(pk=other["id"]).record,
        Observation(
            kind=EvidenceKind.PERCEPTUAL,
            claims=Origin.UNKNOWN,
            grade=Grade.DECLARED,
            detector=DETECTORS[EvidenceKind.PERCEPTUAL],
        ),
        matched=source,
    )
    settle()
    shown = stranger.get(f"/api/v1/generations/{job['id']}").json()
    assert (shown["state"], shown["error"]["code"]) == ("failed", "parent_unavailable")
    assert stranger.get("/api/v1/me").json()["credits"] == 200


def test_what_was_made_by_leave_stays_ones_own(author, stranger, publish, settle):
    post = publish(author)
    job = remix(stranger, post["assets"][0]).json()
    settle()
    made = stranger.get(f"/api/v1/generations/{job['id']}").json()["outputs"][0]
    author.patch(f"/api/v1/posts/{post['id']}", {"allow_remix": False})
    assert remix(stranger, made).status_code == 202
