"""Whether a picture repeats itself, as seamless patterns do. Pure.

The few frequencies of a pattern are those of its raster. A hash of frequencies tells how often it
repeats, then, and hardly what: other patterns of the same raster have the same hash.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Grid = NDArray[np.floating[Any]]

# Patterns correlate by .95 and more with themselves at their period. All else that was tried
# (photographs, paintings, pages of text, halftones) does so by .75 at most after it fell to .6.
UNLIKE = 0.6
ALIKE = 0.9
SHIFTS = 48


def repeats(grid: Grid) -> bool:
    """Whether the picture, brought to 64 by 64, is like itself when it is moved: across and down,
    by some way that is longer than one by which it is not."""
    return _repeats_across(grid) and _repeats_across(grid.T)


def _repeats_across(grid: Grid) -> bool:
    was_unlike = False
    for shift in range(1, SHIFTS + 1):
        likeness = _correlation(grid[:, :-shift], grid[:, shift:])
        if was_unlike and likeness >= ALIKE:
            return True
        was_unlike = was_unlike or likeness <= UNLIKE
    return False


def _correlation(one: Grid, other: Grid) -> float:
    one, other = one - one.mean(), other - other.mean()
    spread = np.sqrt((one * one).sum() * (other * other).sum())
    return float((one * other).sum() / spread) if spread > 0 else 1.0
