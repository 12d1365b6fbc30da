"""The binary BCH code (127, 64): 64 bits become 127, and any 10 wrong bits are put right.

Narrow-sense, primitive, over GF(2^7) with x^7 + x^3 + 1. See Lin and Costello, Error Control
Coding, 2nd edition, chapter 6: table 6.1 lists the code, section 6.3 the Berlekamp-Massey decoder.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

LENGTH = 127
DATA = 64
PARITY = LENGTH - DATA
CORRECTS = 10
PACKED = 16
"""Bytes of a codeword that is packed."""
FIELD = 0b10001001

Bits = NDArray[np.uint8]


def _powers() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """EXP[i] is the i-th power of the generator, for i < 254; LOG undoes it, for 1..127."""
    exp = np.zeros(2 * LENGTH, np.int64)
    log = np.zeros(LENGTH + 1, np.int64)
    value = 1
    for exponent in range(LENGTH):
        exp[exponent] = exp[exponent + LENGTH] = value
        log[value] = exponent
        value <<= 1
        if value > LENGTH:
            value ^= FIELD
    return exp, log


EXP, LOG = _powers()
# Of an error at position j the i-th syndrome is the power i * j, for i = 1..20.
SYNDROMES = EXP[np.outer(np.arange(1, 2 * CORRECTS + 1), np.arange(LENGTH)) % LENGTH]
# Row j holds the powers 0..10 of the inverse of position j: where the locator may vanish.
PLACES = (-np.outer(np.arange(LENGTH), np.arange(CORRECTS + 1))) % LENGTH


@cache
def _generator() -> int:
    """The generator polynomial, bit i for x^i: the least one with the roots 1..20."""
    product = 1
    roots: set[int] = set()
    for root in range(1, 2 * CORRECTS + 1):
        if root in roots:
            continue
        conjugates = {root * 2**i % LENGTH for i in range(7)}
        roots |= conjugates
        minimal = [1]
        for conjugate in conjugates:
            shifted = [0, *minimal]
            for i, coefficient in enumerate(minimal):
                shifted[i] ^= _times(coefficient, int(EXP[conjugate]))
            minimal = shifted
        product = _carryless(product, sum(bit << i for i, bit in enumerate(minimal)))
    return product


def _carryless(a: int, b: int) -> int:
    result = 0
    for i in range(b.bit_length()):
        if b >> i & 1:
            result ^= a << i
    return result


def _times(a: int, b: int) -> int:
    return int(EXP[LOG[a] + LOG[b]]) if a and b else 0


def encode(data: int) -> Bits:
    """The 127 bits of a 64-bit integer: 63 of parity, then the data, least significant first."""
    if not 0 <= data < 1 << DATA:
        raise ValueError("the data must have at most 64 bits")
    remainder = data << PARITY
    while remainder.bit_length() > PARITY:
        remainder ^= _generator() << (remainder.bit_length() - PARITY - 1)
    word = data << PARITY | remainder
    return np.unpackbits(np.frombuffer(word.to_bytes(16, "little"), np.uint8), bitorder="little")[
        :LENGTH
    ]


@cache
def _tables() -> Bits:
    """The packed codewords, uint8[8, 256, PACKED], of every value of every byte of the data."""
    single = [np.packbits(encode(1 << i), bitorder="little") for i in range(DATA)]
    tables = np.zeros((DATA // 8, 256, PACKED), np.uint8)
    for value in range(256):
        for bit in range(8):
            if value >> bit & 1:
                tables[:, value] ^= single[bit::8]
    return tables


def encode_all(data: NDArray[np.uint64]) -> Bits:
    """The codewords of many integers, as uint8[n, PACKED]: eight bits a byte, the first lowest."""
    words = np.zeros((len(data), PACKED), np.uint8)
    for table, column in zip(
        _tables(), data.astype("<u8").view(np.uint8).reshape(-1, 8).T, strict=True
    ):
        words ^= table[column]
    return words


def data_of(word: Bits) -> int:
    """The data in a codeword."""
    return int.from_bytes(np.packbits(word[PARITY:], bitorder="little").tobytes(), "little")


def correct(word: Bits) -> Bits | None:
    """The codeword within 10 bits of `word`, if there is one."""
    syndromes = np.bitwise_xor.reduce(SYNDROMES[:, word != 0], axis=1)
    if not syndromes.any():
        return word
    locator = _locator([int(value) for value in syndromes])
    if len(locator) > CORRECTS + 1:
        return None
    terms = np.zeros(LENGTH, np.int64)
    for degree, coefficient in enumerate(locator):
        if coefficient:
            terms ^= EXP[LOG[coefficient] + PLACES[:, degree]]
    errors = np.flatnonzero(terms == 0)
    if len(errors) != len(locator) - 1:
        return None
    corrected = word.copy()
    corrected[errors] ^= 1
    return corrected


def _locator(syndromes: list[int]) -> list[int]:
    """Berlekamp and Massey: the shortest polynomial, from x^0 up, that generates the syndromes."""
    current, previous = [1], [1]
    length, gap, last = 0, 1, 1
    for n, syndrome in enumerate(syndromes):
        difference = syndrome
        for i in range(1, min(length, len(current) - 1) + 1):
            difference ^= _times(current[i], syndromes[n - i])
        if not difference:
            gap += 1
            continue
        factor = int(EXP[LOG[difference] - LOG[last] + LENGTH * (LOG[difference] < LOG[last])])
        kept = current
        current = current + [0] * max(0, len(previous) + gap - len(current))
        for i, coefficient in enumerate(previous):
            current[i + gap] ^= _times(factor, coefficient)
        if 2 * length <= n:
            length, previous, last, gap = n + 1 - length, kept, difference, 1
        else:
            gap += 1
    while not current[-1]:
        current.pop()
    # A locator of a lower degree than its register has no meaning: too many errors.
    return current if len(current) - 1 == length else [0] * (CORRECTS + 2)
