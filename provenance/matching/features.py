"""Local features: points that are found again in a crop, a screenshot or a rotated copy. Pure.

ORB (Rublee et al., "ORB: an efficient alternative to SIFT or SURF", 2011) on luma of a fixed size.
Faint texture is no feature: the watermark that all generated pictures carry must not make them
alike, so the luma is smoothed and a corner must stand out from its surroundings.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

VERSION = 1
STORED = 320
ASKED = 1000
# Pixels of the long side on which points are looked for. A question is larger, because the work
# may be but a part of it: a telephone's screen is twice as long as the picture on it.
STORED_SIDE = 640
ASKED_SIDE = 1000
# A narrower strip, at that scale, has no features.
LEAST_SIDE = 64

_DETECTED = 20000
STORED_LEVELS = 6
ASKED_LEVELS = 12
_STEP = 1.2
_MIN_CONTRAST = 10
_MARGIN = 16
_SMOOTHING = 0.8
_CELLS = 7
_POINT = np.dtype("<u2")
_UNITS = 65536

Points = NDArray[np.float32]
Descriptors = NDArray[np.uint8]
Luma = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """`points`: float32[n, 4], x, y, size and angle. `descriptors`: uint8[n, 32], 256 bits each.

    x, y and the size of the patch are fractions of the picture's long side, so they are the same
    for every resolution; the angle is in turns, clockwise from the x axis. All four are multiples
    of 1/65536, so that they survive storing unchanged.
    """

    points: Points
    descriptors: Descriptors

    def __len__(self) -> int:
        return len(self.points)

    def points_to_bytes(self) -> bytes:
        """Eight bytes a point."""
        return np.round(self.points * _UNITS).astype(_POINT).tobytes()

    def descriptors_to_bytes(self) -> bytes:
        """32 bytes a point."""
        return self.descriptors.tobytes()

    @classmethod
    def from_bytes(cls, points: bytes, descriptors: bytes) -> "Features":
        """Raises ValueError if the two are not of equally many points."""
        units = np.frombuffer(points, _POINT).reshape(-1, 4)
        bits = np.frombuffer(descriptors, np.uint8).reshape(-1, 32)
        if len(units) != len(bits):
            raise ValueError(f"{len(units)} points, but {len(bits)} descriptors")
        return cls((units / _UNITS).astype(np.float32), bits)


NONE = Features(np.zeros((0, 4), np.float32), np.zeros((0, 32), np.uint8))


def of_work(luma: Luma) -> Features:
    """What is kept of a work. `luma`: its brightness, uint8[height, width], upright."""
    return _extract(luma, STORED_SIDE, STORED, STORED_LEVELS)


def of_question(luma: Luma) -> Features:
    """What is looked for in the index: more points, because some are of what surrounds the work."""
    return _extract(luma, ASKED_SIDE, ASKED, ASKED_LEVELS)


def mirrored(luma: Luma) -> Luma:
    """Left and right exchanged. A descriptor does not survive it: a question is asked twice."""
    return np.ascontiguousarray(luma[:, ::-1])


def _extract(luma: Luma, side: int, count: int, levels: int) -> Features:
    scaled = _scaled(luma, side)
    if min(scaled.shape) < LEAST_SIDE:
        return NONE
    detector = cv2.ORB.create(
        nfeatures=_DETECTED,
        scaleFactor=_STEP,
        nlevels=levels,
        fastThreshold=_MIN_CONTRAST,
        edgeThreshold=_MARGIN,
    )
    found = detector.detect(scaled)
    found = [found[index] for index in _spread(found, scaled.shape, count)]
    if not found:
        return NONE
    found, descriptors = detector.compute(scaled, found)
    long = max(scaled.shape)
    points = [(*point.pt, point.size, point.angle) for point in found]
    fractions = np.array(points, np.float64) / (long, long, long, 360)
    fractions[:, 3] %= 1
    units = np.minimum(np.round(fractions * _UNITS), _UNITS - 1)
    return Features((units / _UNITS).astype(np.float32), np.asarray(descriptors, np.uint8))


def _scaled(luma: Luma, side: int) -> Luma:
    factor = side / max(luma.shape)
    size = [max(1, round(length * factor)) for length in luma.shape[::-1]]
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    scaled = cv2.resize(luma, size, interpolation=how)
    return np.asarray(cv2.GaussianBlur(scaled, (0, 0), _SMOOTHING), np.uint8)


def _spread(found: Sequence[cv2.KeyPoint], shape: tuple[int, ...], count: int) -> list[int]:
    """The strongest of each cell and scale, then the second ones, and so on, `count` in all.

    A crop then keeps its share of the points, and so does a copy at another scale.
    """
    if not found:
        return []
    places = np.array([point.pt for point in found])
    cells = (places * _CELLS / shape[::-1]).astype(int)
    octaves = np.array([point.octave for point in found])
    strength = np.array([point.response for point in found])
    bucket = (cells[:, 0] * _CELLS + cells[:, 1]) * ASKED_LEVELS + octaves
    order = np.lexsort((-strength, bucket))
    starts = np.r_[0, np.flatnonzero(np.diff(bucket[order])) + 1]
    rank = np.empty(len(found), int)
    rank[order] = np.arange(len(found)) - np.repeat(starts, np.diff(np.r_[starts, len(found)]))
    return list(np.lexsort((-strength, rank))[:count])
