"""The sandbox from the outside: whatever the decoder does, the door answers with one refusal."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image

from core import jail
from media import sandbox
from media.models import Asset
from media.sandbox import RenditionOrder
from tests.helpers import malformed, pictures

REPORT = (
    "import json, sys\n"
    "order = json.load(sys.stdin)\n"
    "report = {'media_type': 'image/jpeg', 'width': 1, 'height': 1, 'frames': 1, 'digest': 'x',\n"
    "    'blurhash': '', 'metadata': {}, 'renditions': []}\n"
)


@pytest.fixture
def decoder(tmp_path, monkeypatch):
    """Put another program in the decoder's place, with little patience for it."""

    def decoder(text):
        path = tmp_path / "decoder.py"
        path.write_text(text)
        monkeypatch.setattr(sandbox, "DECODER", path)
        limits = jail.Limits(
            memory_bytes=256 * 1024 * 1024, cpu_seconds=1, wall_seconds=3.0, file_bytes=1024 * 1024
        )
        monkeypatch.setattr(sandbox, "LIMITS", limits)

    return decoder


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fault",
    [
        "import ctypes; ctypes.string_at(0)",
        "while True: pass",
        "import os, time; os.close(1); time.sleep(60)",
        "bytearray(4 * 1024 ** 3)",
        "import os; os.fork()",
        "import socket; socket.socket()",
        "raise SystemExit(1)",
        "print('{\"media_type\": ')",
        "print('{}')",
        f"{REPORT}report['width'] = 'wide'; print(json.dumps(report))",
        f"{REPORT}report['metadata'] = []; print(json.dumps(report))",
        f"{REPORT}print(json.dumps(report))",
        f"{REPORT}report['renditions'] = [{{'width': 1, 'height': 1, 'digest': 'x'}}]\n"
        "print(json.dumps(report))",
    ],
    ids=[
        "crash", "endless loop", "endless sleep", "memory", "fork", "socket", "exit", "half",
        "empty report", "wrong kind", "wrong metadata", "too few files", "a file that is not there",
    ],
)  # fmt: skip
def test_every_fault_of_the_decoder_is_too_costly_and_leaves_nothing(author, decoder, fault):
    decoder(fault)
    body = {"file": pictures.upload(pictures.jpeg(1))}
    answer = author.post("/api/v1/assets", body, format="multipart")
    assert (answer.status_code, answer.json()["code"]) == (422, "too_costly")
    assert answer.json()["errors"][0]["pointer"] == "/file"
    assert not Asset.objects.exists()


def test_the_decoder_cannot_name_files_that_were_not_ordered(decoder, tmp_path):
    secret, ordered = tmp_path / "secret", tmp_path / "ordered.webp"
    secret.write_text("secret")
    decoder(
        f"{REPORT}open(order['renditions'][0]['path'], 'w').write('picture')\n"
        f"report['renditions'] = [{{'path': {str(secret)!r}, 'media_type': 'text/html',\n"
        "    'size': 6, 'width': 1, 'height': 1, 'digest': 'x'}]\n"
        "print(json.dumps(report))"
    )
    (made,) = sandbox.examine(secret, [RenditionOrder(ordered, 1, "image/webp")]).renditions
    assert (made.path, made.media_type, made.size) == (ordered, "image/webp", 7)


@pytest.fixture
def examine(tmp_path):
    def examine(data, *renditions):
        path = tmp_path / "file"
        path.write_bytes(data)
        return sandbox.examine(path, renditions)

    return examine


def test_malformed_files_are_refused_or_read_and_nothing_else(tmp_path):
    def outcome(file):
        path = tmp_path / str(file.number)
        path.write_bytes(file.data)
        try:
            sandbox.examine(path)
        except (sandbox.Undecodable, sandbox.UnsupportedType) as refusal:
            return file.name, refusal.code
        return file.name, "read"

    with ThreadPoolExecutor(sandbox.CHILDREN_AT_ONCE) as pool:
        outcomes = dict(pool.map(outcome, malformed.files(seed=1, how_many=90)))
    assert set(outcomes.values()) == {
        "read", "corrupt_image", "unsupported_type", "too_many_pixels", "too_many_frames",
    }, outcomes  # fmt: skip


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_picture_has_the_same_pixels_in_every_lossless_format(examine, mode):
    picture = pictures.picture(4).convert(mode)
    if mode == "RGBA":
        picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    png = examine(pictures.encoded(picture, "PNG"))
    webp = examine(pictures.encoded(picture, "WEBP", lossless=True, exact=True))
    assert png.digest == webp.digest


def test_the_digest_is_what_its_definition_says(examine):
    from hashlib import sha256

    picture = pictures.picture(5, (37, 53))
    pixels = picture.convert("RGBA").tobytes()
    found = examine(pictures.encoded(picture, "PNG"))
    assert found.digest == sha256(b"37x53\n" + pixels).hexdigest()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_all_orientations_are_turned_upright(examine, orientation):
    upright = pictures.picture(6, (40, 30))
    turned = {
        1: None, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM, 5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_270,
    }[orientation]  # fmt: skip
    lying = upright.transpose(turned) if turned is not None else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    expected = examine(pictures.encoded(upright, "PNG"))
    found = examine(pictures.encoded(lying, "PNG", exif=exif))
    assert (found.width, found.height, found.digest) == (40, 30, expected.digest)


def test_the_first_picture_of_several_counts(examine):
    first, second = pictures.picture(1), pictures.picture(2)
    alone = examine(pictures.encoded(first, "JPEG", quality=90))
    several = pictures.encoded(first, "MPO", quality=90, save_all=True, append_images=[second])
    found = examine(several)
    assert (found.media_type, found.frames, found.digest) == ("image/jpeg", 1, alone.digest)


@pytest.mark.parametrize(
    ("kind", "options"), [("GIF", {}), ("WEBP", {}), ("PNG", {}), ("AVIF", {"speed": 10})]
)
def test_all_frames_of_an_animation_are_decoded(examine, kind, options):
    frames = [pictures.picture(number, (48, 48)) for number in range(5)]
    data = pictures.encoded(frames[0], kind, save_all=True, append_images=frames[1:], **options)
    assert examine(data).frames == 5
    with pytest.raises(sandbox.Undecodable):
        examine(data[: len(data) * 4 // 5])


def test_an_animation_shows_its_first_frame(examine):
    frames = [pictures.picture(number, (48, 48)) for number in range(3)]
    data = pictures.encoded(
        frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True
    )
    assert examine(data).digest == examine(pictures.encoded(frames[0], "PNG")).digest


def test_large_animations_are_refused(examine):
    with pytest.raises(sandbox.Undecodable) as refusal:
        examine(malformed.gif(frames=51, canvas=2000))
    assert refusal.value.code == "too_many_frames"


def test_a_large_webp_is_refused_before_it_is_decoded(examine):
    large = pictures.encoded(Image.new("RGB", (8000, 6000)), "WEBP", quality=1, method=0)
    with pytest.raises(sandbox.Undecodable) as refusal:
        examine(large)
    assert refusal.value.code == "too_many_pixels"


def test_a_profile_is_applied(examine):
    from PIL import ImageCms

    srgb = ImageCms.createProfile("sRGB")
    swapped = bytearray(ImageCms.ImageCmsProfile(srgb).tobytes())
    red, green = swapped.index(b"rXYZ"), swapped.index(b"gXYZ")
    swapped[red], swapped[green] = swapped[green], swapped[red]
    picture = pictures.picture(7)
    plain, with_profile, broken = (
        examine(pictures.encoded(picture, "PNG", icc_profile=profile)).digest
        for profile in (None, bytes(swapped), b"no profile at all")
    )
    assert broken == plain
    assert with_profile != plain


def test_written_files_hold_the_pixels_and_nothing_else(examine, tmp_path):
    exif = Image.Exif()
    exif[0x013B] = "Artist McSecret"
    picture = pictures.picture(8, (1500, 900)).convert("RGBA")
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    data = pictures.encoded(picture, "PNG", exif=exif)
    orders = [
        RenditionOrder(tmp_path / "full.jpg", 1500, "image/jpeg"),
        RenditionOrder(tmp_path / "256.webp", 256, "image/webp"),
        RenditionOrder(tmp_path / "full.webp", 1500, "image/webp"),
        RenditionOrder(tmp_path / "1280.webp", 1280, "image/webp"),
        RenditionOrder(tmp_path / "work.png", 2048, "image/png"),
    ]
    made = examine(data, *orders).renditions
    assert [(each.path, each.media_type) for each in made] == [
        (order.path, order.media_type) for order in orders
    ]
    assert [(each.width, each.height) for each in made] == [
        (1500, 900), (256, 154), (1500, 900), (1280, 768), (1500, 900),
    ]  # fmt: skip
    for each in made:
        written = each.path.read_bytes()
        assert each.size == len(written)
        assert b"McSecret" not in written
        assert examine(written).digest == each.digest
    with Image.open(made[2].path) as full:
        assert full.mode == "RGBA"
