"""The waves of a pattern in a picture of assumed geometry: how well they fit, what they say."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from provenance.marks.watermark.compass import LOUD, Linear
from provenance.marks.watermark.pattern import COMPASS_ENERGY, SYNC_ENERGY, TILE, Pattern
from provenance.marks.watermark.spectrum import Spectrum

Points = NDArray[np.float64]
Phasors = NDArray[np.complex128]
Placement = NDArray[np.float64]

# A placement from outside is off by at most so many pixels of the marked picture.
NEAR = 8
# To which fraction of a pixel the place in the tile is found.
FINEST = 0.125
# The least power of the mark, in units of the noise, that a stratum of waves is believed to have.
LEAST = 0.02


@dataclass(frozen=True)
class Waves:
    """What stands in a spectrum where the waves of a pattern should be, shaped as in `Pattern`."""

    pattern: Pattern
    linear: Linear
    centre: Points
    letter: Phasors
    sync: Phasors
    compass: Phasors

    @staticmethod
    def at(spectrum: Spectrum, pattern: Pattern, linear: Linear) -> "Waves":
        lattices = (pattern.letter, pattern.sync, pattern.compass)
        waves = (spectrum.values(lattice @ linear.T / TILE) for lattice in lattices)
        return Waves(pattern, linear, spectrum.centre, *waves)

    def turned(self) -> "Waves":
        """The same by half a turn, which no spectrum of power can tell."""
        waves = (self.letter.conj(), self.sync.conj(), self.compass.conj())
        return Waves(self.pattern, -self.linear, self.centre, *waves)


class Fit:
    """The place of the tile where the waves of known phase agree best, and how strongly they do.

    Weights depend on the strengths of waves alone, never on their phases: `reading` relies on it.
    """

    def __init__(self, waves: Waves, *, near: Points | None = None) -> None:
        pattern = waves.pattern
        self.waves = waves
        ordinary = np.abs(np.vstack([waves.letter, waves.sync]))
        level = np.sqrt(np.maximum(np.minimum(ordinary**2, LOUD).mean(axis=0) - 1, LEAST))
        self.letter = _votes(waves.letter, level) * pattern.letter_phases.conj()
        sync = _votes(waves.sync, level) * pattern.sync_phases.conj()
        radii = np.hypot(pattern.letter[..., 0], pattern.letter[..., 1]).mean(axis=0)
        louder = np.sqrt(COMPASS_ENERGY / len(waves.compass) / (SYNC_ENERGY / sync.size))
        level = louder * np.interp(np.hypot(*pattern.compass.T), radii, level)
        compass = _votes(waves.compass, level) * pattern.compass_phases.conj()
        self.known = np.concatenate([sync.ravel(), compass])
        self.points = np.concatenate([pattern.sync.reshape(-1, 2), pattern.compass])
        self.place, self.strength = self._best(near)

    def _best(self, near: Points | None) -> tuple[Points, float]:
        """The point (x, y) of the tile in the centre of the picture, and its deviations."""
        if near is None:
            place, reach, step = self._roughly(), 1.0, 0.5
        else:
            place, reach, step = near, float(NEAR), 1.0
        height = 0.0
        while step >= FINEST:
            side = np.arange(-reach, reach + step / 2, step)
            places = place + np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
            fit = (_turn(places @ self.points.T) @ self.known).real
            place, height = places[fit.argmax()], float(fit.max())
            reach, step = step, step / 2
        deviation = float(np.sqrt(np.sum(np.abs(self.known) ** 2) / 2))
        # A picture of one grey, or of stripes alone, has none of these waves at all.
        return place, height / deviation if deviation else 0.0

    def _roughly(self) -> Points:
        """The best whole pixel, all of them compared at once."""
        half = np.zeros((TILE, TILE // 2 + 1), np.complex64)
        x, y = self.points.astype(int).T
        half[y, x] = self.known.conj()
        row, column = divmod(int(np.fft.irfft2(half).argmax()), TILE)
        return np.array([column, row], np.float64)

    def soft(self) -> NDArray[np.float64]:
        """127 code bits of unit noise, positive for 0."""
        bits = (self.letter * _turn(self.waves.pattern.letter @ self.place)).real.sum(axis=1)
        noise = np.sqrt(np.sum(np.abs(self.letter) ** 2) / 2 / len(bits))
        return np.asarray(bits / noise if noise else bits)

    def placement(self) -> Placement:
        """The affine map float64[2, 3] from pixels of the picture to those of the marked one."""
        linear = self.waves.linear.T
        return np.column_stack([linear, self.place - linear @ self.waves.centre])


def _turn(periods: NDArray[np.float64]) -> Phasors:
    return np.asarray(np.exp(-2j * np.pi / TILE * periods))


def _votes(waves: Phasors, level: NDArray[np.float64]) -> Phasors:
    """The phases of waves, each with as much weight as it can be trusted.

    In unit noise the phase of a wave of amplitude m, of which `level` should be the mark, has a von
    Mises distribution around the mark's phase, of concentration 2 m level. Its mean cosine I1 / I0
    is the best weight; the quotient here is close to that.
    """
    amplitude = np.abs(waves) + 1e-12
    trust = amplitude * level
    return np.asarray(waves / amplitude * (trust / np.sqrt(1 + trust**2)))
