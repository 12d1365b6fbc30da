"""A work is recognised by its pixels when it comes back, and nobody's picture is poisoned."""

import numpy as np
import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import InternalError
from PIL import Image

from media.models import Asset
from provenance import services, trust
from provenance.generated import GenerationFacts
from provenance.models import Evidence, Record, Verdict
from provenance.precedence import is_second_hand, second_hand
from provenance.vocabulary import Origin, SourceType
from tests.helpers import pictures
from tests.helpers.issuers import issuer

pytestmark = pytest.mark.django_db


@pytest.fixture
def generated(author, settle):
    """A picture that the author generated here, with all its renditions."""
    body = {"prompt": "a lake", "width": 700, "height": 500, "seed": 3}
    job = author.post("/api/v1/generations", body).json()
    settle(files=True)
    return author.get(f"/api/v1/generations/{job['id']}").json()["outputs"][0]


def shown(asset):
    provenance = asset["provenance"]
    return provenance["flag"], provenance["origin"], provenance["grade"], provenance["disputed"]


def test_every_served_file_is_recognised_when_it_is_fed_back(
    author, stranger, anonymous, upload, generated
):
    assert len(generated["sources"]) == 4
    for source in generated["sources"]:
        data = anonymous.get(source["url"]).body
        back = upload(stranger, data=data, declared_origin="human_captured")
        assert shown(back) == ("ai", "algorithmic", "platform_proven", True), source
        assert "exactly those" in " ".join(back["provenance"]["reasons"])


def test_the_pixels_are_recognised_in_another_container_without_metadata(
    author, stranger, upload, generated
):
    import io

    from PIL import Image

    answer = author.get(f"/api/v1/assets/{generated['id']}/download")
    naked = Image.open(io.BytesIO(answer.body)).convert("RGB")
    naked.info.clear()
    back = upload(stranger, data=pictures.encoded(naked, "WEBP", lossless=True))
    assert shown(back) == ("ai", "algorithmic", "platform_proven", False)
    assert back["provenance"]["integrity"] == "stripped"


def test_an_upload_as_ai_does_not_poison_somebody_elses_photograph(author, stranger, upload):
    data = pictures.jpeg(21)
    upload(stranger, data=data, declared_origin="ai_generated")
    mine = upload(author, data=data, declared_origin="human_captured")
    assert shown(mine) == ("human", "human_captured", "declared", False)
    evidence = Evidence.objects.get(kind="pixel_hash")
    assert (evidence.claims, evidence.detail["duplicate"]) == ("unknown", True)


def test_ones_own_ai_work_cannot_be_declared_human_later(author, upload):
    data = pictures.jpeg(22)
    upload(author, data=data, declared_origin="ai_generated")
    again = upload(author, data=data, declared_origin="human_captured")
    assert shown(again) == ("ai", "ai_generated", "declared", True)


def test_a_work_ruled_ai_labels_other_peoples_copies(author, stranger, upload):
    data = pictures.jpeg(23)
    first = upload(author, data=data, declared_origin="human_captured")
    services.rule(record=record(first), origin=Origin.AI_GENERATED)
    copy = upload(stranger, data=data, declared_origin="human_captured")
    assert shown(copy) == ("ai", "ai_generated", "matched", True)


def test_a_ruling_sticks_to_its_authors_copies_only(author, stranger, upload):
    data = pictures.encoded(pictures.picture(24), "PNG", pnginfo=a1111())
    first = upload(author, data=data)
    assert first["provenance"]["origin"] == "ai_generated"
    services.rule(record=record(first), origin=Origin.HUMAN_CREATED)
    mine, theirs = upload(author, data=data), upload(stranger, data=data)
    assert mine["provenance"]["origin"] == "human_created"
    assert theirs["provenance"]["origin"] == "ai_generated"


def test_the_source_photograph_of_an_edit_is_not_contaminated(author, upload, settle):
    photo = upload(author, 25, declared_origin="human_captured")
    body = {
        "prompt": "as it is",
        "strength": 0.1,
        "width": 320,
        "height": 240,
        "parents": [{"asset": photo["id"], "relation": "edit_of"}],
    }
    author.post("/api/v1/generations", body)
    settle(files=True)
    again = author.get(f"/api/v1/assets/{photo['id']}").json()
    assert shown(again) == ("human", "human_captured", "declared", False)


def test_metadata_of_a_generator_makes_a_declared_photograph_disputed(author, upload):
    data = pictures.encoded(pictures.picture(26), "PNG", pnginfo=a1111())
    asset = upload(author, data=data, declared_origin="human_captured")
    assert shown(asset) == ("ai", "ai_generated", "metadata", True)
    assert "disagree" in asset["provenance"]["reasons"][-1]


def test_a_verdict_is_kept_with_the_evidence_it_used(author, upload):
    asset = upload(author, declared_origin="human_captured")
    services.rule(record=record(asset), origin=Origin.AI_EDITED)
    verdicts = list(Verdict.objects.order_by("id"))
    assert [verdict.origin for verdict in verdicts] == ["human_captured", "ai_edited"]
    assert len(verdicts[1].evidence) == 2


def test_a_withdrawn_ruling_restores_the_verdict(author, upload):
    asset = upload(author, declared_origin="human_captured")
    ruling = services.rule(record=record(asset), origin=Origin.AI_EDITED)
    services.withdraw_ruling(ruling=ruling)
    now = author.get(f"/api/v1/assets/{asset['id']}").json()
    assert shown(now) == ("human", "human_captured", "declared", False)


@pytest.mark.parametrize("table", ["provenance_evidence", "provenance_verdict"])
@pytest.mark.parametrize("change", ["UPDATE {} SET record_id = record_id", "DELETE FROM {}"])
def test_the_database_refuses_to_change_what_was_observed(author, upload, table, change):
    upload(author, declared_origin="human_captured")
    with (
        pytest.raises((IntegrityError, InternalError), match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change.format(table))


def test_nothing_is_stored_without_a_record(author, upload):
    upload(author)
    with pytest.raises(IntegrityError), transaction.atomic():
        Asset.objects.update(record=None)
    assert Record.objects.count() == 1


def test_the_sheet_names_no_private_work(author, stranger, publish, settle):
    parent = publish(author, 27)
    photo = parent["assets"][0]["id"]
    body = {
        "prompt": "again",
        "width": 64,
        "height": 64,
        "parents": [{"asset": photo, "relation": "variation_of"}],
    }
    job = stranger.post("/api/v1/generations", body).json()
    settle(files=True)
    child = stranger.get(f"/api/v1/generations/{job['id']}").json()["outputs"][0]
    sheet = f"/api/v1/assets/{child['id']}/provenance"
    assert stranger.get(sheet).json()["lineage"]["parents"][0]["asset"] == photo
    author.patch(f"/api/v1/posts/{parent['id']}", {"visibility": "private"})
    assert stranger.get(sheet).json()["lineage"]["parents"] == [
        {"relation": "variation_of", "work": "a private work", "asset": None}
    ]
    author.delete(f"/api/v1/posts/{parent['id']}")
    author.delete(f"/api/v1/assets/{photo}")
    assert stranger.get(sheet).json()["lineage"]["parents"][0]["work"] == "a deleted work"


def test_a_deleted_work_is_still_recognised(author, stranger, upload, settle):
    body = {"prompt": "a lake", "width": 96, "height": 64, "seed": 5}
    first = author.post("/api/v1/generations", body).json()
    settle(files=True)
    made = author.get(f"/api/v1/generations/{first['id']}").json()["outputs"][0]
    pixels = author.get(f"/api/v1/assets/{made['id']}/download").body
    author.delete(f"/api/v1/assets/{made['id']}")
    copy = upload(stranger, data=pixels, declared_origin="human_captured")
    assert shown(copy) == ("ai", "algorithmic", "platform_proven", True)


def test_a_ruling_reaches_older_copies_and_leaves_them_when_it_is_withdrawn(
    author, stranger, upload
):
    data = pictures.jpeg(31)
    older = upload(stranger, data=data, declared_origin="human_captured")
    newer = upload(author, data=data, declared_origin="human_captured")
    own_copy = upload(author, data=data)
    ruling = services.rule(record=record(newer), origin=Origin.AI_GENERATED)
    assert shown(look(stranger, older)) == ("ai", "ai_generated", "matched", True)
    assert look(author, own_copy)["provenance"]["origin"] == "ai_generated"
    later = upload(stranger, data=data, declared_origin="human_captured")
    assert shown(later) == ("ai", "ai_generated", "matched", True)
    services.withdraw_ruling(ruling=ruling)
    for client, copy in ((stranger, older), (stranger, later), (author, newer)):
        assert shown(look(client, copy)) == ("human", "human_captured", "declared", False)
    assert look(author, own_copy)["provenance"]["flag"] == "unknown"


def test_what_a_copy_inherited_from_a_mistaken_ruling_is_taken_back(author, upload):
    data = pictures.encoded(pictures.picture(32), "PNG", pnginfo=a1111())
    first = upload(author, data=data)
    ruling = services.rule(record=record(first), origin=Origin.HUMAN_CREATED)
    copy = upload(author, data=data)
    assert copy["provenance"]["flag"] == "human"
    services.withdraw_ruling(ruling=ruling)
    for asset in (first, copy):
        assert look(author, asset)["provenance"]["origin"] == "ai_generated"


def test_a_photograph_cannot_be_labelled_by_passing_it_through_a_backend(
    author, stranger, upload, settle, monkeypatch
):
    from media_gen.backends.base import GeneratedImage, Result
    from media_gen.backends.procedural import ProceduralBackend

    def pass_through(self, request, watch):
        return Result((GeneratedImage(request.source, 1),))

    monkeypatch.setattr(ProceduralBackend, "generate", pass_through)
    photo = pictures.picture(33).convert("RGBA")
    photo.putalpha(254)
    disguised = upload(stranger, data=pictures.encoded(photo, "PNG"))
    body = {
        "prompt": "x",
        "width": 320,
        "height": 240,
        "parents": [{"asset": disguised["id"], "relation": "edit_of"}],
    }
    job = stranger.post("/api/v1/generations", body).json()
    from django.test import override_settings

    with override_settings(JOB_RETRY_SECONDS=0):
        settle(files=True)
    job = stranger.get(f"/api/v1/generations/{job['id']}").json()
    assert (job["state"], job["error"]["code"]) == ("failed", "unchanged")
    assert stranger.get("/api/v1/me").json()["credits"] == 200


def test_that_a_picture_is_in_a_private_library_is_not_told(author, stranger, upload):
    data = pictures.jpeg(34)
    upload(author, data=data)
    theirs = upload(stranger, data=data)
    assert "before" not in str(theirs["provenance"]["reasons"])
    sheet = stranger.get(f"/api/v1/assets/{theirs['id']}/provenance").json()
    assert sheet["evidence"] == []
    own = upload(author, data=data)
    assert "before" not in str(own["provenance"]["reasons"])
    (match,) = author.get(f"/api/v1/assets/{own['id']}/provenance").json()["matches"]
    assert (match["kind"], match["duplicate"]) == ("pixel_hash", True)


def test_nor_is_it_told_when_that_is_taken_back(author, stranger, upload):
    data = pictures.jpeg(36)
    private = upload(author, data=data)
    theirs = upload(stranger, data=data)
    services.rule(record=record(private), origin=Origin.AI_GENERATED)
    sheet = stranger.get(f"/api/v1/assets/{theirs['id']}/provenance").json()
    assert [row["claims"] for row in sheet["evidence"]] == ["ai_generated"]


def test_inspiration_by_a_photograph_does_not_make_a_trained_model_an_editor(author, upload):
    from provenance.services import open_record
    from provenance.vocabulary import SourceType

    photo = record(upload(author, 35, declared_origin="human_captured"))
    facts = GenerationFacts(
        backend="b",
        model="m",
        source_type=SourceType.TRAINED,
        seed=1,
        prompt="p",
        prompt_visibility="hidden",
    )
    for relation, origin in (("inspired_by", "ai_generated"), ("edit_of", "ai_edited")):
        made = open_record(
            owner=author.user,
            observations=[],
            pixel_digest=relation,
            luma=np.zeros((64, 64), np.uint8),
            generation=facts,
            parents=[(photo, relation)],
        ).record
        assert made.origin == origin


def look(client, asset):
    return client.get(f"/api/v1/assets/{asset['id']}").json()


def record(asset):
    return Record.objects.get(asset=asset["id"])


def a1111():
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("parameters", "a cat\nSteps: 20, Sampler: Euler, CFG scale: 7, Seed: 5")
    return info


def generated_from(owner, seed, digest, parent):
    """A generation of these very pixels, as a backend that can be led makes it."""
    facts = GenerationFacts(
        backend="procedural",
        model="sketch-1",
        source_type=SourceType.ALGORITHMIC,
        seed=1,
        prompt="as it is",
        prompt_visibility="public",
    )
    return services.open_record(
        owner=owner,
        observations=[],
        pixel_digest=digest,
        luma=np.asarray(pictures.picture(seed).convert("L")),
        generation=facts,
        parents=[(parent, "edit_of")] if parent else [],
    ).record


@pytest.mark.parametrize("reworked", [True, False])
def test_a_generator_that_was_led_to_a_picture_does_not_label_an_older_one(
    author, stranger, join, upload, reworked
):
    """Of what was made from nothing here, an older copy can only have been foreseen."""
    mine = upload(author, seed=21, declared_origin="human_captured")
    source = Asset.objects.get(pk=upload(stranger, seed=22)["id"]).record
    record = Asset.objects.get(pk=mine["id"]).record
    digest = record.pixel_hashes.get(source="original").digest
    generated_from(stranger.user, 21, digest, source if reworked else None)
    expected = "human_captured" if reworked else "algorithmic"
    assert Record.objects.get(pk=record.pk).origin == expected
    again = upload(join("somebody"), seed=21)
    assert (again["provenance"]["flag"] == "ai") is not reworked


def test_white_is_white(author, stranger, upload):
    white = Image.new("RGB", (640, 480), "white")
    trust.import_list(
        name="g", kind="anchors", tier="c2pa", source="test", content=issuer("Dream Inc").root
    )
    signed = issuer("Dream Inc").sign(
        pictures.encoded(white, "PNG"), "image/png", source_type="trainedAlgorithmicMedia"
    )
    assert upload(stranger, data=signed)["provenance"]["grade"] == "signed_trusted"
    mine = upload(
        author, data=pictures.encoded(white, "WEBP", lossless=True), declared_origin="human_created"
    )
    assert mine["provenance"]["flag"] == "human"


def test_what_is_known_at_second_hand_is_the_same_in_queries():
    rules = ("ai_evidence:features", "ai_evidence:c2pa", "ruling", "")
    grades = ("platform_proven", "matched", "declared")
    for rule in rules:
        for grade in grades:
            Record.objects.create(rule=rule, grade=grade)
    found = set(Record.objects.filter(second_hand()))
    assert found == {each for each in Record.objects.all() if is_second_hand(each)}
    assert {(each.rule, each.grade) for each in found} == {
        ("ai_evidence:features", "matched"),
        ("ai_evidence:features", "declared"),
    }
