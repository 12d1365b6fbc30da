"""What served files say of themselves, read by the SDK with our root as the only anchor."""

import io
import shutil
import subprocess
from datetime import timedelta

import pytest
from defusedxml import ElementTree
from PIL import Image

from core.clock import now
from media import rendering
from media.models import Asset
from media.reading_again import read_again
from media.tasks import render_renditions
from provenance import services, trust
from provenance.marks.authority import authority
from provenance.marks.embed import embed_xmp
from provenance.marks.mark import Mark
from provenance.marks.xmp import packet
from provenance.models import Evidence
from provenance.vocabulary import Origin
from tests.helpers import pictures
from tests.helpers.issuers import IPTC, independently_read, issuer

pytestmark = pytest.mark.django_db
XMP = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"
PLUS = "{http://ns.useplus.org/ldf/xmp/1.0/}"
WIDE = (1500, 1000)


def served(client, asset):
    """(media type, width, bytes) of every file that an asset is served as."""
    shown = client.get(f"/api/v1/assets/{asset['id']}").json()
    assert shown["state"] == "ready"
    return [(s["type"], s["width"], client.get(s["url"]).body) for s in shown["sources"]]


def xmp_of(data):
    """The properties of the file's packet, as Pillow finds it."""
    raw = Image.open(io.BytesIO(data)).info.get("xmp")
    assert raw, "no XMP"
    root = ElementTree.fromstring(raw)
    return {name: value for node in root.iter() for name, value in node.attrib.items()}


def source_types(store):
    return {
        action["digitalSourceType"]
        for manifest in store["manifests"].values()
        for assertion in manifest["assertions"]
        if assertion["label"].startswith("c2pa.actions")
        for action in assertion["data"]["actions"]
        if "digitalSourceType" in action
    }


def test_every_file_is_signed_and_trusted_by_our_root_alone(author, upload, settle):
    data = pictures.encoded(pictures.picture(1, WIDE), "JPEG", quality=90)
    asset = upload(author, data=data)
    settle(files=True)
    files = served(author, asset)
    assert sorted((kind, width) for kind, width, _ in files) == [
        ("image/jpeg", 1500),
        ("image/webp", 256),
        ("image/webp", 640),
        ("image/webp", 1280),
        ("image/webp", 1500),
    ]
    for kind, _, body in files:
        store = independently_read(body, kind, authority().root)
        assert store["validation_state"] == "Trusted"
        active = store["manifests"][store["active_manifest"]]
        assert [item["relationship"] for item in active["ingredients"]] == ["parentOf"]
        assert active["claim_generator_info"][0]["name"] == "Pentimento"


def test_the_first_file_is_signed_before_anybody_sees_it(author, upload):
    asset = upload(author, data=pictures.encoded(pictures.picture(1, WIDE), "PNG"))
    body = author.get(asset["urls"]["640"]).body
    assert independently_read(body, "image/webp", authority().root)["validation_state"] == "Trusted"
    assert xmp_of(body)


def test_a_small_file_carries_metadata_alone(author, upload, settle):
    asset = upload(author, data=pictures.encoded(pictures.picture(1, (200, 150)), "PNG"))
    settle(files=True)
    for kind, _, body in served(author, asset):
        assert independently_read(body, kind, authority().root) is None
        assert xmp_of(body)


@pytest.fixture
def painted(author, settle):
    """Have a picture painted; the asset."""

    def painted(**fields):
        body = {"prompt": "a quiet lake", "width": 512, "height": 512, **fields}
        job = author.post("/api/v1/generations", body).json()
        settle(files=True)
        return author.get(f"/api/v1/generations/{job['id']}").json()["outputs"][0]

    return painted


def test_a_generated_image_says_what_made_it(author, painted):
    asset = painted()
    original = author.get(f"/api/v1/assets/{asset['id']}/download").body
    algorithmic = IPTC + "algorithmicMedia"
    for kind, data in [("image/png", original)] + [(k, b) for k, _, b in served(author, asset)]:
        store = independently_read(data, kind, authority().root)
        assert store["validation_state"] == "Trusted"
        assert source_types(store) == {algorithmic}
        properties = xmp_of(data)
        assert properties[XMP + "DigitalSourceType"] == algorithmic
        assert properties[XMP + "AISystemUsed"].startswith("procedural/")


@pytest.mark.parametrize(("visibility", "told"), [("public", True), ("hidden", False)])
def test_a_prompt_is_in_the_file_only_if_its_author_shows_it(author, painted, visibility, told):
    asset = painted(prompt="a lighthouse called Zanzibar", prompt_visibility=visibility)
    original = author.get(f"/api/v1/assets/{asset['id']}/download").body
    for data in [original] + [body for _, _, body in served(author, asset)]:
        assert (b"Zanzibar" in data) is told


def test_a_reworked_picture_names_its_parent_without_showing_it(author, painted):
    parent = painted(prompt="a field called Timbuktu")
    child = painted(
        prompt="the same at dusk",
        operation="image_to_image",
        parents=[{"asset": parent["id"], "relation": "edit_of"}],
        strength=0.6,
    )
    original = author.get(f"/api/v1/assets/{child['id']}/download").body
    store = independently_read(original, "image/png", authority().root)
    active = store["manifests"][store["active_manifest"]]
    assert len(store["manifests"]) == 1
    assert [item["relationship"] for item in active["ingredients"]] == ["parentOf"]
    assert b"Timbuktu" not in original


# --- what must be gone, and what must stay --------------------------------------------------------

LATITUDE = "39,21.102N"
SERIAL = "SN-8472-1138"


def private_upload(camera):
    """A signed photograph with position, serial number and thumbnail, in EXIF and manifest."""
    exif = Image.Exif()
    exif[0x010F] = "Camera Works"
    exif.get_ifd(0x8769)[0xA431] = SERIAL
    exif.get_ifd(0x8825)[2] = (39.0, 21.0, 6.12)
    plain = pictures.encoded(
        pictures.picture(1, WIDE), "JPEG", quality=90, exif=exif, comment=b"call me at home"
    )
    assertion = {
        "label": "stds.exif",
        "data": {
            "@context": {"exif": "http://ns.adobe.com/exif/1.0/"},
            "exif:GPSLatitude": LATITUDE,
            "exif:SerialNumber": SERIAL,
        },
        "kind": "Json",
    }
    signed = camera.sign(
        plain, source_type="digitalCapture", assertions=[assertion], thumbnail=True
    )
    assert LATITUDE.encode() in signed
    assert b"c2pa.thumbnail" in signed
    return signed


def test_served_files_keep_a_parents_credentials_and_lose_what_is_private(author, upload, settle):
    camera = issuer("Camera Works")
    trust.import_list(name="c", kind="anchors", tier="c2pa", source="test", content=camera.root)
    data = private_upload(camera)
    edited = issuer("Editor Inc").sign(
        data, parts=[("parentOf", data, "image/jpeg")], thumbnail=True
    )
    for original in (data, edited):
        asset = upload(author, data=original)
        settle(files=True)
        for kind, _, body in served(author, asset):
            for private in (LATITUDE, SERIAL, "call me at home"):
                assert private.encode() not in body
            assert body.count(b"\xff\xd8\xff") <= (kind == "image/jpeg"), "a thumbnail inside"
            store = independently_read(body, kind, authority().root)
            assert store["validation_state"] == "Trusted"
            issuers = {m["signature_info"]["issuer"] for m in store["manifests"].values()}
            assert "Camera Works" in issuers
        assert author.get(f"/api/v1/assets/{asset['id']}/download").body == original


def test_our_own_file_can_come_back_and_be_served_again(author, stranger, upload, settle):
    """Its parent's manifests are redacted already; that must not be in the way."""
    asset = upload(author, data=private_upload(issuer("Camera Works")))
    settle(files=True)
    body = next(body for kind, _, body in served(author, asset) if kind == "image/jpeg")
    again = upload(stranger, data=body)
    settle(files=True)
    for kind, _, file in served(stranger, again):
        store = independently_read(file, kind, authority().root)
        assert store["validation_state"] == "Trusted"
        assert len(store["manifests"]) == 3


def test_what_was_only_said_is_not_signed(author, stranger, upload, settle):
    """Else our own signature would make a fact of a rumour, once the file comes back."""
    claimed = pictures.encoded(
        pictures.picture(4, WIDE),
        "JPEG",
        xmp=packet(Mark(origin=Origin.AI_GENERATED)),
    )
    asset = upload(author, data=claimed)
    assert (asset["provenance"]["origin"], asset["provenance"]["grade"]) == (
        "ai_generated",
        "metadata",
    )
    settle(files=True)
    for kind, width, body in served(author, asset):
        assert source_types(independently_read(body, kind, authority().root)) == set()
        assert xmp_of(body)[XMP + "DigitalSourceType"] == IPTC + "trainedAlgorithmicMedia"
        if width == 640:
            again = upload(stranger, data=body)
            assert again["provenance"]["grade"] == "metadata"


def test_a_human_word_is_not_written_into_files(author, upload, settle):
    asset = upload(author, data=pictures.jpeg(1), declared_origin="human_captured")
    settle(files=True)
    for kind, _, body in served(author, asset):
        assert XMP + "DigitalSourceType" not in xmp_of(body)
        assert source_types(independently_read(body, kind, authority().root)) == set()


# --- the author's choice --------------------------------------------------------------------------


def test_the_authors_choice_about_training_is_in_every_file(author, upload, settle):
    asset = upload(author, data=pictures.encoded(pictures.picture(1, WIDE), "PNG"))
    settle(files=True)
    assert PLUS + "DataMining" not in xmp_of(served(author, asset)[0][2])
    author.patch("/api/v1/me", {"preferences": {"training_consent": "deny"}})
    Asset.objects.update(render_asked_at=now() - timedelta(minutes=5))
    (stale,), _ = rendering.unfinished()
    render_renditions(str(stale))
    assert rendering.unfinished() == ([], [])
    for kind, _, body in served(author, asset):
        assert xmp_of(body)[PLUS + "DataMining"].endswith("/DMI-PROHIBITED")
        store = independently_read(body, kind, authority().root)
        active = store["manifests"][store["active_manifest"]]
        mining = [a for a in active["assertions"] if a["label"] == "cawg.training-mining"]
        uses = {entry["use"] for entry in mining[0]["data"]["entries"].values()}
        assert uses == {"notAllowed"}


def test_what_a_file_forbids_is_kept(author, upload, settle):
    forbidding = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf'
        b'-syntax-ns#"><rdf:Description xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/" plus:'
        b'DataMining="http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED"/></rdf:RDF></x:xmpmeta>'
    )
    asset = upload(author, data=pictures.jpeg(1, xmp=forbidding))
    settle(files=True)
    for _, _, body in served(author, asset):
        assert xmp_of(body)[PLUS + "DataMining"].endswith("/DMI-PROHIBITED")
    assert author.get(asset["urls"]["320"])["tdm-reservation"] == "1"
    sheet = author.get(f"/api/v1/assets/{asset['id']}/provenance").json()
    assert sheet["credentials"]["data_mining"] == "prohibited"


# --- the sheet, the root, the writers -------------------------------------------------------------


def test_the_sheet_shows_the_manifests(author, upload):
    data = private_upload(issuer("Camera Works"))
    asset = upload(author, data=data)
    shown = author.get(f"/api/v1/assets/{asset['id']}/provenance").json()["credentials"]
    assert shown["state"] == "valid"
    assert [m["issuer"] for m in shown["manifests"]] == ["Camera Works"]
    assert Evidence.objects.filter(kind="c2pa").count() == 1


def test_anybody_may_have_our_root(anonymous):
    answer = anonymous.get("/api/v1/credentials/anchors.pem")
    assert answer["Content-Type"].startswith("application/x-pem-file")
    assert answer.content.decode() == authority().root
    assert b"PRIVATE" not in answer.content


@pytest.mark.parametrize(
    ("media_type", "kind", "options"),
    [
        ("image/jpeg", "JPEG", {}),
        ("image/png", "PNG", {}),
        ("image/webp", "WEBP", {}),
        ("image/webp", "WEBP", {"lossless": True}),
        ("image/webp", "WEBP", {"icc_profile": b"\0" * 128}),
    ],
)
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("size", [(301, 201), (1, 1)])
def test_a_packet_goes_in_without_touching_pixels(media_type, kind, options, mode, size):
    image = pictures.picture(1, size)
    if mode == "RGBA" and kind != "JPEG":
        image.putalpha(128)
    data = pictures.encoded(image, kind, **options)
    marked = embed_xmp(data, packet(Mark(origin=Origin.AI_GENERATED)), media_type)
    before, after = Image.open(io.BytesIO(data)), Image.open(io.BytesIO(marked))
    assert after.mode == before.mode
    assert after.tobytes() == before.tobytes()
    assert b"trainedAlgorithmicMedia" in (
        after.info.get("xmp") or after.info["XML:com.adobe.xmp"].encode()
    )


@pytest.mark.skipif(not shutil.which("exiftool"), reason="Debian's exiftool is not installed")
def test_exiftool_reads_the_same(author, painted, tmp_path):
    asset = painted()
    original = author.get(f"/api/v1/assets/{asset['id']}/download").body
    for kind, data in [("image/png", original)] + [(k, b) for k, _, b in served(author, asset)]:
        path = tmp_path / f"file.{kind.partition('/')[2]}"
        path.write_bytes(data)
        told = subprocess.run(
            ["exiftool", "-s", "-G", str(path)], capture_output=True, text=True, check=True
        ).stdout
        assert "algorithmicMedia" in told
        assert "AISystemUsed" in told
        if kind != "image/webp":  # it does not look for JUMBF there
            assert "JUMDLabel" in told
            assert "c2pa.actions" in told or "ActionsAction" in told


@pytest.mark.parametrize(
    "private",
    [
        {"actions": [{"action": "c2pa.edited", "parameters": {"com.x.prompt": "a secret place"}}]},
        {"actions": [{"action": "c2pa.edited", "description": "a secret place"}]},
        {
            "assertions": [
                {"label": "c2pa.actions", "data": {"actions": [], "note": "a secret place"}}
            ]
        },
    ],
)
def test_a_parent_with_private_words_in_what_must_stay_is_only_named(
    author, upload, settle, private
):
    signed = issuer("Editor Inc").sign(
        pictures.encoded(pictures.picture(1, WIDE), "JPEG"), **private
    )
    asset = upload(author, data=signed)
    settle(files=True)
    for kind, _, body in served(author, asset):
        assert b"a secret place" not in body
        store = independently_read(body, kind, authority().root)
        assert store["validation_state"] == "Trusted"
        assert len(store["manifests"]) == 1


def test_a_parent_that_is_heavier_than_a_picture_is_only_named(author, upload, settle):
    steps = [
        {"action": "c2pa.edited", "softwareAgent": {"name": "x" * 190 + str(n)}} for n in range(450)
    ]
    signed = issuer("Editor Inc").sign(
        pictures.encoded(pictures.picture(1, WIDE), "JPEG"), actions=steps
    )
    asset = upload(author, data=signed)
    settle(files=True)
    for kind, _, body in served(author, asset):
        store = independently_read(body, kind, authority().root)
        assert (store["validation_state"], len(store["manifests"])) == ("Trusted", 1)


def test_a_ruling_is_not_signed_for_it_can_be_withdrawn(author, upload, settle):
    asset = upload(author, data=pictures.encoded(pictures.picture(1, WIDE), "PNG"))
    settle(files=True)
    record = Asset.objects.get().record
    services.rule(record=record, origin=Origin.AI_GENERATED)
    (stale,), _ = stale_files()
    render_renditions(str(stale))
    for kind, _, body in served(author, asset):
        assert source_types(independently_read(body, kind, authority().root)) == set()
        assert xmp_of(body)[XMP + "DigitalSourceType"] == IPTC + "trainedAlgorithmicMedia"


def stale_files():
    """What the sweep finds once it is time."""
    Asset.objects.update(render_asked_at=now() - timedelta(minutes=5))
    return rendering.unfinished()


def test_files_stop_vouching_when_trust_is_withdrawn(author, upload, settle):
    """Also if the message that says so is lost."""
    camera = issuer("Camera Works")
    trust.import_list(name="c", kind="anchors", tier="c2pa", source="test", content=camera.root)
    plain = pictures.encoded(pictures.picture(1, WIDE), "JPEG")
    asset = upload(author, data=camera.sign(plain, source_type="digitalCapture"))
    settle(files=True)
    assert stale_files() == ([], [])
    trust.retire_list(name="c")
    read_again(asset=Asset.objects.get())
    (stale,), _ = stale_files()
    render_renditions(str(stale))
    for _, _, body in served(author, asset):
        assert XMP + "DigitalSourceType" not in xmp_of(body)
