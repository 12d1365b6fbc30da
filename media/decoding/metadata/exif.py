"""The EXIF fields in which generators and editors write; never position, serials or dates."""

from typing import Any

from PIL import ExifTags, Image

from media.decoding.limits import MAX_KNOWN_TEXT

NAMES = (
    "Make", "Model", "Software", "ProcessingSoftware", "HostComputer", "Artist", "Copyright",
    "DocumentName", "ImageDescription", "ImageHistory", "UserComment", "MakerNote",
    "XPTitle", "XPComment", "XPSubject", "XPKeywords",
)  # fmt: skip
UTF_16_NAMES = {"XPTitle", "XPComment", "XPSubject", "XPKeywords"}  # as Windows writes them


def fields(block: bytes) -> dict[str, str]:
    """Names and texts of one EXIF block: a TIFF file, with or without `Exif` before it."""
    exif = Image.Exif()
    exif.load(block)
    tags = {**exif, **exif.get_ifd(ExifTags.IFD.Exif)}
    named = {ExifTags.TAGS.get(key, ""): value for key, value in tags.items()}
    return {name: _as_text(name, named[name])[:MAX_KNOWN_TEXT] for name in NAMES if name in named}


def _as_text(name: str, value: Any) -> str:
    """Plain text, or UserComment with its eight bytes of encoding (EXIF 2.32, 4.6.5)."""
    if isinstance(value, tuple) and all(isinstance(item, int) for item in value):
        value = bytes(item & 0xFF for item in value)
    if not isinstance(value, bytes):
        return str(value)
    if name in UTF_16_NAMES:
        return value.decode("utf-16-le", "replace").rstrip("\0")
    if value.startswith(b"UNICODE\0"):
        # The byte order is not stated; the one that gives more plain characters is meant.
        readings = [value[8:].decode(order, "replace") for order in ("utf-16-be", "utf-16-le")]
        return max(readings, key=lambda text: sum(char.isascii() for char in text))
    return value.removeprefix(b"ASCII\0\0\0").strip(b"\0").decode("utf-8", "replace")
