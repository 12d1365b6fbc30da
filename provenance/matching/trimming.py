"""Taking an even border off a picture, which a whole-picture hash would otherwise see. Pure."""

import numpy as np
from numpy.typing import NDArray

from provenance.matching.pdq import Grey

# A line belongs to the border if nearly all of it is of the border's grey: JPEG leaves a few grey
# levels of noise there, and dust or a corner of a logo may be on it.
TOLERANCE = 12
EVEN_SHARE = 0.98
# Of a picture with less left it cannot be said what is border and what is picture.
LEAST_LEFT = 0.25
LEAST_TRIMMED = 0.01


def without_border(luma: Grey) -> Grey | None:
    """What is inside the border of a picture (height by width), or None if it has none."""
    height, width = luma.shape
    top, bottom = _depth(luma), _depth(luma[::-1])
    left, right = _depth(luma.T), _depth(luma.T[::-1])
    inside = luma[top : height - bottom, left : width - right]
    trimmed = max(top / height, bottom / height, left / width, right / width)
    if trimmed < LEAST_TRIMMED or inside.size == 0:
        return None
    if inside.shape[0] < LEAST_LEFT * height or inside.shape[1] < LEAST_LEFT * width:
        return None
    return inside


def _depth(lines: Grey) -> int:
    """How many lines from the first on are of the first line's grey."""
    grey = int(np.median(lines[0]))
    near: NDArray[np.bool_] = np.abs(lines.astype(np.int16) - grey) <= TOLERANCE
    even = near.mean(axis=1) >= EVEN_SHARE
    return len(lines) if even.all() else int(np.argmin(even))
