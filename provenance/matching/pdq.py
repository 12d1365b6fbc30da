"""PDQ: 256 bits that change little when a picture is encoded anew, scaled or brightened. Pure.

Meta, "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm" (2019), and its
reference implementation (facebook/ThreatExchange, pdq/cpp/hashing). Equal to it for equal
brightness, but for values that lie within a rounding error of the median.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Grid = NDArray[np.floating[Any]]
Bits = NDArray[np.uint8]

VERSION = 1
SIDE = 64
FREQUENCIES = 16
HASH_BITS = FREQUENCIES * FREQUENCIES
# The threshold that PDQ's authors advise. Between pictures that have nothing to do with each other
# the distance is 128 on average; two nights of which a moon takes most were 30 apart.
MAX_DISTANCE = 31
# Up to here a hash speaks alone: nineteen of twenty copies are as near, farther are captions across
# the picture and the fog. Beyond, something else must agree.
SURE_DISTANCE = 24
# Below it a picture has too little in it, also by PDQ's advice: clear skies are alike.
MIN_QUALITY = 50
DIHEDRAL = 8


@dataclass(frozen=True, slots=True)
class Hash:
    """`bits`: 32 bytes. `quality`: 0 to 100, how much there is to compare."""

    bits: bytes
    quality: int

    @property
    def telling(self) -> bool:
        """Whether there is enough in the picture for the hash to say anything."""
        return self.quality >= MIN_QUALITY


def hash_of(luma: Grey) -> Hash:
    """The hash of a picture's brightness, an array of height by width."""
    grid = grid_of(luma)
    return hash_of_grid(grid)


def hash_of_grid(grid: Grid) -> Hash:
    """The hash of a picture that was brought to 64 by 64 already."""
    return Hash(_bits(_frequencies(grid)), quality_of(grid))


def variants_of(grid: Grid) -> list[bytes]:
    """The hashes of the picture as it is, turned and mirrored: eight, the picture itself first.

    Turning a picture swaps its horizontal and vertical frequencies, mirroring it changes the sign
    of every odd one.
    """
    upright = _frequencies(grid)
    signs = np.where(np.arange(1, FREQUENCIES + 1) % 2, -1.0, 1.0).astype(np.float32)
    turned = [upright, upright.T]
    return [
        _bits(frequencies * down[:, None] * across[None, :])
        for frequencies in turned
        for down in (np.ones_like(signs), signs)
        for across in (np.ones_like(signs), signs)
    ]


def distance(one: bytes, other: bytes) -> int:
    """In how many of their bits two hashes differ: 0 to 256."""
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


def grid_of(luma: Grey) -> Grid:
    """The picture at 64 by 64: blurred by two box filters each way, and sampled."""
    blurred = luma.astype(np.float32)
    for _ in range(2):
        blurred = _box(_box(blurred, axis=1), axis=0)
    rows = ((np.arange(SIDE) + 0.5) * luma.shape[0] / SIDE).astype(int)
    columns = ((np.arange(SIDE) + 0.5) * luma.shape[1] / SIDE).astype(int)
    sampled: Grid = np.ascontiguousarray(blurred[np.ix_(rows, columns)])
    return sampled


def quality_of(grid: Grid) -> int:
    """The sum of all steps between neighbours, in whole hundredths of the range, over 90."""
    steps = sum(
        np.abs(np.trunc(np.diff(grid, axis=axis) * 100 / 255)).astype(int).sum() for axis in (0, 1)
    )
    return int(min(100, steps // 90))


def _box(values: Grid, *, axis: int) -> Grid:
    """The mean over a window along `axis`, cut short at the borders."""
    length = values.shape[axis]
    window = (length + 2 * SIDE - 1) // (2 * SIDE)
    ahead = (window + 2) // 2
    places = np.arange(length)
    first = np.maximum(places + ahead - window, 0)
    last = np.minimum(places + ahead, length)
    sums = np.cumsum(values, axis=axis, dtype=np.float64)
    sums = np.concatenate([np.zeros_like(sums.take([0], axis=axis)), sums], axis=axis)
    total = sums.take(last, axis=axis) - sums.take(first, axis=axis)
    shape = [1, 1]
    shape[axis] = length
    mean: Grid = (total / (last - first).reshape(shape)).astype(np.float32)
    return mean


def _frequencies(grid: Grid) -> Grid:
    """The 16 by 16 lowest frequencies of the cosine transform (type II), without the constant."""
    frequencies: Grid = _basis() @ grid @ _basis().T
    return frequencies


def _bits(frequencies: Grid) -> bytes:
    """One bit for each frequency: whether it is stronger than the lower median of all.

    The lowest frequency is the last bit, as PDQ writes its hashes.
    """
    values = frequencies.ravel()[::-1]
    middle = np.partition(values, values.size // 2 - 1)[values.size // 2 - 1]
    return np.packbits(values > middle).tobytes()


@lru_cache(maxsize=1)
def _basis() -> Grid:
    frequency = np.arange(1, FREQUENCIES + 1)[:, None]
    place = np.arange(SIDE)[None, :]
    wave = np.cos(np.pi / (2 * SIDE) * frequency * (2 * place + 1))
    basis: Grid = (np.sqrt(2 / SIDE) * wave).astype(np.float32)
    return basis
