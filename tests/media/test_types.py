"""Name, declared type and content of an upload must agree, and HEIC is taken in."""

import pytest
from PIL import Image

from tests.helpers import pictures

pytestmark = pytest.mark.django_db
JPEG = pictures.jpeg(1)
PNG = pictures.encoded(pictures.picture(1), "PNG")
HEIC = pictures.heic(pictures.picture(1))


def post(client, data, name, media_type):
    body = {"file": pictures.upload(data, name, media_type)}
    return client.post("/api/v1/assets", body, format="multipart")


@pytest.mark.parametrize(
    ("data", "name", "media_type"),
    [
        (JPEG, "photo.png", "image/jpeg"),
        (JPEG, "photo.jpg", "image/png"),
        (JPEG, "photo.HEIC", "image/jpeg"),
        (JPEG, "photo.svg", "application/octet-stream"),
        (JPEG, "photo.jpg", "image/svg+xml"),
        (PNG, "photo.jpg", "image/png"),
        (PNG, "photo.png", "IMAGE/JPEG"),
        (HEIC, "photo.avif", "image/heic"),
    ],
)
def test_a_name_or_type_of_another_kind_of_image_is_refused(author, data, name, media_type):
    answer = post(author, data, name, media_type)
    assert (answer.status_code, answer.json()["code"]) == (422, "type_mismatch")
    assert answer.json()["errors"][0]["pointer"] == "/file"


@pytest.mark.parametrize(
    ("data", "name", "media_type"),
    [
        *[(JPEG, f"photo.{end}", "image/jpeg") for end in ("jpg", "JPEG", "jpe", "jfif", "mpo")],
        (JPEG, "photo", "application/octet-stream"),
        (JPEG, "photo.final", "image/pjpeg"),
        (PNG, "photo.png", "image/png; charset=binary"),
        *[(HEIC, f"photo.{end}", "image/heic") for end in ("heic", "HEIF", "hif")],
        (HEIC, "photo.heic", "image/heif"),
    ],
)
def test_a_name_or_type_that_fits_or_says_nothing_is_fine(author, data, name, media_type):
    assert post(author, data, name, media_type).status_code == 201


def test_a_heic_is_kept_and_served_as_something_else(author, anonymous, upload, settle):
    exif = Image.Exif()
    exif[0x0112] = 6
    data = pictures.heic(pictures.picture(2, (320, 240)), exif=exif.tobytes())
    asset = upload(author, data=data)
    assert (asset["media_type"], asset["width"], asset["height"]) == ("image/heic", 240, 320)
    settle(files=True)
    ready = author.get(f"/api/v1/assets/{asset['id']}").json()
    assert {source["type"] for source in ready["sources"]} == {"image/webp", "image/jpeg"}
    original = author.get(f"/api/v1/assets/{asset['id']}/download")
    assert original.body == data
    assert ".heic" in original["Content-Disposition"]


def rebranded(data, major, *compatible):
    """The same file with another file type box of the same meaning or none."""
    old = int.from_bytes(data[:4])
    brands = major + bytes(4) + b"".join(compatible)
    box = (8 + len(brands)).to_bytes(4) + b"ftyp" + brands
    # Offsets of the picture are counted from the start of the file.
    return box + data[old:] if len(box) == old else None


def test_a_structural_brand_says_nothing_and_the_compatible_ones_decide(author):
    size = int.from_bytes(HEIC[:4])
    others = (size - 16) // 4
    heic = rebranded(HEIC, b"mif1", *[b"mif1"] * (others - 1), b"heic")
    none = rebranded(HEIC, b"mif1", *[b"mif1"] * others)
    assert post(author, heic, "a.heic", "image/heic").status_code == 201
    assert post(author, none, "a.heic", "image/heic").json()["code"] == "unsupported_type"
    lying = rebranded(HEIC, b"avif", *[b"avif"] * others)
    assert post(author, lying, "a.avif", "image/avif").json()["code"] == "corrupt_image"
