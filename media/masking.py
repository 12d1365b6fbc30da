"""Pictures that are made anew in part only. Works on files of our own and on bare pixels."""

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

FEATHER = 2.0
WHITE = 128
# With less than this a picture would come back as it was, and be called generated.
LEAST_SHARE = 0.001


@dataclass(frozen=True, slots=True)
class Masked:
    """A picture and where it may change: two PNGs of our own of one size, white in the mask."""

    source: bytes
    mask: bytes


class NothingToRepaint(ValueError):
    """The mask is white nowhere, or nearly so."""


class Unchanged(Exception):
    """What was made is what was given, pixel for pixel."""


def masked(source: bytes, mask: bytes, size: tuple[int, int]) -> Masked:
    """Both in the size (width, height) that is worked in. Raises NothingToRepaint."""
    picture = _opened(source, "RGB").resize(size, Image.Resampling.LANCZOS)
    where = _opened(mask, "L").resize(size, Image.Resampling.BILINEAR)
    if np.mean(np.asarray(where) >= WHITE) < LEAST_SHARE:
        raise NothingToRepaint
    return Masked(_png(picture), _png(where))


def only_within(within: Masked, made: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What was made where the mask is white, the source elsewhere, blended over a few pixels.

    `made`: height by width by three; it is brought to the size of the source. Raises Unchanged if
    nothing of it is left to be seen, whatever was made outside of the mask.
    """
    source = _opened(within.source, "RGB")
    where = _opened(within.mask, "L").filter(ImageFilter.GaussianBlur(FEATHER))
    fresh = Image.fromarray(made).resize(source.size, Image.Resampling.LANCZOS)
    kept = np.asarray(Image.composite(fresh, source, where))
    if np.array_equal(kept, np.asarray(source)):
        raise Unchanged
    return kept


def _opened(png: bytes, mode: str) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert(mode)


def _png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
