"""WebP: the EXIF and XMP chunks (WebP Container Specification, "Metadata")."""

from media.decoding.limits import MAX_PARTS
from media.decoding.metadata.parts import Parts


def walk(data: bytes, parts: Parts) -> None:
    at = 12
    for _ in range(MAX_PARTS):
        kind, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if len(kind) < 4:
            return
        if kind == b"EXIF":
            parts.add_exif(data[at + 8 : at + 8 + length])
        elif kind == b"XMP ":
            parts.add_xmp(data[at + 8 : at + 8 + length])
        at += 8 + length + length % 2
    raise ValueError("too many chunks")
