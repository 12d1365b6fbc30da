"""Finding how a marked picture was scaled, turned and mirrored, from the compass alone.

A wave of k periods per tile stands in the searched picture at the frequency `linear @ k / TILE`
(cycles per pixel) where `linear` is a 2x2 matrix: the inverse transpose of the map from pixels of
the marked picture to those of the searched one.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.marks.watermark.pattern import TILE, Pattern
from provenance.marks.watermark.spectrum import Plane, Spectrum

Linear = NDArray[np.float64]

SMALLEST, LARGEST = 0.18, 4.3
"""Between these scales a marked picture is found."""

# Steps of angle and logarithmic scale: half the width of a compass wave over 2048 pixels.
ANGLES = 1280
STEP = np.pi / ANGLES
# More power than this (the noise has 1) makes a wave no more convincing.
LOUD = 8.0
# Two peaks nearer than this (steps) are one, and so many are looked at closely.
APART, PEAKS = 8, 32
# How they are looked at: these fractions of a step to each side.
CLOSELY = np.arange(-1.0, 1.01, 0.5)
# How far around its predicted place (bins) a wave is looked for, round after round.
WINDOWS = (3, 2, 2)


def directions(spectrum: Spectrum, pattern: Pattern, count: int) -> list[Linear]:
    """The `count` likeliest matrices, best first."""
    lowest = float(np.hypot(*pattern.compass.T).min()) / TILE
    scales = round(np.log(LARGEST / SMALLEST) / STEP)
    rows = np.rint(np.log(np.hypot(*pattern.compass.T) / TILE / lowest) / STEP).astype(int)
    turns = np.arctan2(pattern.compass[:, 1], pattern.compass[:, 0]) / STEP
    polar = _polar(spectrum, lowest / LARGEST, scales + int(rows.max()))
    found: list[tuple[float, int, int, int]] = []
    for side in (1, -1):
        score = np.zeros((scales, ANGLES), np.float32)
        for row, turn in zip(rows, turns, strict=True):
            shift = round(side * turn + ANGLES / 2) % ANGLES
            score[:, : ANGLES - shift] += polar[row : row + scales, shift:]
            score[:, ANGLES - shift :] += polar[row : row + scales, :shift]
        for height, scale, angle in _peaks(score, PEAKS):
            found.append((height, scale, angle, side))
    found.sort(reverse=True)
    matrices = np.array(
        [
            _similarity(scale + finer, angle + turn, side)
            for _, scale, angle, side in found[:PEAKS]
            for finer in CLOSELY
            for turn in CLOSELY
        ]
    )
    power = _compass_power(spectrum, pattern, matrices).reshape(-1, len(CLOSELY) ** 2)
    best = power.argmax(axis=1)
    order = np.argsort(-power.max(axis=1), kind="stable")[:count]
    return [matrices[i * len(CLOSELY) ** 2 + best[i]] for i in order]


def _similarity(scale: float, angle: float, side: int) -> Linear:
    """The matrix of a scale and an angle in steps, mirrored if the side is -1."""
    size, turn = np.exp(scale * STEP) / LARGEST, angle * STEP
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return np.asarray(size * turned @ np.diag([1.0, side]))


def _compass_power(
    spectrum: Spectrum, pattern: Pattern, matrices: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How much power the compass has under each of some matrices float[n, 2, 2]."""
    frequencies = np.einsum("nij,wj->nwi", matrices, pattern.compass / TILE)
    inside = np.abs(frequencies).max(axis=-1) < 0.5
    power = np.minimum(np.abs(spectrum.values(frequencies)) ** 2, LOUD) - 1
    return np.asarray(np.sum(power * inside, axis=1))


def refined(spectrum: Spectrum, pattern: Pattern, linear: Linear) -> Linear:
    """The matrix that fits best to the waves that stand near their predicted places."""
    points = pattern.compass / TILE
    for window in WINDOWS:
        places, power = _summits(spectrum, points @ linear.T, window)
        weight = np.sqrt(np.clip(power - 1, 1e-3, LOUD))[:, None]
        linear = np.asarray(np.linalg.lstsq(points * weight, places * weight, rcond=None)[0].T)
    return linear


def _polar(spectrum: Spectrum, lowest: float, rows: int) -> Plane:
    """The power by the logarithm of the radius from `lowest` up, and by angles of half a turn from
    straight up; its mean is zero, as is everything beyond the resolution of the picture."""
    radius = np.exp(np.arange(rows) * STEP) * lowest
    angle = np.arange(ANGLES) * STEP - np.pi / 2
    power = np.minimum(np.roll(spectrum.power, spectrum.height // 2, axis=0), LOUD)
    x = np.outer(radius, np.cos(angle) * spectrum.width).astype(np.float32)
    y = np.outer(radius, np.sin(angle) * spectrum.height).astype(np.float32)
    y += spectrum.height // 2
    mean = float(power.mean())
    polar = cv2.remap(power - mean, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    return np.asarray(polar, np.float32)


def _peaks(score: Plane, count: int) -> list[tuple[float, int, int]]:
    """The highest places (height, row, column), none near another; columns wrap."""
    score = score.copy()
    found = []
    for _ in range(count):
        row, column = divmod(int(score.argmax()), ANGLES)
        found.append((float(score[row, column]), row, column))
        columns = np.arange(column - APART, column + APART + 1) % ANGLES
        score[max(row - APART, 0) : row + APART + 1, columns] = -np.inf
    return found


def _summits(
    spectrum: Spectrum, frequencies: NDArray[np.float64], window: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The strongest frequency near each of some, to a fraction of a bin, and its power."""
    turned = frequencies[:, 0] < 0
    around = np.where(turned[:, None], -frequencies, frequencies)
    size = np.array([spectrum.width, spectrum.height])
    first = np.rint(around * size).astype(int)
    steps = np.arange(-window, window + 1)
    near = spectrum.power_at(
        first[:, 0, None, None] + steps, first[:, 1, None, None] + steps[:, None]
    )
    best = near.reshape(len(near), -1).argmax(axis=1)
    top = first + np.stack([best % len(steps), best // len(steps)], axis=-1) - window
    power = spectrum.power_at(top[:, 0], top[:, 1]).astype(np.float64)
    places = top.astype(np.float64)
    for axis, (x, y) in enumerate(((1, 0), (0, 1))):
        before = spectrum.power_at(top[:, 0] - x, top[:, 1] - y)
        after = spectrum.power_at(top[:, 0] + x, top[:, 1] + y)
        bend = np.maximum(2 * power - before - after, 1e-9)
        places[:, axis] += np.clip((after - before) / (2 * bend), -0.5, 0.5)
    places /= size
    return np.where(turned[:, None], -places, places), power
