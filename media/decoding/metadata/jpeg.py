"""JPEG: comments, EXIF, XMP with its extension, and what Samsung's editor leaves behind the end."""

import re
from collections.abc import Iterator

from media.decoding.limits import MAX_KNOWN_TEXT, MAX_PARTS
from media.decoding.metadata.parts import Parts

EXIF = b"Exif\0\0"
XMP = b"http://ns.adobe.com/xap/1.0/\0"
EXTENDED_XMP = b"http://ns.adobe.com/xmp/extension/\0"
EXTENDED_HEAD = 32 + 4 + 4  # the packet's MD5 in hexadecimal, its length, this part's offset
APP1, COMMENT, SCAN, END = 0xE1, 0xFE, 0xDA, 0xD9
# After a scan: the next marker that is neither a stuffed byte nor a restart.
NEXT_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
SAMSUNG_ENTRIES = {"PhotoEditor_Re_Edit_Data"}


def walk(data: bytes, parts: Parts) -> None:
    extended: dict[bytes, bytearray] = {}
    for marker, body in _segments(data):
        if marker == COMMENT:
            parts.add_text("comment", body.decode("utf-8", "replace"))
        elif body.startswith(EXIF):
            _add_exif(body[len(EXIF) :], parts)
        elif body.startswith(XMP):
            parts.add_xmp(body[len(XMP) :])
        elif body.startswith(EXTENDED_XMP):
            with parts.reading("xmp"):
                _place(body[len(EXTENDED_XMP) :], extended)
    for packet in extended.values():
        parts.add_xmp(bytes(packet))
    with parts.reading("text"):
        for name, value in _samsung_entries(data):
            if name in SAMSUNG_ENTRIES:
                parts.add_text(name, value.decode("utf-8", "replace"))


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Comments and APP1 segments of the first picture (ITU-T T.81, annex B)."""
    at = 2
    for _ in range(MAX_PARTS):
        found = NEXT_MARKER.search(data, at)
        if not found:
            return
        marker, at = data[found.end() - 1], found.end()
        if marker == END:
            return
        length = int.from_bytes(data[at : at + 2])
        if marker in {APP1, COMMENT}:
            yield marker, data[at + 2 : at + length]
        at += max(length, 2)
    raise ValueError("too many segments")


def _add_exif(body: bytes, parts: Parts) -> None:
    """A block of its own, or what did not fit into the segment before."""
    if parts.exif and body[:2] not in {b"II", b"MM"}:
        parts.exif[-1] += body
    else:
        parts.add_exif(body)


def _place(part: bytes, extended: dict[bytes, bytearray]) -> None:
    """Put a part of an extended packet where it belongs (XMP part 3, 1.1.3.1)."""
    guid, offset = part[:32], int.from_bytes(part[36:40])
    length = min(int.from_bytes(part[32:36]), MAX_KNOWN_TEXT)
    if len(extended) >= 4 and guid not in extended:
        raise ValueError("too many packets")
    packet = extended.setdefault(guid, bytearray(length))
    body = part[EXTENDED_HEAD:][: max(0, len(packet) - offset)]
    packet[offset : offset + len(body)] = body


def _samsung_entries(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Entries of the trailer that ends in `SEFT`: names and bytes.

    Its directory `SEFH` lies before it: version, count, then for each entry a type, the distance
    back to its block, and the block's size. A block is its type, its name and the value. The
    numbers are little-endian. (As ExifTool's Samsung.pm reads it.)
    """
    if data[-4:] != b"SEFT":
        return
    start = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    directory = data[max(start, 0) : -8]
    if directory[:4] != b"SEFH":
        return
    count = int.from_bytes(directory[8:12], "little")
    for index in range(min(count, MAX_PARTS, len(directory) // 12)):
        entry = directory[12 + 12 * index :][:12]
        distance = int.from_bytes(entry[4:8], "little")
        size = int.from_bytes(entry[8:12], "little")
        block = data[max(start - distance, 0) :][: min(size, 2 * MAX_KNOWN_TEXT)]
        name_length = int.from_bytes(block[4:8], "little")
        name = block[8 : 8 + min(name_length, 80)].decode("latin-1")
        yield name, block[8 + name_length :]
