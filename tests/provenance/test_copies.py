"""A copy that is not exact is recognised too, and nobody's own picture is taken for a copy."""

import io
from datetime import timedelta

import pytest
from PIL import Image

from core.clock import now
from media import looking
from media.models import Asset
from provenance import services, trust
from provenance.models import Record, Resemblance
from provenance.sightings import Find
from provenance.vocabulary import EvidenceKind, Origin
from tests.helpers import pictures
from tests.helpers.issuers import issuer

pytestmark = pytest.mark.django_db


@pytest.fixture
def paint(settle_looks):
    """Have a picture made as somebody; the asset."""

    def paint(client, prompt="a village by a river, trees", seed=4, **fields):
        body = {"prompt": prompt, "width": 480, "height": 360, "seed": seed, **fields}
        answer = client.post("/api/v1/generations", body)
        assert answer.status_code == 202, answer.content
        settle_looks()
        return client.get(f"/api/v1/generations/{answer.json()['id']}").json()["outputs"][0]

    return paint


def opened(client, asset):
    """The full picture as its viewers may save it."""
    body = client.get(f"/api/v1/assets/{asset['id']}/download").body
    return Image.open(io.BytesIO(body)).convert("RGB")


def encoded(picture, quality=60):
    return pictures.encoded(picture, "JPEG", quality=quality)


def look(client, asset):
    return client.get(f"/api/v1/assets/{asset['id']}").json()["provenance"]


def sheet(client, asset):
    return client.get(f"/api/v1/assets/{asset['id']}/provenance").json()


def verdict(told):
    return told["flag"], told["grade"], told["integrity"], told["disputed"]


def test_a_generated_picture_that_was_encoded_anew_is_recognised_at_once(
    author, stranger, paint, upload
):
    copy = encoded(opened(author, paint(author)).resize((400, 300)))
    told = upload(stranger, data=copy, declared_origin="human_captured")["provenance"]
    assert verdict(told) == ("ai", "matched", "stripped", True)
    assert told["checking"] is True
    assert "It looks the same as an earlier work: made by an algorithm." in told["reasons"]
    assert "The uploader and the evidence disagree." in told["reasons"]


@pytest.mark.parametrize("turned", [Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.ROTATE_90])
def test_at_the_latest_it_is_when_somebody_has_looked_closely(
    author, stranger, paint, upload, settle_looks, turned
):
    copy = encoded(opened(author, paint(author)).transpose(turned), 40)
    asset = upload(stranger, data=copy, declared_origin="human_captured")
    assert asset["provenance"]["checking"] is True
    settle_looks()
    told = look(stranger, asset)
    assert verdict(told) == ("ai", "matched", "stripped", True)
    assert told["checking"] is False


def test_its_uploader_is_told_sees_both_and_can_dispute(
    author, stranger, paint, upload, settle_looks
):
    made = paint(author)
    asset = upload(stranger, data=encoded(opened(author, made)), declared_origin="human_created")
    settle_looks()
    notes = stranger.get("/api/v1/notifications").json()["results"]
    (note,) = [each for each in notes if each["target"]["id"] == asset["id"]]
    assert "recognised an earlier work" in note["text"]
    for named in (False, True):
        if named:
            author.post("/api/v1/posts", {"assets": [made["id"]]})
        (match,) = {m["asset"]: m for m in sheet(stranger, asset)["matches"]}.values()
        assert match["asset"] == (made["id"] if named else None)
        assert match["work"] == ("a work by @author" if named else "a private work")
        assert bool(match["url"]) is named
    assert stranger.get(match["url"].removeprefix("http://testserver")).status_code == 200
    dispute = {"statement": "I drew this by hand."}
    assert stranger.post(f"/api/v1/assets/{asset['id']}/disputes", dispute).status_code == 201


def test_a_photograph_is_not_what_was_made_from_it(author, stranger, paint, upload, settle_looks):
    """Neither when it comes again nor when somebody else copies it; what was made from it is."""
    photo = pictures.picture(11, (480, 360))
    first = upload(author, data=encoded(photo, 95), declared_origin="human_captured")
    settle_looks()
    parents = [{"asset": first["id"], "relation": "variation_of"}]
    made = paint(author, "as it is", parents=parents, strength=0.2)
    for client in (author, stranger):
        again = upload(client, data=encoded(photo, 70), declared_origin="human_captured")
        settle_looks()
        assert look(client, again)["flag"] == "human"
    copy = upload(stranger, data=encoded(opened(author, made), 90))
    settle_looks()
    assert look(stranger, copy)["flag"] == "ai"
    assert look(author, first)["flag"] == "human"


def test_nobody_poisons_a_photograph_by_uploading_it_as_ai(author, stranger, upload, settle_looks):
    photo = pictures.picture(12, (480, 360))
    upload(stranger, data=encoded(photo, 90), declared_origin="ai_generated")
    mine = upload(author, data=encoded(photo, 80), declared_origin="human_captured")
    settle_looks()
    assert verdict(look(author, mine)) == ("human", "declared", "none", False)


def test_ones_own_ai_work_cannot_be_declared_human_by_encoding_it_anew(author, upload):
    photo = pictures.picture(13, (480, 360))
    upload(author, data=encoded(photo, 90), declared_origin="ai_generated")
    again = upload(author, data=encoded(photo, 50), declared_origin="human_captured")
    assert verdict(again["provenance"])[:2] == ("ai", "declared")


def test_a_trusted_human_signature_does_not_launder_a_machines_work(
    author, stranger, paint, upload
):
    trust.import_list(
        name="cameras", kind="anchors", tier="c2pa", source="test", content=issuer("Camera Co").root
    )
    copy = issuer("Camera Co").sign(
        encoded(opened(author, paint(author)), 90), source_type="digitalCapture"
    )
    told = upload(stranger, data=copy)["provenance"]
    assert (told["flag"], told["grade"], told["integrity"]) == ("ai", "matched", "intact")


def test_a_copy_of_human_work_is_a_duplicate_which_says_nothing(
    author, stranger, publish, upload, settle_looks
):
    post = publish(author, 14)
    copy = encoded(pictures.picture(14))
    theirs = upload(stranger, data=copy, declared_origin="human_captured")
    settle_looks()
    assert verdict(look(stranger, theirs)) == ("human", "declared", "none", False)
    (match,) = sheet(stranger, theirs)["matches"]
    assert (match["duplicate"], match["asset"]) == (True, post["assets"][0]["id"])
    author.patch(f"/api/v1/posts/{post['id']}", {"visibility": "private"})
    assert sheet(stranger, theirs)["matches"] == []
    assert "before" not in str(sheet(stranger, theirs))
    page = stranger.get(f"/assets/{theirs['id']}/provenance").content.decode()
    assert "before" not in page
    assert "Side by side" not in page


def test_a_copy_follows_what_is_ruled_of_the_work_that_it_shows(
    author, stranger, upload, settle_looks
):
    first = upload(author, data=encoded(pictures.picture(15, (480, 360)), 90))
    theirs = upload(stranger, data=encoded(pictures.picture(15, (480, 360)), 50))
    settle_looks()
    record = Asset.objects.get(pk=first["id"]).record
    ruling = services.rule(record=record, origin=Origin.AI_GENERATED)
    assert verdict(look(stranger, theirs))[:2] == ("ai", "matched")
    services.withdraw_ruling(ruling=ruling)
    assert look(stranger, theirs)["flag"] == "unknown"


def test_an_earlier_upload_is_not_labelled_by_a_later_one(author, stranger, upload, settle_looks):
    """Who comes later with a like picture that is signed as a machine's may have copied it."""
    trust.import_list(
        name="g", kind="anchors", tier="c2pa", source="test", content=issuer("Dream Inc").root
    )
    photo = pictures.picture(16, (480, 360))
    mine = upload(author, data=encoded(photo, 90), declared_origin="human_captured")
    signed = issuer("Dream Inc").sign(encoded(photo, 60), source_type="trainedAlgorithmicMedia")
    assert upload(stranger, data=signed)["provenance"]["grade"] == "signed_trusted"
    again = upload(author, data=encoded(photo, 75), declared_origin="human_captured")
    settle_looks()
    assert look(author, mine)["flag"] == look(author, again)["flag"] == "human"


def test_looking_twice_changes_nothing(author, stranger, paint, upload, settle_looks):
    copy = encoded(opened(author, paint(author)))
    asset = Asset.objects.get(pk=upload(stranger, data=copy)["id"])
    settle_looks()
    before = list(asset.record.evidence.values_list("pk", flat=True))
    seen = Resemblance.objects.count()
    Record.objects.filter(pk=asset.record_id).update(checking=True)
    looking.look_closely(asset=Asset.objects.get(pk=asset.pk))
    assert list(asset.record.evidence.values_list("pk", flat=True)) == before
    assert Resemblance.objects.count() == seen
    assert not Record.objects.get(pk=asset.record_id).checking


def test_a_look_that_was_lost_is_asked_for_again_but_not_for_ever(author, upload):
    asset = upload(author)
    record = Record.objects.filter(asset=asset["id"])
    assert looking.overlooked() == []
    for _ in range(looking.MAX_LOOKS):
        record.update(looked_at=now() - timedelta(minutes=3))
        assert [str(key) for key in looking.overlooked()] == [asset["id"]]
        assert looking.overlooked() == []
    record.update(looked_at=now() - timedelta(minutes=3))
    assert looking.overlooked() == []


def test_nobody_waits_for_a_look_at_what_was_deleted(author, upload):
    asset = upload(author)
    author.delete(f"/api/v1/assets/{asset['id']}")
    record = Record.objects.filter(asset=asset["id"])
    record.update(looked_at=now() - timedelta(minutes=3))
    assert not record.get().checking
    assert looking.overlooked() == []


def test_two_nights_that_are_only_roughly_alike_say_nothing_of_each_other(
    author, stranger, upload, settle_looks
):
    """A hash beyond what copies have speaks only where parts were seen, too."""
    ours = upload(author, data=encoded(pictures.picture(16, (480, 360)), 90))
    theirs = upload(
        stranger,
        data=encoded(pictures.picture(17, (480, 360)), 90),
        declared_origin="human_captured",
    )
    settle_looks()
    first, later = (Asset.objects.get(pk=each["id"]).record for each in (ours, theirs))
    services.rule(record=first, origin=Origin.AI_GENERATED)
    for distance, parts, expected in ((24, 0, "ai"), (26, 0, "human"), (26, 400, "ai")):
        later.resemblances.all().delete()
        finds = [Find(first.pk, EvidenceKind.PERCEPTUAL, 256 - distance)]
        if parts:
            finds.append(Find(first.pk, EvidenceKind.FEATURES, parts))
        services.note_finds(record=later, finds=finds)
        assert look(stranger, theirs)["flag"] == expected, (distance, parts)
