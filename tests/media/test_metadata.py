"""What a file says of itself is found by the structure of its format, wherever it stands."""

import gzip
import hashlib
import json
import struct
import zlib

import pytest
from PIL import Image

from media import sandbox
from tests.helpers import malformed, pictures

PICTURE = pictures.picture(1, (64, 48))
LONG = "".join(chr(0x4E00 + number % 5000) for number in range(60_000))


@pytest.fixture
def said(tmp_path):
    """The metadata of a file as the sandbox reports it."""

    def said(data):
        path = tmp_path / "file"
        path.write_bytes(data)
        return sandbox.examine(path).metadata

    return said


def png(*chunks, behind=()):
    """A PNG with chunks before and behind its pixels."""
    data = pictures.encoded(PICTURE, "PNG")
    head, end = data[:33], data[-12:]
    before = b"".join(malformed.png_chunk(*chunk) for chunk in chunks)
    after = b"".join(malformed.png_chunk(*chunk) for chunk in behind)
    return head + before + data[33:-12] + after + end


TEXTS = [
    (b"tEXt", b"parameters\0a cat"),
    (b"zTXt", b"prompt\0\0" + zlib.compress(b'{"1": {}}')),
    (b"iTXt", b"workflow\0\0\0en\0\0" + "größe".encode()),
    (b"iTXt", b"Comment\0\1\0\0\0" + zlib.compress(b"zipped")),
    (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<x/>"),
]


@pytest.mark.parametrize("place", ["before", "behind"])
def test_png_texts_are_found_before_and_behind_the_pixels(said, place):
    found = said(png(*TEXTS) if place == "before" else png(behind=TEXTS))
    assert found.text == {
        "parameters": "a cat", "prompt": '{"1": {}}', "workflow": "größe", "Comment": "zipped",
    }  # fmt: skip
    assert found.xmp == "<x/>"
    assert found.unreadable == ()


def test_png_texts_are_bounded_and_the_known_ones_come_first(said):
    many = [(b"tEXt", b"name%d\0" % number + b"x" * 100_000) for number in range(100)]
    bomb = (b"zTXt", b"prompt\0\0" + zlib.compress(bytes(30_000_000)))
    found = said(png(*many, bomb, behind=[(b"tEXt", b"parameters\0a cat")]))
    assert len(found.text) == 64
    assert found.text["parameters"] == "a cat"
    assert len(found.text["prompt"]) == 1024 * 1024
    assert len(found.text["name1"]) == 64 * 1024


def test_a_broken_text_hides_neither_the_picture_nor_the_others(said):
    found = said(png((b"zTXt", b"prompt\0\0no zlib"), (b"tEXt", b"parameters\0a cat")))
    assert found.text == {"parameters": "a cat"}
    assert found.unreadable == ("text",)


def exif_block(**texts):
    exif = Image.Exif()
    for name, value in texts.items():
        exif[getattr(__import__("PIL.ExifTags").ExifTags.Base, name)] = value
    exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + "größe".encode("utf-16-be")
    exif.get_ifd(0x8769)[0x9213] = "edited twice"
    exif.get_ifd(0x8769)[0xA431] = "serial number 5"
    exif.get_ifd(0x8825)[1] = "N"
    exif[0x0132] = "2026:01:01 00:00:00"
    return exif.tobytes()


FIELDS = exif_block(
    Make="a maker", HostComputer="a host", XPComment="sagt größe".encode("utf-16-le")
)
EXPECTED = {
    "Make": "a maker", "HostComputer": "a host", "XPComment": "sagt größe",
    "UserComment": "größe", "ImageHistory": "edited twice",
}  # fmt: skip
WRITERS = {
    "jpeg": lambda **said: pictures.encoded(PICTURE, "JPEG", **said),
    "webp": lambda **said: pictures.encoded(PICTURE, "WEBP", **said),
    "avif": lambda **said: pictures.encoded(PICTURE, "AVIF", speed=10, **said),
    "heic": lambda **said: pictures.heic(PICTURE, **said),
}


@pytest.mark.parametrize("kind", WRITERS)
def test_exif_and_xmp_in_every_format_without_place_serial_or_date(said, kind):
    found = said(WRITERS[kind](exif=FIELDS, xmp=b"<x:xmpmeta/>"))
    assert found.exif == EXPECTED
    assert found.xmp.strip() == "<x:xmpmeta/>"


@pytest.mark.parametrize("place", ["before", "behind"])
def test_exif_in_png(said, place):
    chunk = (b"eXIf", FIELDS.removeprefix(b"Exif\0\0"))
    assert said(png(chunk) if place == "before" else png(behind=[chunk])).exif == EXPECTED


def test_exif_in_png_as_image_magick_writes_it(said):
    lines = f"\nexif\n{len(FIELDS):8}\n{FIELDS.hex()}\n".encode()
    chunk = (b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(lines))
    assert said(png(chunk)).exif == EXPECTED


def test_broken_exif_is_named(said):
    found = said(pictures.encoded(PICTURE, "WEBP", exif=b"no such thing", xmp=b"<x/>"))
    assert (found.exif, found.xmp, found.unreadable) == ({}, "<x/>", ("exif",))


def jpeg(*segments, behind=b""):
    data = pictures.encoded(PICTURE, "JPEG")
    parts = [
        b"\xff" + bytes([marker]) + (len(body) + 2).to_bytes(2) + body for marker, body in segments
    ]
    return data[:2] + b"".join(parts) + data[2:] + behind


XMP = (0xE1, b"http://ns.adobe.com/xap/1.0/\0<short/>")


def extended(packet):
    guid = hashlib.md5(packet, usedforsecurity=False).hexdigest().upper().encode()
    head = b"http://ns.adobe.com/xmp/extension/\0" + guid + struct.pack(">I", len(packet))
    return [
        (0xE1, head + struct.pack(">I", at) + packet[at : at + 60_000])
        for at in range(0, len(packet), 60_000)
    ]


@pytest.mark.parametrize("order", [1, -1])
def test_extended_xmp_is_put_together_and_follows_the_packet(said, order):
    packet = f"<long>{LONG}</long>".encode()
    found = said(jpeg(*[XMP, *extended(packet)][::order]))
    assert found.xmp == f"<short/>\n{packet.decode()}"


def test_extended_xmp_that_lies_about_its_length_is_bounded(said):
    (marker, body), *_ = extended(b"<long/>")
    lying = body[:67] + b"\xff\xff\xff\xff" + b"\xff\xff\xff\xf0" + b"x" * 100
    found = said(jpeg(XMP, (marker, lying)))
    assert found.xmp.startswith("<short/>")
    assert len(found.xmp) <= 1024 * 1024


def test_jpeg_comments_and_several_exif_blocks(said):
    later = b"Exif\0\0" + exif_block(Make="another", Model="a model").removeprefix(b"Exif\0\0")
    found = said(jpeg((0xFE, b"words"), (0xE1, FIELDS), (0xE1, later)))
    assert found.text == {"comment": "words"}
    assert found.exif == EXPECTED | {"Model": "a model"}


def samsung(name, value, count=1):
    """A trailer as the Galaxy editor writes it: the blocks, their directory, its length."""
    block = struct.pack("<HHI", 0, 0x0BA1, len(name)) + name + value
    entry = struct.pack("<HHII", 0, 0x0BA1, len(block), len(block))
    directory = b"SEFH" + struct.pack("<II", 106, count) + entry
    return block + directory + struct.pack("<I", len(directory)) + b"SEFT"


def test_what_samsungs_editor_leaves_behind_the_picture(said):
    edits = json.dumps({"originalPath": "x", "aiEdited": True})
    found = said(jpeg(behind=samsung(b"PhotoEditor_Re_Edit_Data", edits.encode())))
    assert found.text == {"PhotoEditor_Re_Edit_Data": edits}


@pytest.mark.parametrize(
    "trailer",
    [
        samsung(b"Other_Data", b"{}"),
        samsung(b"PhotoEditor_Re_Edit_Data", b"{}")[:-9] + b"\xff\xff\xff\xffSEFT",
        b"SEFH\xff\xff\xff\xff\xff\xff\xff\xff" * 3 + struct.pack("<I", 36) + b"SEFT",
        b"SEFT",
    ],
    ids=["another entry", "endless directory", "endless entries", "only the end"],
)
def test_other_and_broken_trailers_say_nothing(said, trailer):
    assert said(jpeg(behind=trailer)).text == {}


def gif(*extensions):
    data = pictures.encoded(PICTURE, "GIF")
    head = 13 + 3 * 2 ** ((data[10] & 7) + 1)
    return data[:head] + b"".join(extensions) + data[head:]


def gif_xmp(packet):
    trailer = b"\x01" + bytes(range(255, -1, -1)) + b"\0"
    return b"!\xff\x0bXMP DataXMP" + packet + trailer


def test_gif_comments_and_xmp(said):
    words = b"w" * 200
    comment = b"!\xfe\xc8" + words + b"\x05again\0"
    found = said(gif(comment, gif_xmp(f"<x>{LONG}</x>".encode())))
    assert found.text == {"comment": words.decode() + "again"}
    assert found.xmp == f"<x>{LONG}</x>"


def test_a_name_in_a_comment_is_no_gif_packet(said):
    found = said(gif(b"!\xfe\x0fXMP DataXMP<x/>\0"))
    assert (found.text["comment"], found.xmp) == ("XMP DataXMP<x/>", "")


def hidden(word, body, mode="RGBA", size=(97, 61), length=None):
    """A picture that carries `body` in its lowest bits."""
    count = 8 * len(body) if length is None else length
    data = word + struct.pack(">I", count) + body
    bits = [byte >> (7 - place) & 1 for byte in data for place in range(8)]
    picture = pictures.picture(3, size).convert(mode)
    if mode == "RGBA":
        picture.putalpha(254)
    channels = (3,) if b"png" in word else (0, 1, 2)
    pixels = picture.load()
    places = [(x, y, c) for x in range(size[0]) for y in range(size[1]) for c in channels]
    for (x, y, channel), bit in zip(places, bits, strict=False):
        pixel = list(pixels[x, y])
        pixel[channel] = pixel[channel] & 0xFE | bit
        pixels[x, y] = tuple(pixel)
    return picture


SETTINGS = json.dumps({"Software": "NovelAI", "prompt": "größe"}, ensure_ascii=False)
PLAIN = SETTINGS.encode()


@pytest.mark.parametrize(
    ("word", "body", "mode"),
    [
        (b"stealth_pnginfo", PLAIN, "RGBA"),
        (b"stealth_pngcomp", gzip.compress(PLAIN), "RGBA"),
        (b"stealth_rgbinfo", PLAIN, "RGB"),
        (b"stealth_rgbinfo", PLAIN, "RGBA"),
        (b"stealth_rgbcomp", gzip.compress(PLAIN), "RGB"),
    ],
    ids=["plain", "gzipped", "colours", "colours beside alpha", "gzipped colours"],
)
@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_text_hidden_in_the_lowest_bits_is_found(said, word, body, mode, kind):
    options = {"lossless": True, "exact": True} if kind == "WEBP" else {}
    exif = Image.Exif()
    exif[0x0112] = 6
    data = pictures.encoded(hidden(word, body, mode), kind, exif=exif, **options)
    assert said(data).stealth == (SETTINGS,)


@pytest.mark.parametrize("size", [(400, 7), (7, 400), (2, 2), (1, 160)])
def test_pictures_of_every_shape_can_be_looked_at(said, size):
    found = said(pictures.encoded(hidden(b"stealth_rgbinfo", b"hi", "RGB", size), "PNG"))
    assert found.unreadable == ()
    assert found.stealth == (("hi",) if size[0] * size[1] * 3 >= 168 else ())


@pytest.mark.parametrize(
    ("word", "body", "length"),
    [
        (b"stealth_pnginfo", b"text", 2**32 - 8),
        (b"stealth_pnginfo", b"text", 33),
        (b"stealth_pngcomp", b"no gzip at all", None),
    ],
    ids=["too long", "half a byte", "no gzip"],
)
def test_damaged_hidden_text_is_named(said, word, body, length):
    found = said(pictures.encoded(hidden(word, body, length=length), "PNG"))
    assert (found.stealth, found.unreadable) == ((), ("stealth",))


def test_a_hidden_bomb_is_bounded(said):
    bomb = gzip.compress(bytes(5_000_000))
    found = said(pictures.encoded(hidden(b"stealth_pngcomp", bomb, size=(300, 200)), "PNG"))
    assert len(found.stealth[0]) == 1024 * 1024


def test_an_ordinary_picture_hides_nothing(said):
    assert said(pictures.encoded(PICTURE.convert("RGBA"), "PNG")).stealth == ()
