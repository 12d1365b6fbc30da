"""The door: what comes in, what is refused, what is kept."""

import io
import zlib

import pytest
from django.core.files.storage import default_storage
from PIL import Image

from media.models import Asset
from provenance.models import Evidence, Record
from tests.helpers import pictures

pytestmark = pytest.mark.django_db


def post(client, data, name="", media_type="", **fields):
    body = {"file": pictures.upload(data, name, media_type), **fields}
    return client.post("/api/v1/assets", body, format="multipart")


def test_an_upload_is_stored_described_and_served(author, anonymous, upload):
    asset = upload(author, alt_text="a picture", declared_origin="human_captured")
    assert (asset["width"], asset["height"], asset["media_type"]) == (320, 240, "image/jpeg")
    assert asset["state"] == "processing"
    assert asset["alt_text"] == "a picture"
    assert len(asset["blurhash"]) > 6
    served = anonymous.get(asset["urls"]["320"])
    assert served["Content-Type"] == "image/webp"
    assert served["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in served["Content-Security-Policy"]
    assert Image.open(io.BytesIO(served.body)).size == (320, 240)


def test_renditions_are_made_in_all_widths_and_never_larger(author, upload, settle):
    data = pictures.encoded(pictures.picture(3, (1500, 900)), "PNG")
    asset = upload(author, data=data)
    settle(files=True)
    ready = author.get(f"/api/v1/assets/{asset['id']}").json()
    assert ready["state"] == "ready"
    assert sorted(map(int, ready["urls"])) == [256, 640, 1280, 1500]
    assert {"type": "image/jpeg", "width": 1500} in [
        {"type": source["type"], "width": source["width"]} for source in ready["sources"]
    ]


def test_the_owner_downloads_exactly_what_was_uploaded(author, upload):
    data = pictures.jpeg(5, comment=b"kept for the owner")
    asset = upload(author, data=data)
    answer = author.get(f"/api/v1/assets/{asset['id']}/download")
    assert answer.body == data
    assert "attachment" in answer["Content-Disposition"]


def test_others_download_a_rendition_without_what_the_file_said_of_its_maker(
    author, stranger, publish, settle
):
    exif = Image.Exif()
    exif[0x013B] = "Artist McSecret"
    exif.get_ifd(0x8825)[1] = "N"
    data = pictures.jpeg(6, exif=exif, comment=b"secret comment")
    body = {"file": pictures.upload(data), "declared_origin": "human_captured"}
    asset = author.post("/api/v1/assets", body, format="multipart").json()
    author.post("/api/v1/posts", {"assets": [asset["id"]]})
    settle(files=True)
    answer = stranger.get(f"/api/v1/assets/{asset['id']}/download")
    served = answer.body
    assert served[:2] == b"\xff\xd8"
    assert b"McSecret" not in served
    assert b"secret comment" not in served
    assert not Image.open(io.BytesIO(served)).getexif()


def test_the_orientation_is_applied(author, upload):
    exif = Image.Exif()
    exif[0x0112] = 6
    asset = upload(author, data=pictures.jpeg(7, exif=exif))
    assert (asset["width"], asset["height"]) == (240, 320)


@pytest.mark.parametrize(
    ("kind", "options"),
    [("JPEG", {}), ("PNG", {}), ("WEBP", {}), ("GIF", {}), ("AVIF", {"speed": 9})],
)
def test_every_accepted_format(author, upload, kind, options):
    data = pictures.encoded(pictures.picture(8), kind, **options)
    assert upload(author, data=data)["media_type"] == f"image/{kind.lower()}"


def test_the_same_bytes_twice_are_one_object_and_two_assets(author, stranger, upload):
    data = pictures.jpeg(9)
    first, second = upload(author, data=data), upload(stranger, data=data)
    assert first["id"] != second["id"]
    assert len({asset.key for asset in Asset.objects.all()}) == 1
    assert set(first["urls"].values()).isdisjoint(second["urls"].values())


def test_an_original_lives_until_its_last_asset_is_deleted(author, stranger, upload, settle):
    data = pictures.jpeg(10)
    first, second = upload(author, data=data), upload(stranger, data=data)
    key = Asset.objects.first().key
    assert author.delete(f"/api/v1/assets/{first['id']}").status_code == 204
    settle(files=True)
    assert default_storage.exists(key)
    assert stranger.delete(f"/api/v1/assets/{second['id']}").status_code == 204
    settle(files=True)
    assert not default_storage.exists(key)


def test_a_deleted_asset_is_gone_but_its_record_remains(author, anonymous, upload, settle):
    asset = upload(author)
    url = asset["urls"]["320"]
    author.delete(f"/api/v1/assets/{asset['id']}")
    settle(files=True)
    assert author.get(f"/api/v1/assets/{asset['id']}").status_code == 404
    assert anonymous.get(url).status_code == 404
    assert Record.objects.get().removed_at is not None


def test_an_asset_in_a_post_cannot_be_deleted_under_it(author, publish):
    post_ = publish(author)
    asset = post_["assets"][0]["id"]
    assert author.delete(f"/api/v1/assets/{asset}").json()["code"] == "asset_in_use"
    author.delete(f"/api/v1/posts/{post_['id']}")
    assert author.delete(f"/api/v1/assets/{asset}").status_code == 204


def png_header(width, height):
    """A PNG that claims a size and has no pixels."""
    body = b"IHDR" + width.to_bytes(4) + height.to_bytes(4) + b"\x08\x02\0\0\0"
    ihdr = (13).to_bytes(4) + body + zlib.crc32(body).to_bytes(4)
    data = zlib.compress(b"\0" * 10)
    idat = b"IDAT" + data
    idat = len(data).to_bytes(4) + idat + zlib.crc32(idat).to_bytes(4)
    return b"\x89PNG\r\n\x1a\n" + ihdr + idat + b"\0\0\0\0IEND\xaeB`\x82"


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"", 422, "empty_file"),
        (b"hello, I am no image", 415, "unsupported_type"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "unsupported_type"),
        (b"%PDF-1.7 nothing", 415, "unsupported_type"),
        (pictures.jpeg(1)[:300], 422, "corrupt_image"),
        (pictures.encoded(pictures.picture(1), "TIFF"), 415, "unsupported_type"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, 422, "corrupt_image"),
        (png_header(10_000, 10_000), 422, "too_many_pixels"),
        (png_header(60_000, 10), 422, "too_many_pixels"),
        (png_header(2_000_000_000, 2_000_000_000), 422, "too_many_pixels"),
        (b"RIFF\xff\xff\xff\xffWEBPVP8 garbage", 422, "corrupt_image"),
    ],
)
def test_what_is_no_image_is_refused_and_leaves_nothing(author, data, status, code):
    answer = post(author, data)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["errors"][0]["pointer"] == "/file"
    assert not Asset.objects.exists()
    assert not Record.objects.exists()


def test_too_many_frames_are_refused(author):
    frames = [Image.new("L", (2, 2), index % 255) for index in range(301)]
    data = pictures.encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    answer = post(author, data, "a.gif", "image/gif")
    assert (answer.status_code, answer.json()["code"]) == (422, "too_many_frames")


def test_a_file_over_the_limit_is_413(author, settings):
    settings.MAX_UPLOAD_BYTES = 1000
    answer = post(author, pictures.jpeg(1))
    assert answer.status_code == 413
    assert not Asset.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"file": "not a file"},
        {"alt_text": "x"},
        {"declared_origin": "divine"},
        {"surprise": "field"},
    ],
)
def test_bad_forms_are_400(author, body):
    if "declared_origin" in body or "surprise" in body:
        body["file"] = pictures.upload(pictures.jpeg(1))
    assert author.post("/api/v1/assets", body, format="multipart").status_code == 400


def test_json_where_a_form_is_needed_is_a_clear_refusal(author):
    assert author.post("/api/v1/assets", {"file": "x"}).status_code == 400


def test_only_people_who_are_signed_in_upload(anonymous):
    answer = post(anonymous, pictures.jpeg(1))
    assert answer.status_code == 401


@pytest.mark.parametrize("width", ["999.webp", "320.exe", "..%2f..%2fetc", "x"])
def test_other_file_names_are_404(author, anonymous, upload, width):
    base = upload(author)["urls"]["320"].rpartition("/")[0]
    assert anonymous.get(f"{base}/{width}").status_code == 404


def test_an_exact_declaration_is_kept_as_evidence(author, upload):
    asset = upload(author, declared_origin="human_created")
    assert asset["provenance"]["origin"] == "human_created"
    assert asset["provenance"]["grade"] == "declared"
    assert Evidence.objects.get().kind == "declaration"


def test_no_declaration_is_unknown_and_not_human(author, upload):
    provenance = upload(author)["provenance"]
    assert (provenance["flag"], provenance["grade"]) == ("unknown", "none")
    assert "does not mean" in provenance["reasons"][0]


TRAINED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
PACKET = f"""<x xmlns:e="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
 e:DigitalSourceType="{TRAINED}">
{" " * 70_000}</x>"""
SETTINGS = "a cat\nSteps: 20, Sampler: Euler, CFG scale: 7, Seed: 5"


def with_exif_comment(order):
    exif = Image.Exif()
    body = f"\ufeff{SETTINGS}" if order == "utf-16-le" else SETTINGS
    exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + body.encode(order)
    return pictures.jpeg(1, exif=exif)


def with_text_chunks():
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    for number in range(70):
        info.add_text(f"chunk{number}", "x")
    info.add_text("parameters", SETTINGS)
    info.add_text("more", "y" * 1_200_000, zip=True)
    return pictures.encoded(pictures.picture(1), "PNG", pnginfo=info)


def gif_with_xmp():
    data = pictures.encoded(pictures.picture(1), "GIF")
    extension = b"!\xff\x0bXMP DataXMP" + PACKET.encode() + b"\x01" + bytes(range(255, -1, -1))
    head = 13 + 3 * 2 ** ((data[10] & 7) + 1)
    return data[:head] + extension + b"\0\0" + data[head:]


@pytest.mark.parametrize(
    "data",
    [
        pictures.encoded(pictures.picture(1), "WEBP", xmp=PACKET.encode()),
        pictures.encoded(pictures.picture(1), "WEBP", xmp=PACKET.encode("utf-16")),
        gif_with_xmp(),
        pictures.jpeg(1, comment=SETTINGS.encode()),
        with_exif_comment("utf-16-le"),
        with_exif_comment("utf-16-be"),
        with_text_chunks(),
    ],
    ids=["long xmp", "utf-16 xmp", "gif xmp", "jpeg comment", "exif le", "exif be", "many chunks"],
)
def test_what_a_file_says_against_its_uploader_is_found(author, upload, data):
    asset = upload(author, data=data, declared_origin="human_captured")
    assert asset["provenance"]["flag"] == "ai"
    assert asset["provenance"]["disputed"] is True


def test_fifty_megapixels_are_accepted_and_rendered(author, upload, settle):
    """Transparent ones: they need the most memory."""
    sheet = Image.new("RGBA", (8000, 6250), (10, 90, 160, 200))
    data = pictures.encoded(sheet, "PNG", compress_level=1)
    asset = upload(author, data=data)
    settle(files=True)
    ready = author.get(f"/api/v1/assets/{asset['id']}").json()
    assert ready["state"] == "ready"
    assert "8000" in ready["urls"]


def test_suspension_and_privacy_reach_the_files(author, anonymous, publish):
    from users.models import User

    url = publish(author)["assets"][0]["urls"]["320"]
    assert anonymous.get(url).status_code == 200
    author.patch("/api/v1/me", {"private": True})
    assert anonymous.get(url).status_code == 404
    url = author.get("/api/v1/assets").json()["results"][0]["urls"]["320"]
    assert anonymous.get(url).status_code == 200
    from uuid import uuid4

    User.objects.update(limit="suspended", decision_id=uuid4())
    assert anonymous.get(url).status_code == 404
