"""When a trace is believed, and what it then says.

A picture that knows nothing of the secret meets phases drawn at random, whatever it shows: fog,
noise or a tiled wall. A sum of waves of random phase is sub-Gaussian, so that it exceeds z of its
deviations with a probability below exp(-z^2 / 2) for any such picture (Hoeffding's bound; the
deviation is computed from the strengths of these very waves). Two such sums are weighed: `sync`,
of the waves of known phase, and `match`, of the soft bits against one codeword. Their phases are
independent of each other, so sync^2 + match^2 exceeds t with a probability below
(1 + t / 2) exp(-t / 2). Every geometry and every number that could have been accepted is counted in
full (the union bound), and the least t is asked for that keeps the sum below 1e-9:

    blind, any number of 48 bits   t = 154
    blind, a million numbers       t = 115
    blind, one number              t = 86
    one placement, one number      t = 69

Pictures without the mark (photographs, paintings, noise, walls, grids, halftone) reach a sync of
5.4 and, with a million numbers, a match of 5.4: together 59.
"""

import numpy as np
from numpy.typing import NDArray

from provenance.marks.watermark import bch
from provenance.marks.watermark.code import NUMBER_BITS, Decoded, decode, encode
from provenance.marks.watermark.detection import Trace
from provenance.marks.watermark.keys import Key

FALSE_ACCEPTS = 1e-9
"""A picture without the mark is believed to have one less often than this, for each key."""


def needed(trials: int, numbers: int) -> float:
    """The least sync^2 + match^2 to believe one of `numbers` in the best of `trials` geometries."""
    rarity = float(np.log(trials) + np.log(numbers) - np.log(FALSE_ACCEPTS))
    half = rarity
    for _ in range(20):
        half = rarity + float(np.log1p(half))
    return 2 * half


def match(soft: NDArray[np.floating], word: NDArray[np.uint8]) -> float:
    """How many deviations soft bits stand out in favour of a codeword uint8[127]."""
    return float(soft @ (1.0 - 2.0 * word) / np.sqrt(bch.LENGTH))


def believed(trace: Trace, score: float, numbers: int) -> bool:
    """Whether a trace with the match `score` is a mark, the best of `numbers` having been taken."""
    weight = max(trace.strength, 0.0) ** 2 + max(score, 0.0) ** 2
    return weight >= needed(trace.trials, numbers)


def read(trace: Trace, key: Key) -> Decoded | None:
    """The number that a trace says by itself, whether or not it was ever issued."""
    decoded = decode(trace.soft, key)
    if decoded is None:
        return None
    score = match(trace.soft, encode(decoded.number, key))
    return decoded if believed(trace, score, 1 << NUMBER_BITS) else None


def confirms(trace: Trace, number: int, key: Key) -> bool:
    """Whether a trace bears the one number that something else has already suggested."""
    return believed(trace, match(trace.soft, encode(number, key)), 1)
