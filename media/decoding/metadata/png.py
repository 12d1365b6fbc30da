"""PNG: the text chunks, EXIF and XMP, wherever they stand (PNG, third edition, 11.3)."""

import zlib
from collections.abc import Iterator

from media.decoding.limits import MAX_KNOWN_TEXT, MAX_PARTS
from media.decoding.metadata.parts import Parts

XMP_KEYWORD = "XML:com.adobe.xmp"
# ImageMagick's way, in hexadecimal: a line break, the name, the length, then the bytes.
PROFILE_KEYWORDS = {"Raw profile type exif", "Raw profile type APP1"}


def walk(data: bytes, parts: Parts) -> None:
    for kind, body in _chunks(data):
        if kind == b"eXIf":
            parts.add_exif(body)
        elif kind in {b"tEXt", b"zTXt", b"iTXt"}:
            with parts.reading("text"):
                _text_chunk(kind, body, parts)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    for _ in range(MAX_PARTS):
        length = int.from_bytes(data[at : at + 4])
        kind = data[at + 4 : at + 8]
        if len(kind) < 4 or kind == b"IEND":
            return
        yield kind, data[at + 8 : at + 8 + length] if kind != b"IDAT" else b""
        at += 12 + length
    raise ValueError("too many chunks")


def _text_chunk(kind: bytes, body: bytes, parts: Parts) -> None:
    keyword, _, rest = body.partition(b"\0")
    name = keyword.decode("latin-1")
    if kind == b"iTXt":
        compressed, _language, _translated, value = (
            rest[0], *rest[2:].split(b"\0", 2)
        )  # fmt: skip
        value = _inflated(value) if compressed else value
        if name == XMP_KEYWORD:
            parts.add_xmp(value)
        else:
            parts.add_text(name, value.decode("utf-8", "replace"))
        return
    value = _inflated(rest[1:]) if kind == b"zTXt" else rest
    if name in PROFILE_KEYWORDS:
        parts.add_exif(bytes.fromhex("".join(value.decode("latin-1").split("\n")[3:])))
    elif name == XMP_KEYWORD:
        parts.add_xmp(value)
    else:
        parts.add_text(name, _latin_or_utf8(value))


def _inflated(data: bytes) -> bytes:
    return zlib.decompressobj().decompress(data, MAX_KNOWN_TEXT)


def _latin_or_utf8(value: bytes) -> str:
    """Latin-1 by the specification; UTF-8 where it is valid, because many write that."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")
