"""Files that are broken on purpose, from valid ones of all accepted formats. Seeded."""

import random
import struct
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from itertools import chain, count, islice
from typing import NamedTuple

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.helpers import pictures

Damage = Callable[[random.Random, bytes], bytes]


class File(NamedTuple):
    number: int
    name: str
    data: bytes


def files(*, seed: int, how_many: int) -> Iterator[File]:
    """So many files: each kind of damage to each valid file in turn, with ever new chances.

    Whole files that are traps by construction come first.
    """
    rng = random.Random(seed)
    every = chain(traps(), _damaged(rng))
    return (File(number, name, data) for number, (name, data) in enumerate(islice(every, how_many)))


def _damaged(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    for round_ in count():
        for number, (name, data) in enumerate(valid().items()):
            damage = DAMAGES[(round_ + number) % len(DAMAGES)]
            yield f"{damage.__name__.strip('_')} {name} ({round_})", damage(rng, data)


@cache
def valid() -> dict[str, bytes]:
    """Small files with metadata, animations and profiles, so that there is much to break."""
    picture = pictures.picture(1, (90, 61))
    clear = picture.convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize(clear.size))
    frames = [pictures.picture(number, (60, 50)) for number in range(3)]
    animated = {"save_all": True, "append_images": frames[1:]}
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "a description"
    exif.get_ifd(0x8769)[0x9286] = b"ASCII\0\0\0a comment"
    said = {"exif": exif.tobytes(), "xmp": b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>"}
    texts = PngInfo()
    texts.add_text("parameters", "a cat")
    texts.add_text("long", "y" * 5000, zip=True)
    texts.add_itxt("XML:com.adobe.xmp", "<x/>")
    encoded = pictures.encoded
    return {
        "jpeg": encoded(picture, "JPEG", comment=b"words", **said),
        "progressive jpeg": encoded(picture, "JPEG", progressive=True, subsampling=0),
        "cmyk jpeg": encoded(picture.convert("CMYK"), "JPEG"),
        "mpo": encoded(picture, "MPO", save_all=True, append_images=[picture]),
        "png": encoded(clear, "PNG", pnginfo=texts, exif=said["exif"]),
        "palette png": encoded(picture.quantize(16), "PNG", transparency=3),
        "16-bit png": encoded(picture.convert("I;16"), "PNG"),
        "apng": encoded(frames[0], "PNG", **animated),
        "webp": encoded(clear, "WEBP", **said),
        "lossless webp": encoded(clear, "WEBP", lossless=True, **said),
        "animated webp": encoded(frames[0], "WEBP", **animated),
        "gif": encoded(picture, "GIF", comment=b"words"),
        "animated gif": encoded(frames[0], "GIF", **animated),
        "avif": encoded(picture, "AVIF", speed=10, **said),
        "animated avif": encoded(frames[0], "AVIF", speed=10, **animated),
        "heic": pictures.heic(picture, **said),
    }


def traps() -> Iterator[tuple[str, bytes]]:
    """Small files that claim or unpack to something large, or are two things at once."""
    for width, height in ((65_535, 65_535), (2**31 - 1, 2**31 - 1), (0, 0), (16_384, 1)):
        yield (f"png of {width} x {height}", png(width, height, zlib.compress(bytes(100))))
    yield ("png that unpacks to more", png(10, 10, zlib.compress(bytes(20_000_000), 9)))
    yield ("png without pixels", png(4000, 4000, b""))
    bomb = b"parameters\0\0" + zlib.compress(bytes(50_000_000), 9)
    yield ("png with a text that unpacks", png(8, 8, _rows(8), (b"zTXt", bomb)))
    profile = b"profile\0\0" + zlib.compress(bytes(50_000_000), 9)
    yield ("png with a profile that unpacks", png(8, 8, _rows(8), (b"iCCP", profile)))
    many = [(b"tEXt", b"a%d\0b" % number) for number in range(20_000)]
    yield ("png of many texts", png(8, 8, _rows(8), *many))
    yield ("gif of 65535 x 65535", b"GIF89a\xff\xff\xff\xff\0\0\0;")
    yield ("gif of many frames", gif(frames=3000, canvas=2))
    yield ("gif of large frames", gif(frames=40, canvas=4000))
    yield ("gif that grows", gif(frames=40, canvas=2, frame=4000))
    yield ("jpeg of 65500 x 65500", _with_jpeg_size(valid()["jpeg"], 65_500))
    canvas = b"VP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + b"\xff\xff\xff" * 2
    yield ("webp of 16777216 x 16777216", _riff(canvas + valid()["webp"][30:]))
    for head in ("jpeg", "gif", "png", "webp"):
        for tail in ("png", "heic"):
            yield (f"{head} before {tail}", valid()[head] + valid()[tail])
    yield ("page in a gif", b"GIF89a=1;<script>alert(1)</script>" + valid()["gif"][13:])
    yield ("archive behind a png", valid()["png"] + b"PK\x05\x06" + bytes(18))
    for magic in (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\xff\xff\xff\xffWEBP"):
        yield (f"only {magic!r}", magic)
        yield (f"nothing after {magic!r}", magic + bytes(1000))
    for brand in (b"avif", b"avis", b"heic", b"mif1"):
        yield (f"only {brand!r}", b"\0\0\0\x18ftyp" + brand + bytes(4) + brand * 2)
        size = b"\xff\xff\xff\xffmeta" + bytes(64)
        yield (f"{brand!r} of endless boxes", b"\0\0\0\x14ftyp" + brand + bytes(4) + brand + size)


def png(width: int, height: int, pixels: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG of 8-bit RGB from its compressed pixels and further chunks."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", header), *chunks, (b"IDAT", pixels), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(kind, body) for kind, body in parts)


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def gif(*, frames: int, canvas: int, frame: int = 2) -> bytes:
    """An animation of the smallest frames there are; all but the first say to be `frame` wide."""
    sides = [2, *[frame] * (frames - 1)]
    drawn = (b"," + struct.pack("<4HB", 0, 0, side, side, 0) + b"\2\2\x44\1\0" for side in sides)
    screen = struct.pack("<HH", canvas, canvas) + b"\x80\0\0" + b"\0\0\0\xff\xff\xff"
    return b"GIF89a" + screen + b"".join(drawn) + b";"


def _rows(side: int) -> bytes:
    return zlib.compress(bytes((side * 3 + 1) * side))


def _with_jpeg_size(data: bytes, side: int) -> bytes:
    at = data.index(b"\xff\xc0")
    return data[: at + 5] + struct.pack(">HH", side, side) + data[at + 9 :]


def _riff(chunks: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WEBP" + chunks


def _truncated(rng: random.Random, data: bytes) -> bytes:
    return data[: rng.randrange(1, len(data))]


def _bytes_flipped(rng: random.Random, data: bytes) -> bytes:
    broken = bytearray(data)
    for _ in range(rng.randrange(1, 20)):
        broken[rng.randrange(4, len(data))] = rng.randrange(256)
    return bytes(broken)


def _head_flipped(rng: random.Random, data: bytes) -> bytes:
    """Where the sizes and the structure are."""
    broken = bytearray(data)
    for _ in range(rng.randrange(1, 6)):
        broken[rng.randrange(4, min(200, len(data)))] = rng.choice((0, 1, 127, 128, 255))
    return bytes(broken)


def _length_changed(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(4, len(data) - 4)
    value = rng.choice((0, 1, 2**16, 2**31 - 1, 2**31, 2**32 - 1))
    return data[:at] + struct.pack(rng.choice("<>") + "I", value) + data[at + 4 :]


def _span_emptied(rng: random.Random, data: bytes) -> bytes:
    start, end = sorted(rng.sample(range(4, len(data)), 2))
    return data[:start] + bytes(end - start) + data[end:]


def _span_removed(rng: random.Random, data: bytes) -> bytes:
    start, end = sorted(rng.sample(range(4, len(data)), 2))
    return data[:start] + data[end:]


def _span_repeated(rng: random.Random, data: bytes) -> bytes:
    start, end = sorted(rng.sample(range(4, len(data)), 2))
    return data[:end] + data[start:end] * rng.randrange(1, 4) + data[end:]


def _nested(rng: random.Random, data: bytes) -> bytes:
    """The whole file once more in its middle."""
    at = rng.randrange(4, len(data))
    return data[:at] + data + data[at:]


def _tail_replaced(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(min(30, len(data) // 2), len(data))
    return data[:at] + rng.randbytes(len(data) - at + 100)


def _garbage_appended(rng: random.Random, data: bytes) -> bytes:
    return data + rng.randbytes(rng.randrange(1, 5000))


def _head_of_another(rng: random.Random, data: bytes) -> bytes:
    other = rng.choice(list(valid().values()))
    return other[: rng.randrange(3, 40)] + data[rng.randrange(3, 40) :]


DAMAGES: tuple[Damage, ...] = (
    _truncated,
    _bytes_flipped,
    _head_flipped,
    _length_changed,
    _span_emptied,
    _span_removed,
    _span_repeated,
    _nested,
    _tail_replaced,
    _garbage_appended,
    _head_of_another,
)
