"""What looks the same is the same picture, and what is featureless is like nothing."""

import io
from itertools import combinations

import pytest
from PIL import Image, ImageEnhance, ImageFilter

from media.decoding.likeness import likeness_of
from provenance.likeness import Likeness, alike
from provenance.vocabulary import Origin
from tests.helpers import pictures
from tests.helpers.issuers import issuer

CHANGES = {
    "jpeg 40": lambda p: Image.open(io.BytesIO(pictures.encoded(p, "JPEG", quality=40))),
    "webp 50": lambda p: Image.open(io.BytesIO(pictures.encoded(p, "WEBP", quality=50))),
    "half": lambda p: p.resize((p.width // 2, p.height // 2)),
    "larger": lambda p: p.resize((p.width * 2, p.height * 2)),
    "brighter": lambda p: ImageEnhance.Brightness(p).enhance(1.15),
    "more contrast": lambda p: ImageEnhance.Contrast(p).enhance(1.2),
    "blurred": lambda p: p.filter(ImageFilter.GaussianBlur(1)),
    "in palette": lambda p: p.quantize(128).convert("RGB"),
}


def likeness(picture):
    return Likeness(**likeness_of(picture))


@pytest.mark.parametrize("change", CHANGES)
def test_the_same_picture_is_alike_after(change):
    for seed in range(6):
        picture = pictures.picture(seed, (640, 480))
        assert alike(likeness(picture), likeness(CHANGES[change](picture))), seed


def test_different_pictures_are_not_alike():
    hashes = [likeness(pictures.picture(seed, (320, 240))) for seed in range(60)]
    assert not any(alike(one, other) for one, other in combinations(hashes, 2))


@pytest.mark.parametrize(
    "picture",
    [
        Image.new("RGB", (300, 200), "skyblue"),
        Image.linear_gradient("L").convert("RGB"),
        Image.new("RGBA", (300, 200), (0, 0, 0, 0)),
        Image.new("RGB", (1, 1)),
    ],
)
def test_a_featureless_picture_is_like_nothing(picture):
    assert not alike(likeness(picture), likeness(picture))


# --- rulings --------------------------------------------------------------------------------------


@pytest.fixture
def shot():
    return pictures.picture(5, (800, 600))


def uploaded(upload, client, picture, **options):
    return upload(client, data=pictures.encoded(picture, "JPEG", **options))


@pytest.mark.django_db
def test_a_ruling_sticks_to_near_identical_uploads_of_its_author_only(
    author, stranger, upload, shot
):
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
    assert theirs["provenance"]["origin"] == "unknown"
    services.withdraw_ruling(ruling=ruling)
    assert {label(asset) for asset in (before, first, after)} == {("unknown", False)}


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
