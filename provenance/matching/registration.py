"""Where in a work a picture lies, and how much of it the two share. Pure.

Points that match give the place; they do not say that it is the same picture, because a logo, a
frame or the surface of an app has points too. So the two are compared where they lie on each other,
and what counts is the largest rectangle in which they agree nearly everywhere.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.matching.consensus import Tolerance, consensus, turned
from provenance.matching.features import Features, Luma, of_work
from provenance.matching.pdq import SIDE, grid_of
from provenance.matching.spans import spans

# Descriptors, of 256 bits. Patches of different pictures differ in 128 on average, the same patch
# after an attack in 24, in one case of ten in more than 47.
MATCH_BITS = 72
GUIDED_BITS = 64
MIN_PAIRS = 5
MIN_INLIERS = 8
MAX_SCALE = 12.0
# How far a point may be from what is expected of it: in shares of the long side, turns, octaves.
REACH = 0.012
TURN = 20 / 360
OCTAVE = 0.5
REFINEMENTS = 2
# The same for what a single pair of points tells of where all others are.
TOGETHER = Tolerance(reach=0.03, reach_per_distance=0.2, turn=TURN, octave=OCTAVE)

# Correlation of brightness in a window of so many of the 64 columns and rows, and what counts as
# the same there. Where neither has that contrast, in grey levels, there is nothing to compare.
# Both are smoothed by so many cells of the grid before, the picture at so many pixels a cell. At
# .7 other paintings of one prompt agreed, at .85 one in twenty corners of photographs did not.
WINDOW = 9
BLUR = 0.6
DETAIL = 2.0
MIN_CORRELATION = 0.8
MIN_CONTRAST = 3.0
STRIDE = 4
AGREEING = 0.9
# Places that must have something to compare, of the 256 that are looked at.
MIN_TELLING = 32
# What must be shared. Templates, screens and the window of a painted room are up to .62 of what is
# made with them (at a correlation of .7), and half of the points in it; of a corner of theirs they
# are .75 and more. A part that is shown whole agrees nearly everywhere, or under a bar of text.
NEARLY_ALL = 0.9
OF_A_PART = 0.8
LEAST_PART = 0.17
WITHIN = 0.65
LARGER_PART = 0.5
MOST_COVERED = 0.8
# And so many of the work's points that lie in the picture must be found: of true parts mostly more
# than half, of smooth pictures that happen to agree (dunes, mist, grids) a quarter at most. Blur
# and a scale at which the work is small take most of them.
FOUND_OF_ALL = 0.1
FOUND_WITHIN = 0.2
FOUND_OF_PART = 0.3
LEAST_POINTS_OF_PART = 12
FOUND_OF_FEW = 0.5
WORTH_A_LOOK = 0.3

Matrix = NDArray[np.float64]
Samples = NDArray[np.floating[Any]]
Places = NDArray[np.floating[Any]]
Mask = NDArray[np.bool_]
Indices = NDArray[np.intp]


class Judgement(StrEnum):
    SAME = "same"
    UNSURE = "unsure"
    OTHER = "other"


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """What is kept of a work. `grid`: uint8[64, 64], the work's brightness as PDQ scales it."""

    features: Features
    grid: NDArray[np.uint8]
    width: int
    height: int


def source_of(luma: Luma) -> Source:
    """What is kept of a work's brightness, uint8[height, width]."""
    grid = np.clip(np.round(grid_of(luma)), 0, 255).astype(np.uint8)
    return Source(of_work(luma), grid, width=luma.shape[1], height=luma.shape[0])


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """A picture that is looked for: its brightness, uint8[height, width], and its points."""

    luma: Luma
    features: Features


@dataclass(frozen=True, slots=True, eq=False)
class Registration:
    """`matrix`: float64[2, 3], from the picture's pixels to the work's: turned, scaled and moved.

    `inliers`: points of the work that are found where the matrix expects them. What is shared is a
    rectangle, given as a share of the work and of the picture. `visible` and `covered`: which share
    of the work can be in the picture at all, and which share of the picture the work can be.
    `found`: which share of the work's points that lie in the picture are found.
    """

    inliers: int
    matrix: Matrix
    of_work: float
    of_picture: float
    visible: float
    covered: float
    found: float

    @property
    def certainty(self) -> float:
        """For comparing works that are seen in the same picture: how much is shared."""
        return self.of_work + self.of_picture

    @property
    def judgement(self) -> Judgement:
        """Whether the picture shows the work, or a part of it."""
        if self._is_all_of_it() or self._is_a_part() or self._has_it_within():
            return Judgement.SAME
        if max(self.of_work, self.of_picture) >= WORTH_A_LOOK:
            return Judgement.UNSURE
        return Judgement.OTHER

    def _is_all_of_it(self) -> bool:
        return self.of_work >= NEARLY_ALL and self.found >= FOUND_OF_ALL

    def _is_a_part(self) -> bool:
        """The picture shows little else than a part of the work."""
        enough = self.inliers >= LEAST_POINTS_OF_PART and self.found >= FOUND_OF_PART
        shared = self.of_picture >= OF_A_PART and self.of_work >= LEAST_PART
        return shared and (enough or self.found >= FOUND_OF_FEW)

    def _has_it_within(self) -> bool:
        """The picture shows the larger part of the work within something else, as a screenshot
        does: of what can be seen of the work there, all but what covers it."""
        within = self.covered < MOST_COVERED and self.found >= FOUND_WITHIN
        return within and self.of_work >= max(LARGER_PART, WITHIN * self.visible)


def register(question: Question, source: Source) -> Registration | None:
    """Where the picture lies in the work; None if their points do not agree on any place."""
    found = _similarity(question.features, source.features)
    if found is None:
        return None
    inliers, matrix = found
    height, width = question.luma.shape
    matrix[:, :2] *= max(source.width, source.height) / max(width, height)
    matrix[:, 2] *= max(source.width, source.height)
    share, visible, covered = _shared(question.luma, source, matrix)
    expected = max(inliers, _points_inside(question.luma, source, matrix))
    return Registration(
        inliers=inliers,
        matrix=matrix,
        of_work=share * visible,
        of_picture=share * covered,
        visible=visible,
        covered=covered,
        found=inliers / expected,
    )


def _points_inside(luma: Luma, source: Source, matrix: Matrix) -> int:
    """How many of the work's points lie where the picture is."""
    height, width = luma.shape
    back = cv2.invertAffineTransform(matrix)
    places = source.features.points[:, :2] * max(source.width, source.height)
    x, y = (places @ back[:, :2].T + back[:, 2]).T
    return int(((x >= 0) & (x < width) & (y >= 0) & (y < height)).sum())


def _similarity(question: Features, source: Features) -> tuple[int, Matrix] | None:
    """The similarity that takes most points to their places, in shares of the long sides."""
    if min(len(question), len(source)) < MIN_INLIERS:
        return None
    ours, asked = _matches(question, source)
    matrix = _fit(question.points[asked], source.points[ours])
    for _ in range(REFINEMENTS):
        if matrix is None:
            return None
        ours, asked = _supporters(matrix, question, source)
        matrix = _fit(question.points[asked], source.points[ours])
    if matrix is None:
        return None
    ours, _ = _supporters(matrix, question, source)
    inliers = len(np.unique(ours))
    return (inliers, matrix) if inliers >= MIN_INLIERS else None


def _matches(question: Features, source: Features) -> tuple[Indices, Indices]:
    """Pairs that are each other's nearest and that most others place alike."""
    matcher = cv2.BFMatcher(cv2.NORM_HAMMING, crossCheck=True)
    pairs = matcher.match(source.descriptors, question.descriptors)
    near = [(pair.queryIdx, pair.trainIdx) for pair in pairs if pair.distance <= MATCH_BITS]
    ours, asked = np.array(near, np.intp).reshape(-1, 2).T
    if not len(ours):
        return ours, asked
    most = consensus(question.points[asked], source.points[ours], TOGETHER)
    return ours[most], asked[most]


def _fit(asked: Places, ours: Places) -> Matrix | None:
    """By RANSAC, whose random numbers are the same every time."""
    if len(ours) < MIN_PAIRS:
        return None
    here, there = np.ascontiguousarray(asked[:, :2]), np.ascontiguousarray(ours[:, :2])
    found: Matrix | None
    found, _ = cv2.estimateAffinePartial2D(here, there, ransacReprojThreshold=REACH / 2)  # type: ignore[assignment]  # its stubs do not say that there may be none
    if found is None or not 1 / MAX_SCALE < np.hypot(*found[:, 0]) < MAX_SCALE:
        return None
    return found


def _supporters(matrix: Matrix, question: Features, source: Features) -> tuple[Indices, Indices]:
    """Pairs of a point of the work and a point that is where, and as, the matrix expects it."""
    scale = np.hypot(*matrix[:, 0])
    turn = np.arctan2(matrix[1, 0], matrix[0, 0]) / (2 * np.pi)
    x, y = matrix[:, :2] @ question.points[:, :2].T + matrix[:, 2:]
    order = np.argsort(source.points[:, 0])
    across = source.points[order, 0]
    first, last = np.searchsorted(across, x - REACH), np.searchsorted(across, x + REACH)
    asked, turns = spans(last - first)
    ours = order[first[asked] + turns]
    theirs, here = question.points[asked], source.points[ours]
    expected = (
        (np.abs(y[asked] - here[:, 1]) < REACH)
        & (turned(theirs[:, 3] + turn - here[:, 3]) < TURN)
        & (np.abs(np.log2(theirs[:, 2] * scale / here[:, 2])) < OCTAVE)
    )
    asked, ours = asked[expected], ours[expected]
    apart = np.bitwise_count(question.descriptors[asked] ^ source.descriptors[ours]).sum(axis=1)
    return ours[apart <= GUIDED_BITS], asked[apart <= GUIDED_BITS]


def _shared(luma: Luma, source: Source, matrix: Matrix) -> tuple[float, float, float]:
    """The largest rectangle in which the two agree, as a share of where they lie on each other; and
    that, as a share of the work and of the picture."""
    box = _overlap(luma, source, matrix)
    if box is None:
        return 0.0, 0.0, 0.0
    theirs, ours, inside = _sampled(luma, source, matrix, box)
    telling, agreeing = _compared(theirs, ours, inside)
    share = _largest_rectangle(telling[::STRIDE, ::STRIDE], agreeing[::STRIDE, ::STRIDE])
    of_work = box[2] * box[3] / (source.width * source.height)
    of_picture = box[2] * box[3] / (luma.size * float(np.hypot(*matrix[:, 0])) ** 2)
    return share, of_work, of_picture


def _overlap(
    luma: Luma, source: Source, matrix: Matrix
) -> tuple[float, float, float, float] | None:
    """x, y, width and height of the part of the work, in its pixels, on which the picture lies."""
    height, width = luma.shape
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    frame = [[0, 0], [source.width, 0], [source.width, source.height], [0, source.height]]
    area, both = cv2.intersectConvexConvex(
        (corners @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32), np.array(frame, np.float32)
    )
    if area < 1:
        return None
    (left, top), (right, bottom) = both.min(axis=(0, 1)), both.max(axis=(0, 1))
    return float(left), float(top), float(right - left), float(bottom - top)


def _sampled(
    luma: Luma, source: Source, matrix: Matrix, box: tuple[float, float, float, float]
) -> tuple[Samples, Samples, Mask]:
    """Both pictures at 64 by 64 places of the box, and which places lie well inside both."""
    left, top, width, height = box
    steps = (np.arange(SIDE) + 0.5) / SIDE
    x, y = np.meshgrid(left + width * steps, top + height * steps)
    cell = np.sqrt(source.width * source.height) / SIDE
    scale = np.hypot(*matrix[:, 0])
    back = cv2.invertAffineTransform(matrix)
    u, v = np.tensordot(back[:, :2], np.stack([x, y]), axes=1) + back[:, 2, None, None]
    fine = min(1.0, DETAIL * scale / cell)
    small = cv2.resize(luma, None, fx=fine, fy=fine, interpolation=cv2.INTER_AREA)
    theirs = _at(np.asarray(small), u * fine, v * fine, blur=BLUR * fine * cell / scale)
    ours = _at(source.grid, x * SIDE / source.width, y * SIDE / source.height, blur=BLUR)
    inside = (u >= 0) & (v >= 0) & (u <= luma.shape[1]) & (v <= luma.shape[0])
    eroded = cv2.erode(inside.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=0)
    return theirs, ours, eroded > 0


def _at(picture: NDArray[Any], x: Places, y: Places, blur: float) -> Samples:
    smooth = cv2.GaussianBlur(picture.astype(np.float32), (0, 0), blur)
    places = ((x - 0.5).astype(np.float32), (y - 0.5).astype(np.float32))
    sampled = cv2.remap(smooth, *places, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(sampled)


def _compared(theirs: Samples, ours: Samples, inside: Mask) -> tuple[Mask, Mask]:
    """Where there is something to compare, and where it is the same."""
    weight = inside.astype(np.float32)
    share = _box(weight)

    def mean(values: Samples) -> Samples:
        return _box(values * weight) / np.maximum(share, 1e-6)

    theirs, ours = theirs - theirs.mean(), ours - ours.mean()
    here, there = mean(ours), mean(theirs)
    contrast = mean(ours * ours) - here * here, mean(theirs * theirs) - there * there
    together = mean(ours * theirs) - here * there
    spread = np.sqrt(np.maximum(contrast[0], 0.5) * np.maximum(contrast[1], 0.5))
    telling = inside & (np.maximum(*contrast) > MIN_CONTRAST**2)
    return telling, telling & (together > MIN_CORRELATION * spread)


def _box(values: Samples) -> Samples:
    window = (WINDOW, WINDOW)
    return np.asarray(cv2.boxFilter(values, cv2.CV_32F, window, borderType=cv2.BORDER_CONSTANT))


def _largest_rectangle(telling: Mask, agreeing: Mask) -> float:
    """The share of all places in the largest rectangle with enough telling ones that agree."""
    count = len(telling)
    top, bottom = np.triu_indices(count + 1, 1)
    rows = [np.vstack([np.zeros(count), np.cumsum(each, axis=0)]) for each in (telling, agreeing)]
    told, agreed = (np.pad(np.cumsum(r[bottom] - r[top], axis=1), ((0, 0), (1, 0))) for r in rows)
    left, right = np.triu_indices(count + 1, 1)
    told, agreed = told[:, right] - told[:, left], agreed[:, right] - agreed[:, left]
    area = (bottom - top)[:, None] * (right - left)
    fitting = (told >= MIN_TELLING) & (agreed >= AGREEING * told)
    return float((area * fitting).max()) / count**2
