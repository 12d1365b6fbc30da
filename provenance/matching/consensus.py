"""Which pairs of points belong together: those that one similarity takes to each other. Pure.

A point of ORB has a place, a size and an angle, so each pair of points gives a whole similarity by
itself. It is a rough one, and rougher the farther from the point.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from provenance.matching.features import Points

Mask = NDArray[np.bool_]
Angles = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Tolerance:
    """`reach`: in shares of the work's long side, and so much more for each distance from the point
    that tells. `turn`: in turns. `octave`: in octaves."""

    reach: float
    reach_per_distance: float
    turn: float
    octave: float


def consensus(here: Points, there: Points, tolerance: Tolerance) -> Mask:
    """bool[n]: those of n pairs that agree with one of them, which most agree with.

    `here`, `there`: float32[n, 4], as in Features; n is at least one.
    """
    turns = there[:, 3] - here[:, 3]
    octaves = np.log2(there[:, 2] / here[:, 2])
    taken = np.exp2(octaves) * np.exp(2j * np.pi * turns)
    moved = taken[:, None] * _apart(here)
    agree: Mask = (
        (
            np.abs(moved - _apart(there))
            < tolerance.reach + tolerance.reach_per_distance * np.abs(moved)
        )
        & (turned(turns[:, None] - turns) < tolerance.turn)
        & (np.abs(octaves[:, None] - octaves) < tolerance.octave)
    )
    return np.asarray(agree[agree.sum(axis=1).argmax()])


def turned(turns: Angles) -> Angles:
    """How far an angle is from none, in turns: at most a half."""
    return np.asarray(np.abs((turns + 0.5) % 1 - 0.5))


def _apart(points: Points) -> NDArray[np.complexfloating]:
    """complex[n, n]: from each point to each."""
    places = points[:, 0] + 1j * points[:, 1]
    return np.asarray(places - places[:, None])
