"""The public detector: for everybody, truthful, and it keeps nothing."""

import io

import pytest
from PIL import Image

from core.models import OutboxEvent
from media.models import Asset
from provenance.models import Evidence, PixelHash, Record
from tests.helpers import pictures
from tests.helpers.issuers import issuer

pytestmark = pytest.mark.django_db


def ask(client, data, name="photo.jpg", media_type="image/jpeg"):
    body = {"file": pictures.upload(data, name, media_type)}
    return client.post("/api/v1/verify", body, format="multipart")


@pytest.fixture
def painted(author, settle):
    """A painted picture; the asset."""
    body = {"prompt": "a quiet lake", "width": 512, "height": 512}
    job = author.post("/api/v1/generations", body).json()
    settle(files=True)
    return author.get(f"/api/v1/generations/{job['id']}").json()["outputs"][0]


def test_no_evidence_is_said_to_be_none_and_never_human(anonymous):
    told = ask(anonymous, pictures.jpeg(1)).json()
    assert told["provenance"]["flag"] == "unknown"
    assert told["provenance"]["grade"] == "none"
    assert told["evidence"] == []
    assert told["match"] is None
    assert told["credentials"]["state"] == "absent"
    words = " ".join([*told["provenance"]["reasons"], told["how_sure"]])
    assert "does not mean a person made it" in words
    assert "human" not in words.lower()


def test_what_a_file_says_is_told_with_how_sure_that_is(anonymous):
    signed = issuer("Some Generator").sign(
        pictures.jpeg(1), source_type="trainedAlgorithmicMedia", generator="Dreamer"
    )
    told = ask(anonymous, signed).json()
    assert (told["provenance"]["origin"], told["provenance"]["grade"]) == (
        "ai_generated",
        "signed_untrusted",
    )
    assert "issuer that we do not know" in told["how_sure"]
    assert told["credentials"]["manifests"][0]["issuer"] == "Some Generator"
    assert told["evidence"][0]["generator"].startswith("Dreamer")


def test_nothing_is_kept(anonymous):
    ask(anonymous, pictures.jpeg(1))
    for model in (Asset, Record, Evidence, PixelHash, OutboxEvent):
        assert not model.objects.exists()


def test_what_was_made_here_is_known_however_it_comes_back(anonymous, author, painted):
    """Also from a private library: that a machine made it is no secret of its author's."""
    original = author.get(f"/api/v1/assets/{painted['id']}/download").body
    rendition = author.get(painted["urls"]["512"]).body
    for data, name, kind in (
        (original, "a.png", "image/png"),
        (rendition, "a.webp", "image/webp"),
    ):
        told = ask(anonymous, data, name, kind).json()
        assert told["provenance"]["flag"] == "ai"
        assert told["provenance"]["grade"] == "platform_proven"
        assert told["provenance"]["integrity"] == "intact"
        assert told["match"] is None
    bare = pictures.encoded(Image.open(io.BytesIO(original)), "PNG")
    assert (
        ask(anonymous, bare, "a.png", "image/png").json()["provenance"]["integrity"] == "stripped"
    )


def test_a_post_that_shows_it_is_named_only_to_those_who_may_see_it(
    anonymous, author, stranger, publish
):
    data = pictures.jpeg(1)
    post = publish(author, seed=1)
    told = ask(anonymous, data).json()
    assert told["match"] == {"post_url": post["url"]}
    assert any("uploaded here before" in reason for reason in told["provenance"]["reasons"])
    assert told["provenance"]["flag"] == "unknown"
    author.patch(f"/api/v1/posts/{post['id']}", {"visibility": "private"})
    for client in (anonymous, stranger):
        assert ask(client, data).json() == ask(client, pictures.jpeg(2)).json()
    assert ask(author, data).json()["match"] == {"post_url": post["url"]}


def test_a_private_library_is_not_a_lookup_table(anonymous, author, upload):
    upload(author, seed=1)
    assert ask(anonymous, pictures.jpeg(1)).json() == ask(anonymous, pictures.jpeg(2)).json()


@pytest.mark.parametrize(
    ("data", "status"),
    [(b"", 422), (b"\xff\xd8\xff broken", 422), (b"<svg/>", 415), (b"plain text", 415)],
)
def test_bad_files_are_named(anonymous, data, status):
    answer = ask(anonymous, data)
    assert answer.status_code == status
    assert answer.json()["errors"][0]["pointer"] == "/file"


def test_a_field_too_many_and_a_file_too_few(anonymous):
    assert anonymous.post("/api/v1/verify", {}, format="multipart").status_code == 400


def test_a_tampered_file_is_told_to_be_one(anonymous):
    signed = issuer("Camera Works").sign(pictures.jpeg(1), source_type="digitalCapture")
    told = ask(anonymous, signed + b"more").json()
    assert told["provenance"]["integrity"] == "tampered"
    assert told["provenance"]["flag"] == "unknown"
    assert told["evidence"][0]["detail"]["failures"]["integrity"] == ["assertion.dataHash.mismatch"]
