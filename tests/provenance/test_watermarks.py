"""What is made here carries an invisible number, and is known by it when all else is gone."""

import io

import numpy as np
import pytest
from PIL import Image

from media.models import Asset
from provenance.marks import watermarks
from provenance.marks.authority import authority
from provenance.marks.watermark.embedding import embed
from provenance.models import WatermarkIssue
from tests.helpers import pictures
from tests.helpers.issuers import independently_read
from tests.helpers.outbox import settle

pytestmark = pytest.mark.django_db
FOG = {"prompt": "thick fog over the sea", "width": 640, "height": 640, "seed": 2}


def made(client, **fields):
    """A picture that was made for `client`; its asset."""
    job = client.post("/api/v1/generations", {**FOG, **fields}).json()
    settle()
    return client.get(f"/api/v1/generations/{job['id']}").json()["outputs"][0]


def opened(client, asset):
    body = client.get(f"/api/v1/assets/{asset['id']}/download").body
    return Image.open(io.BytesIO(body)).convert("RGB")


def luma(picture):
    return np.asarray(picture.convert("L"))


def seen(picture, **hints):
    return [find.record_id for find in watermarks.recognise(luma(picture), **hints)]


def test_fog_that_was_cropped_and_encoded_anew_is_known_by_its_mark(author, stranger, upload):
    """There is nothing else in it to know it by."""
    part = opened(author, made(author)).crop((70, 90, 590, 600))
    told = upload(
        stranger,
        data=pictures.encoded(part, "JPEG", quality=60),
        declared_origin="human_captured",
    )
    assert told["provenance"]["flag"] == "human"
    settle(looks=True)
    sheet = stranger.get(f"/api/v1/assets/{told['id']}/provenance").json()
    assert (sheet["flag"], sheet["grade"], sheet["integrity"]) == ("ai", "matched", "stripped")
    assert [match["kind"] for match in sheet["matches"]] == ["watermark"]
    number = WatermarkIssue.objects.get().number
    assert f"{number:012x}" not in str(sheet)


def test_the_manifest_declares_the_mark_and_is_trusted(author, settings):
    asset = made(author)
    file = author.get(f"/api/v1/assets/{asset['id']}/download").body
    manifest = independently_read(file, "image/png", authority().root)
    state, active = manifest["validation_state"], manifest["manifests"][manifest["active_manifest"]]
    assertions = {each["label"]: each["data"] for each in active["assertions"]}
    actions = [each["action"] for each in assertions["c2pa.actions.v2"]["actions"]]
    issue = WatermarkIssue.objects.get(record__asset=asset["id"])
    assert (state, actions) == ("Trusted", ["c2pa.created", "c2pa.watermarked"])
    (block,) = assertions["c2pa.soft-binding"]["blocks"]
    assert block["value"] == f"{issue.key_id}:{issue.number:012x}"
    url = author.get(f"/api/v1/assets/{asset['id']}").json()["urls"]["640"]
    served = author.get(url.removeprefix(settings.PUBLIC_URL)).body
    store = independently_read(served, "image/webp", authority().root)
    assert (store["validation_state"], len(store["manifests"])) == ("Trusted", 2)


def test_a_number_that_was_never_issued_says_nothing(author):
    picture = np.asarray(opened(author, made(author)))
    WatermarkIssue.objects.all().delete()
    assert seen(Image.fromarray(picture)) == []
    foreign = embed(picture, 12345, watermarks.keys()[0])
    assert seen(Image.fromarray(foreign)) == []


def test_after_a_rotation_old_keys_are_still_read(author, settings):
    (old,) = settings.WATERMARK_KEYS
    first = made(author)
    settings.WATERMARK_KEYS = ["2:another secret of at least 32 characters", old]
    second = made(author, seed=4)
    for asset, key_id in ((first, 1), (second, 2)):
        issue = WatermarkIssue.objects.get(record__asset=asset["id"])
        assert issue.key_id == key_id
        assert seen(opened(author, asset)) == [issue.record_id]
    settings.WATERMARK_KEYS = settings.WATERMARK_KEYS[:1]
    assert seen(opened(author, first)) == []


@pytest.mark.parametrize("keys", [[], ["one:" + "x" * 40], ["1:"]])
def test_without_a_key_nothing_is_given_out(author, settings, keys):
    settings.WATERMARK_KEYS = keys
    settings.JOB_RETRY_SECONDS = 0
    job = author.post("/api/v1/generations", {**FOG, "width": 64, "height": 64}).json()
    settle()
    told = author.get(f"/api/v1/generations/{job['id']}").json()
    assert (told["state"], told["error"]["code"]) == ("failed", "marking_unavailable")
    assert not Asset.objects.exists()
    assert author.get("/api/v1/me").json()["credits"] == 200


def test_what_others_saw_helps_to_read_the_mark(author):
    """A small and worn part: where it lies in which work is known."""
    asset = made(author, prompt="a village by a river, trees")
    record = Asset.objects.get(pk=asset["id"]).record_id
    part = opened(author, asset).crop((130, 40, 430, 330)).resize((200, 193))
    worn = Image.open(io.BytesIO(pictures.encoded(part, "JPEG", quality=50)))
    scale = 300 / 200
    placement = np.array([[scale, 0, 130.0], [0, scale, 40.0]])
    assert seen(worn, placements=[placement], suspects=[record]) == [record]
