"""What was ruled of a work holds for what looks the same: its author's, and copies by others."""

import pytest

from provenance.vocabulary import Origin
from tests.helpers import pictures
from tests.helpers.issuers import issuer


@pytest.fixture
def shot():
    return pictures.picture(5, (800, 600))


def uploaded(upload, client, picture, **options):
    return upload(client, data=pictures.encoded(picture, "JPEG", **options))


@pytest.mark.django_db
def test_a_ruling_sticks_to_near_identical_uploads(author, stranger, upload, shot):
    from media.models import Asset
    from provenance import services

    def label(asset):
        shown = author.get(f"/api/v1/assets/{asset['id']}").json()["provenance"]
        return shown["origin"], "ruled by a moderator" in shown["label"]

    before = uploaded(upload, author, shot.resize((700, 525)), quality=70)
    first = uploaded(upload, author, shot, quality=90)
    record = Asset.objects.get(pk=first["id"]).record
    ruling = services.rule(record=record, origin=Origin.AI_GENERATED)
    after = uploaded(upload, author, shot.resize((640, 480)), quality=60)
    other = uploaded(upload, author, pictures.picture(6, (800, 600)))
    theirs = uploaded(upload, stranger, shot.resize((640, 480)), quality=60)
    assert [label(asset) for asset in (before, first, after)] == [("ai_generated", True)] * 3
    assert label(other) == ("unknown", False)
    assert theirs["provenance"]["grade"] == "matched"
    services.withdraw_ruling(ruling=ruling)
    assert {label(asset) for asset in (before, first, after)} == {("unknown", False)}
    again = stranger.get(f"/api/v1/assets/{theirs['id']}").json()["provenance"]
    assert again["origin"] == "unknown"


@pytest.mark.django_db
def test_a_human_ruling_does_not_cover_stronger_ai_evidence(author, upload, shot):
    """Else whoever was ruled human once could touch up the picture with a generator for ever."""
    from media.models import Asset
    from provenance import services

    first = uploaded(upload, author, shot, quality=90)
    record = Asset.objects.get(pk=first["id"]).record
    services.rule(record=record, origin=Origin.HUMAN_CAPTURED)
    plain = uploaded(upload, author, shot, quality=70)
    assert plain["provenance"]["flag"] == "human"
    edited = issuer("Some Generator").sign(
        pictures.encoded(shot, "JPEG", quality=80),
        source_type="compositeWithTrainedAlgorithmicMedia",
    )
    shown = upload(author, data=edited)["provenance"]
    assert (shown["origin"], shown["grade"]) == ("ai_edited", "signed_untrusted")


@pytest.mark.django_db
def test_nor_does_it_cover_the_same_pixels_with_another_signature(author, upload, shot):
    from media.models import Asset
    from provenance import services

    plain = pictures.encoded(shot, "JPEG", quality=90)
    first = upload(author, data=plain)
    services.rule(record=Asset.objects.get(pk=first["id"]).record, origin=Origin.HUMAN_CAPTURED)
    signed = issuer("Some Generator").sign(plain, source_type="trainedAlgorithmicMedia")
    shown = upload(author, data=signed)["provenance"]
    assert (shown["origin"], shown["grade"]) == ("ai_generated", "signed_untrusted")
