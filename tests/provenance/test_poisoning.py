"""Nobody has somebody else's picture labelled, and nobody wears a label off."""

import io
import random
from datetime import timedelta

import pytest
from PIL import Image, ImageDraw, ImageOps

from core.clock import now
from media import looking, tasks
from media.models import Asset
from moderation import services as moderation
from provenance import services, trust
from provenance.models import FeatureSet, MatchingIndex, Record
from provenance.sightings import Find
from provenance.vocabulary import EvidenceKind
from tests.helpers import pictures
from tests.helpers.issuers import issuer

pytestmark = pytest.mark.django_db


@pytest.fixture
def paint(settle_looks, settle):
    """Have a picture made as somebody, maybe of another; the asset."""

    def paint(client, parent=None, *, looked=True, **fields):
        body = {"prompt": "a village by a river", "width": 480, "height": 360, "seed": 4, **fields}
        if parent:
            body |= {"parents": [{"asset": parent["id"], "relation": "variation_of"}]}
        job = client.post("/api/v1/generations", body).json()
        settle_looks() if looked else settle()
        return client.get(f"/api/v1/generations/{job['id']}").json()["outputs"][0]

    return paint


@pytest.fixture
def dream():
    """A generator whose signatures are trusted: it signs whatever it is given."""
    trust.import_list(
        name="g", kind="anchors", tier="c2pa", source="test", content=issuer("Dream Inc").root
    )
    return lambda data: issuer("Dream Inc").sign(data, source_type="trainedAlgorithmicMedia")


def photograph(seed, size=(480, 360)):
    """A picture with points enough to be known by a part of it."""
    chance = random.Random(seed)
    picture = pictures.picture(seed, size)
    draw = ImageDraw.Draw(picture)
    for _ in range(250):
        x, y = chance.randrange(size[0]), chance.randrange(size[1])
        colour = tuple(chance.randrange(256) for _ in range(3))
        near = [(x + chance.randrange(-18, 18), y + chance.randrange(-18, 18)) for _ in range(3)]
        draw.polygon(near, fill=colour)
    return picture


def jpeg(picture, quality=85):
    return pictures.encoded(picture, "JPEG", quality=quality)


def part(picture):
    width, height = picture.size
    return picture.crop((width // 10, height // 8, width * 7 // 10, height * 6 // 8))


def opened(client, asset):
    body = client.get(f"/api/v1/assets/{asset['id']}/download").body
    return Image.open(io.BytesIO(body)).convert("RGB")


def flag(client, asset):
    return client.get(f"/api/v1/assets/{asset['id']}").json()["provenance"]["flag"]


def test_a_rework_of_what_is_only_said_to_be_ai_labels_nobody(
    author, stranger, paint, upload, settle_looks
):
    photo = photograph(11)
    said = upload(stranger, data=jpeg(photo, 92), declared_origin="ai_generated")
    settle_looks()
    paint(stranger, said, strength=0.05)
    mine = upload(author, data=jpeg(photo), declared_origin="human_captured")
    settle_looks()
    assert flag(author, mine) == "human"


def test_a_part_of_a_photograph_is_not_a_part_of_its_signed_copy(
    author, stranger, dream, upload, settle_looks
):
    photo = photograph(16)
    upload(author, data=jpeg(photo, 92), declared_origin="human_captured")
    settle_looks()
    upload(stranger, data=dream(jpeg(photo, 60)))
    settle_looks()
    mine = upload(author, data=jpeg(part(photo)), declared_origin="human_captured")
    settle_looks()
    assert flag(author, mine) == "human"


def test_nor_when_what_was_reworked_is_deleted_at_once(
    author, stranger, paint, upload, settle_looks
):
    photo = photograph(51)
    upload(author, data=jpeg(photo, 92), declared_origin="human_captured")
    copy = upload(stranger, data=jpeg(photo, 80))
    settle_looks()
    made = paint(stranger, copy, strength=0.05, looked=False)
    assert stranger.delete(f"/api/v1/assets/{copy['id']}").status_code == 204
    looking.look_closely(asset=Asset.objects.get(pk=made["id"]))
    mine = upload(author, data=jpeg(part(photo)), declared_origin="human_captured")
    settle_looks()
    assert flag(author, mine) == "human"


def test_a_work_is_not_indexed_before_what_it_was_made_of(author, paint, upload, settle_looks):
    """A worker that dies in between leaves nothing that labels the older one's copies."""
    photo = upload(author, data=jpeg(photograph(41), 92), declared_origin="human_captured")
    settle_looks()
    made = paint(author, photo, strength=0.2, looked=False)
    bytes_of = Asset.objects.filter(pk=photo["id"])
    key = bytes_of.get().key
    bytes_of.update(key="originals/nowhere")
    with pytest.raises(Exception, match="no such thing"):
        looking.look_closely(asset=Asset.objects.get(pk=made["id"]))
    assert not FeatureSet.objects.exists()
    Record.objects.update(looked_at=now() - timedelta(minutes=3))
    assert made["id"] in map(str, looking.overlooked())
    bytes_of.update(key=key)
    tasks.look_closely(made["id"])
    indexed = set(FeatureSet.objects.values_list("record__asset", flat=True))
    assert {str(each) for each in indexed} == {photo["id"], made["id"]}


def test_a_photograph_is_ones_own_also_beside_ones_own_edit_of_it(author, upload, settle_looks):
    photo = photograph(21)
    upload(author, data=jpeg(photo, 92), declared_origin="human_captured")
    edited = photo.copy()
    edited.paste((200, 30, 30), (200, 150, 290, 230))
    upload(author, data=jpeg(edited, 92), declared_origin="ai_edited")
    again = upload(author, data=jpeg(photo, 80), declared_origin="human_captured")
    settle_looks()
    assert flag(author, again) == "human"


def test_a_label_that_stands_after_a_dispute_does_not_reach_older_works(
    author, stranger, moderator, upload, settle_looks
):
    """Its author could have asked for the ruling only to have it."""
    from moderation.models import Case

    data = pictures.encoded(photograph(61), "PNG")
    mine = upload(author, data=data, declared_origin="human_captured")
    theirs = upload(stranger, data=data, declared_origin="ai_generated")
    settle_looks()
    path = f"/api/v1/assets/{theirs['id']}/disputes"
    assert stranger.post(path, {"statement": "hm"}).status_code == 201
    case = Case.objects.get(target_id=theirs["id"])
    moderation.decide(case=case, moderator=moderator.user, action="dismiss", reason="It stands.")
    settle_looks()
    assert (flag(author, mine), flag(stranger, theirs)) == ("human", "ai")


def test_copies_are_no_works_to_be_recognised(author, stranger, paint, upload, settle_looks):
    """Else many of them would hide the work that they are copies of."""
    made = paint(author)
    piece = part(opened(author, made)).resize((260, 195))
    copy = upload(stranger, data=jpeg(piece, 40), declared_origin="human_captured")
    settle_looks()
    assert flag(stranger, copy) == "ai"
    assert [str(each) for each in FeatureSet.objects.values_list("record__asset", flat=True)] == [
        made["id"]
    ]


def test_many_near_copies_do_not_hide_the_work(author, stranger, paint, upload):
    """What is kept of many sightings has the work in it, however near its copies are."""
    made = Record.objects.get(asset=paint(author)["id"])
    copies = [Record.objects.create(rule="ai_evidence:features", flag="ai") for _ in range(30)]
    mine = Record.objects.get(asset=upload(stranger, 7)["id"])
    found = [Find(copy.pk, EvidenceKind.FEATURES, 200) for copy in copies]
    services.note_finds(record=mine, finds=[*found, Find(made.pk, EvidenceKind.FEATURES, 20)])
    assert mine.resemblances.filter(source=made).exists()
    assert mine.resemblances.count() <= 20
    assert Record.objects.get(pk=mine.pk).flag == "ai"


def test_something_beside_a_mirrored_part_does_not_hide_it(
    author, stranger, dream, upload, settle_looks
):
    work, decoy = photograph(71), photograph(72)
    upload(author, data=dream(jpeg(work, 90)))
    upload(author, data=jpeg(decoy, 90), declared_origin="ai_generated")
    settle_looks()
    mirrored = ImageOps.mirror(work.crop((24, 20, 456, 340)))
    collage = Image.new("RGB", (mirrored.width + 90, mirrored.height), "white")
    collage.paste(mirrored, (0, 0))
    collage.paste(decoy.resize((84, 63)), (mirrored.width + 5, 20))
    theirs = upload(stranger, data=jpeg(collage, 90), declared_origin="human_captured")
    settle_looks()
    assert flag(stranger, theirs) == "ai"


def test_a_work_that_is_deleted_at_once_is_recognised_by_its_parts(
    author, stranger, dream, upload, settle_looks
):
    work = photograph(81)
    asset = upload(author, data=dream(jpeg(work, 90)))
    author.delete(f"/api/v1/assets/{asset['id']}")
    settle_looks()
    theirs = upload(stranger, data=jpeg(part(work)), declared_origin="human_captured")
    settle_looks()
    assert flag(stranger, theirs) == "ai"


def test_a_version_that_this_process_does_not_know_stops_no_upload(author, upload):
    """While a new version is brought in, or taken back, processes differ."""
    MatchingIndex.objects.create(algorithm="pdq", version=1, state="active")
    MatchingIndex.objects.create(algorithm="pdq", version=2, state="building")
    assert upload(author)["state"] == "processing"
    MatchingIndex.objects.filter(version=1).update(state="retired")
    MatchingIndex.objects.filter(version=2).update(state="active")
    assert upload(author, 2)["state"] == "held"
