"""Writing renditions without ever holding the picture more than twice."""

from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from media.decoding.colour import contrasting, flattened
from media.decoding.limits import MAX_TRANSPARENT_PIXELS
from media.decoding.opening import opened
from media.decoding.pixels import digest_of

# Imported for what they register: `save` would otherwise import every format there is.
WRITERS = (JpegImagePlugin, PngImagePlugin, WebPImagePlugin)
WEBP = "image/webp"


class Wanted(NamedTuple):
    """One rendition of an order: `width` in pixels."""

    path: str
    width: int
    media_type: str


def write_narrower(picture: Image.Image, wanted: list[Wanted]) -> None:
    """Write those that are narrower than the picture, from wide to narrow, each made of the one
    before."""
    smaller = picture
    narrower = [each for each in wanted if each.width < picture.width]
    for each in sorted(narrower, key=lambda each: -each.width):
        smaller = scaled(smaller, each.width)
        save(smaller, each)


def write_full(held: list[Image.Image], wanted: list[Wanted]) -> None:
    """Write those of full size, JPEG last, because it takes the transparency away.

    `held` holds the only reference to the picture, which is taken out so that it can be let go.
    """
    picture = held.pop()
    full = [each for each in wanted if each.width >= picture.width]
    for each in sorted(full, key=lambda each: each.media_type != WEBP):
        if each.media_type != WEBP:
            picture = flattened(picture)
        save(picture, each)


def scaled(picture: Image.Image, width: int) -> Image.Image:
    """The picture `width` pixels wide."""
    height = max(1, round(picture.height * width / picture.width))
    return picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)


def save(picture: Image.Image, wanted: Wanted) -> None:
    """The pixels, and nothing of what the source said.

    Only WebP keeps the transparency, unless there is too much of it; the others are on white.
    """
    picture.info.clear()
    if wanted.media_type != WEBP or picture.width * picture.height > MAX_TRANSPARENT_PIXELS:
        picture = flattened(picture)
    if wanted.media_type == WEBP:
        picture.save(wanted.path, "WEBP", quality=82, method=2)
    elif wanted.media_type == "image/png":
        picture.save(wanted.path, "PNG", compress_level=1)
    else:
        picture.save(wanted.path, "JPEG", quality=85, progressive=True)


class Raw(NamedTuple):
    """Bare pixels to be computed with: `mode` "L" or "RGB", at most `side` pixels long."""

    path: str
    side: int
    mode: str


def write_raw(picture: Image.Image, wanted: Raw) -> dict[str, int]:
    """Row after row, one byte a channel; what it measures.

    Brightness, by which pictures are recognised, is on what shows most of it, colours on white.
    """
    scale = min(1.0, wanted.side / max(picture.size))
    width, height = (max(1, round(side * scale)) for side in picture.size)
    if scale < 1:
        picture = picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)
    background = contrasting(picture) if wanted.mode == "L" else "white"
    Path(wanted.path).write_bytes(flattened(picture, background).convert(wanted.mode).tobytes())
    return {"width": width, "height": height}


def written(wanted: Wanted) -> dict[str, Any]:
    """The report of a file that is there. Its digest is that of what a reader of it will decode."""
    with opened(Path(wanted.path), wanted.media_type) as image:
        return {"width": image.width, "height": image.height, "digest": digest_of(image)}
