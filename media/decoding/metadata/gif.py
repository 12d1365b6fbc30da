"""GIF: comments and the XMP application extension (GIF89a, 24 and 26; XMP part 3, 1.1.2)."""

from media.decoding.limits import MAX_KNOWN_TEXT, MAX_PARTS
from media.decoding.metadata.parts import Parts

EXTENSION, PICTURE = 0x21, 0x2C
COMMENT, APPLICATION = 0xFE, 0xFF
XMP_NAME = b"\x0bXMP DataXMP"
# The packet is not cut into blocks. These bytes after it, read as blocks, lead to the end.
XMP_TRAILER = b"\x01\xff\xfe\xfd"


def walk(data: bytes, parts: Parts) -> None:
    at = 13 + _table_bytes(data[10])
    for _ in range(MAX_PARTS):
        kind = data[at]
        if kind == PICTURE:
            at = _end_of_blocks(data, at + 11 + _table_bytes(data[at + 9]))
            continue
        if kind != EXTENSION:
            return
        label, start = data[at + 1], at + 2
        at = _end_of_blocks(data, start)
        if label == COMMENT:
            parts.add_text("comment", _joined(data, start).decode("utf-8", "replace"))
        elif label == APPLICATION and data.startswith(XMP_NAME, start):
            packet = data[start + len(XMP_NAME) : at]
            parts.add_xmp(packet.rpartition(XMP_TRAILER)[0] or packet)
    raise ValueError("too many blocks")


def _table_bytes(flags: int) -> int:
    """The size of the colour table that these flags announce."""
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _end_of_blocks(data: bytes, at: int) -> int:
    """The place behind a chain of blocks, each led by its length, the last one empty."""
    while length := data[at]:
        at += 1 + length
    return at + 1


def _joined(data: bytes, at: int) -> bytes:
    joined = bytearray()
    while (length := data[at]) and len(joined) < MAX_KNOWN_TEXT:
        joined += data[at + 1 : at + 1 + length]
        at += 1 + length
    return bytes(joined)
