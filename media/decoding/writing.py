"""Writing renditions without ever holding the picture more than twice."""

from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from media.decoding.colour import flattened
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


def write_all(held: list[Image.Image], orders: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Write all renditions; one report for each, in the order of the orders.

    `held` holds the only reference to the picture, which is taken out so that it can be let go.
    From wide to narrow, each made of the one before; then those of full size, JPEG last, because it
    takes the transparency away. The digests, those of what a reader of the files will decode, are
    taken when the picture is gone.
    """
    picture = held.pop()
    wanted = [Wanted(**order) for order in orders]
    narrower = [each for each in wanted if each.width < picture.width]
    smaller = picture
    for each in sorted(narrower, key=lambda each: -each.width):
        smaller = scaled(smaller, each.width)
        save(smaller, each)
    del smaller
    full = [each for each in wanted if each.width >= picture.width]
    for each in sorted(full, key=lambda each: each.media_type != WEBP):
        if each.media_type != WEBP:
            picture = flattened(picture)
        save(picture, each)
    del picture
    return [written(each) for each in wanted]


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


def written(wanted: Wanted) -> dict[str, Any]:
    """The report of a file that is there."""
    with opened(Path(wanted.path), wanted.media_type) as image:
        return {"width": image.width, "height": image.height, "digest": digest_of(image)}
