"""Looking for the watermark in a picture of unknown history."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.marks.watermark.compass import directions, refined
from provenance.marks.watermark.fitting import FINEST, NEAR, Fit, Placement, Waves
from provenance.marks.watermark.keys import Key
from provenance.marks.watermark.pattern import TILE, Pattern
from provenance.marks.watermark.spectrum import Spectrum, residual

# A larger picture is scaled down to this many pixels first.
LARGEST_SEARCHED = 1_700_000
# How many geometries of the compass are tried.
TRIED = 6
# Where a placement from outside fits as strongly as this, nothing else is looked for.
PLAIN = 10.0
# The geometries of a picture that was only cut, mirrored or turned over its corners: they are tried
# whatever the compass says. Half a turn is tried with every geometry.
UPRIGHT = [
    np.array(rows, np.float64)
    for rows in ([[1, 0], [0, 1]], [[-1, 0], [0, 1]], [[0, 1], [1, 0]], [[0, -1], [1, 0]])
]


@dataclass(frozen=True)
class Trace:
    """What may be a watermark, and what it says."""

    key: int
    """The id of the key."""
    strength: float
    """How many deviations the waves of known phase stand out, where they fit best."""
    soft: NDArray[np.float64]
    """127 code bits of unit noise, positive for 0."""
    placement: Placement
    """The affine map float64[2, 3] from pixels of the searched picture to those of the marked one,
    up to whole tiles."""
    trials: int
    """Among how many geometries this one was the best."""


def find(
    luma: NDArray[np.uint8], keys: Sequence[Key], *, placements: Sequence[Placement] = ()
) -> list[Trace]:
    """What stands out most under each key in a picture (uint8[H, W]), the strongest first.

    `placements` are affine maps float[2, 3] from its pixels to those of a marked picture, known
    from elsewhere to about 8 pixels. They are tried first, need a far weaker mark, and give a trace
    of their own. A trace is not yet a mark: `reading` and `codebook` decide about each.
    """
    shrink = min(1.0, float(np.sqrt(LARGEST_SEARCHED / luma.size)))
    plane = luma.astype(np.float32)
    if shrink < 1:
        plane = np.asarray(
            cv2.resize(plane, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), np.float32
        )
    # From pixels of the searched plane to those of the picture, whose centres lie at integers.
    shift = (1 / shrink - 1) / 2
    grown = np.array([[1 / shrink, 0, shift], [0, 1 / shrink, shift], [0, 0, 1]])
    spectrum = Spectrum(residual(plane))
    traces = [trace for key in keys for trace in _traces(spectrum, key, placements, grown)]
    return sorted(traces, key=lambda trace: -trace.strength)


def _traces(
    spectrum: Spectrum, key: Key, placements: Sequence[Placement], grown: NDArray[np.float64]
) -> Iterator[Trace]:
    pattern = Pattern.of(key)

    def best(fits: list[Fit], side: int) -> Trace:
        fit = max(fits, key=lambda fit: fit.strength)
        placement = fit.placement() @ np.linalg.inv(grown)
        trials = len(fits) * round(side / FINEST) ** 2
        return Trace(key.id, fit.strength, fit.soft(), placement, trials)

    informed = []
    for placement in placements:
        full = np.asarray(placement) @ grown
        start = full @ np.append(spectrum.centre, 1.0)
        linears = [full[:, :2].T, refined(spectrum, pattern, full[:, :2].T)]
        informed += [Fit(Waves.at(spectrum, pattern, linear), near=start) for linear in linears]
    if informed:
        trace = best(informed, 2 * NEAR)
        if trace.strength > 0:
            yield trace
        if trace.strength >= PLAIN:
            return
    linears = [grown[0, 0] * upright for upright in UPRIGHT]
    for direction in directions(spectrum, pattern, TRIED):
        linears += [direction, refined(spectrum, pattern, direction)]
    blind = []
    for linear in linears:
        waves = Waves.at(spectrum, pattern, linear)
        blind += [Fit(waves), Fit(waves.turned())]
    trace = best(blind, TILE)
    if trace.strength > 0:
        yield trace
