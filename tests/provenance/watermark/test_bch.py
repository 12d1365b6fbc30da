"""The error-correcting code."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.marks.watermark import bch

DATA = st.integers(0, 2**64 - 1)
POSITIONS = st.sets(st.integers(0, 126), max_size=10)


@given(data=DATA, errors=POSITIONS)
@settings(max_examples=300)
def test_any_ten_errors_are_put_right(data, errors):
    word = bch.encode(data)
    damaged = word.copy()
    damaged[list(errors)] ^= 1
    corrected = bch.correct(damaged)
    assert np.array_equal(corrected, word)
    assert bch.data_of(corrected) == data


@given(data=DATA, errors=st.sets(st.integers(0, 126), min_size=11, max_size=127))
def test_more_errors_give_another_codeword_near_by_or_nothing(data, errors):
    damaged = bch.encode(data)
    damaged[list(errors)] ^= 1
    corrected = bch.correct(damaged)
    if corrected is not None:
        assert np.count_nonzero(corrected != damaged) <= bch.CORRECTS
        assert np.array_equal(bch.encode(bch.data_of(corrected)), corrected)


@given(data=st.lists(DATA, max_size=5))
def test_many_are_encoded_as_one_is(data):
    packed = bch.encode_all(np.array(data, np.uint64))
    unpacked = np.unpackbits(packed, axis=1, bitorder="little")[:, : bch.LENGTH]
    assert np.array_equal(unpacked, np.array([bch.encode(d) for d in data]).reshape(-1, 127))


@given(one=DATA, other=DATA)
def test_codewords_differ_in_at_least_21_bits(one, other):
    distance = np.count_nonzero(bch.encode(one) != bch.encode(other))
    assert one == other or distance >= 2 * bch.CORRECTS + 1
