"""The letter: a number of 48 bits and its check as 127 code bits."""

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from provenance.marks.watermark import bch
from provenance.marks.watermark.keys import CHECK_BITS, Key

NUMBER_BITS = bch.DATA - CHECK_BITS
# The bits that are tried both ways: the least reliable ones.
DOUBTED = 6


@dataclass(frozen=True)
class Decoded:
    number: int
    errors: int
    """How many of the 127 bits had been read wrongly."""


def encode(number: int, key: Key) -> NDArray[np.uint8]:
    """The 127 code bits of a number below 2^48."""
    if not 0 <= number < 1 << NUMBER_BITS:
        raise ValueError("the number must have at most 48 bits")
    return bch.encode(number << CHECK_BITS | key.check(number))


def codewords(numbers: NDArray[np.int64], key: Key) -> NDArray[np.uint8]:
    """The same for many numbers at once, packed as by `bch.encode_all`."""
    checks = np.array([key.check(int(number)) for number in numbers], np.uint64)
    return bch.encode_all(np.asarray(numbers).astype(np.uint64) << np.uint64(CHECK_BITS) | checks)


def decode(soft: NDArray[np.floating], key: Key) -> Decoded | None:
    """The number in 127 soft bits (positive for 0), or None.

    Chase's second algorithm (IEEE Trans. Inf. Theory 18, 1972): the six least reliable bits are
    tried both ways, and the first codeword with the right check is it. 127 random bits pass with
    probability 2^6 x 2.5e-5 x 2^-16 = 2.5e-8: a codeword lies within 10 bits of one word in 40,000,
    and its check fits one time in 2^16.
    """
    word = (np.asarray(soft) < 0).astype(np.uint8)
    doubted = np.argsort(np.abs(soft), kind="stable")[:DOUBTED]
    for flips in sorted(product((0, 1), repeat=DOUBTED), key=sum):
        trial = word.copy()
        trial[doubted] ^= np.array(flips, np.uint8)
        corrected = bch.correct(trial)
        if corrected is None:
            continue
        number, check = divmod(bch.data_of(corrected), 1 << CHECK_BITS)
        if check == key.check(number):
            return Decoded(number, int(np.count_nonzero(corrected != word)))
    return None
