"""What is added to a picture: a square tile of faint waves that repeats without a seam.

Each wave is a point (kx, ky) of the tile's Fourier lattice, in periods per tile. A few strong
waves are the compass: by their places alone, scale, rotation and reflection are found again. Some
weak ones have known phases and tell where the tile begins, together with the compass. All others
carry the code bits: a bit turns the phases of its waves around. The key decides which wave is
which, and every phase. Without it the tile is noise.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from provenance.marks.watermark import bch
from provenance.marks.watermark.code import encode
from provenance.marks.watermark.keys import Key

TILE = 256
"""Side of the tile, in pixels of the marked picture."""

# The compass has one wave in each of these rings: long waves come through hard compression and
# small copies, short ones measure the geometry.
COMPASS_RINGS = np.linspace(6.5, 27.0, 21)
# The longest letter wave, in periods per tile.
LONGEST = 5.0
# Every bit has a wave in each of the strata from the longest waves to the shortest.
STRATA = 9
SYNC_PER_STRATUM = 40
# Long waves are this much stronger: amplitude goes with the wavelength to this power.
SLOPE = 0.5
# The shares of the compass and of the other waves of known phase in the energy; the rest is letter.
COMPASS_ENERGY, SYNC_ENERGY = 0.32, 0.16


@dataclass(frozen=True)
class Pattern:
    """The waves of a key.

    `compass`, `sync` and `letter` are float arrays of lattice points, shaped (n, 2),
    (SYNC_PER_STRATUM, STRATA, 2) and (127, STRATA, 2): row i of `letter` has the waves of bit i,
    the longest first. The phases are complex numbers of modulus one, shaped as the points without
    their last axis.
    """

    compass: NDArray[np.float64]
    compass_phases: NDArray[np.complex128]
    sync: NDArray[np.float64]
    sync_phases: NDArray[np.complex128]
    letter: NDArray[np.float64]
    letter_phases: NDArray[np.complex128]

    @staticmethod
    @lru_cache(maxsize=8)
    def of(key: Key) -> "Pattern":
        lattice = _lattice()
        squares = np.sum(lattice**2, axis=1)
        ring: NDArray[np.intp] = np.searchsorted(COMPASS_RINGS**2, squares, side="right")
        shuffled = key.order("compass", len(lattice))
        rings = range(1, len(COMPASS_RINGS))
        chosen = np.array([shuffled[np.argmax(ring[shuffled] == i)] for i in rings])
        rest = np.setdiff1d(np.arange(len(lattice)), chosen)
        width = bch.LENGTH + SYNC_PER_STRATUM
        rest = rest[: STRATA * width].reshape(STRATA, width)
        mixed = np.stack([row[key.order(f"stratum {i}", width)] for i, row in enumerate(rest)])
        letter, sync = mixed[:, : bch.LENGTH].T, mixed[:, bch.LENGTH :].T
        return Pattern(
            lattice[chosen],
            key.phases("compass phases", len(chosen)),
            lattice[sync],
            key.phases("sync phases", sync.size).reshape(sync.shape),
            lattice[letter],
            key.phases("letter phases", letter.size).reshape(letter.shape),
        )


def _lattice() -> NDArray[np.float64]:
    """Half of the lattice, the longest waves first; a wave and its opposite are one.

    The axes are left out: horizontal and vertical edges of the picture are strong there.
    """
    side = np.arange(-TILE // 4, TILE // 4)
    points = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2).astype(np.float64)
    x, y = points.T
    # Whole numbers, so that no machine rounds its way to another order.
    squares = x**2 + y**2
    kept = (x >= 2) & (np.abs(y) >= 2) & (squares >= LONGEST**2)
    return points[kept][np.argsort(squares[kept], kind="stable")]


def tile(number: int, key: Key) -> NDArray[np.float32]:
    """The tile that says `number`: float32[TILE, TILE] of mean zero and unit deviation."""
    pattern = Pattern.of(key)
    signs = 1.0 - 2.0 * encode(number, key)
    spectrum = np.zeros((TILE, TILE), np.complex128)
    _put(spectrum, pattern.compass, pattern.compass_phases, COMPASS_ENERGY)
    _put(spectrum, pattern.sync, pattern.sync_phases, SYNC_ENERGY)
    letter_energy = 1.0 - COMPASS_ENERGY - SYNC_ENERGY
    _put(spectrum, pattern.letter, pattern.letter_phases * signs[:, None], letter_energy)
    waves = np.fft.ifft2(spectrum).real
    return np.asarray(waves / waves.std(), np.float32)


def _put(
    spectrum: NDArray[np.complex128],
    points: NDArray[np.float64],
    phases: NDArray[np.complex128],
    energy: float,
) -> None:
    x, y = points.astype(int).reshape(-1, 2).T
    size = np.hypot(x, y) ** -SLOPE
    spectrum[y, x] = phases.ravel() * size * np.sqrt(energy / np.sum(size**2))
