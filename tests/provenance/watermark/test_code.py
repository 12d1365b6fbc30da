"""The number and its check, and everything else that a key decides."""

import hashlib

import numpy as np
import pytest

from provenance.marks.watermark.code import codewords, decode, encode
from provenance.marks.watermark.pattern import TILE, Pattern, tile
from tests.provenance.watermark.pictures import KEY, NUMBER, OTHER


def soft(number, key, level, seed):
    noise = np.random.default_rng(seed).normal(size=127)
    return level * (1 - 2.0 * encode(number, key)) + noise


@pytest.mark.parametrize("seed", range(5))
def test_a_number_is_read_from_noisy_bits(seed):
    assert decode(soft(NUMBER, KEY, 1.8, seed), KEY).number == NUMBER


def test_another_key_reads_nothing():
    bits = soft(NUMBER, KEY, 5.0, 0)
    assert decode(bits, KEY).errors == 0
    assert decode(bits, OTHER) is None


def test_noise_is_no_number():
    assert all(decode(soft(0, KEY, 0.0, seed), KEY) is None for seed in range(30))


@pytest.mark.parametrize("number", [-1, 2**48])
def test_only_48_bits_are_carried(number):
    with pytest.raises(ValueError, match="48 bits"):
        encode(number, KEY)


def test_many_numbers_are_encoded_as_one_is():
    packed = codewords(np.array([0, NUMBER, 2**48 - 1]), KEY)
    words = np.unpackbits(packed, axis=1, bitorder="little")[:, :127]
    assert [list(w) for w in words] == [list(encode(n, KEY)) for n in (0, NUMBER, 2**48 - 1)]


def test_a_key_means_the_same_forever():
    """Pictures marked years ago are still read: none of these may ever change."""
    assert KEY.check(NUMBER) == CHECK
    pattern = Pattern.of(KEY)
    phases = [KEY.draws(f"{part} phases", 9) for part in ("compass", "sync", "letter")]
    waves = [part.astype(np.int8) for part in (pattern.compass, pattern.sync, pattern.letter)]
    decided = [encode(NUMBER, KEY), *phases, *waves]
    digests = [hashlib.sha256(array.tobytes()).hexdigest()[:12] for array in decided]
    assert digests == DIGESTS
    for drawn, kept in zip(
        phases, (pattern.compass_phases, pattern.sync_phases, pattern.letter_phases), strict=True
    ):
        assert np.allclose(np.angle(kept.ravel()[:9]) / (2 * np.pi) % 1, drawn / 2.0**64)


def test_a_key_does_not_show_its_secret():
    assert "secret" not in repr(KEY)


def test_the_tile_repeats_without_a_seam_and_differs_by_number_and_key():
    one = tile(NUMBER, KEY)
    assert one.shape == (TILE, TILE)
    assert one.std() == pytest.approx(1, abs=1e-4)
    assert np.abs(np.diff(one, axis=0, append=one[:1])).max() < 2.0
    same = np.corrcoef(one.ravel(), tile(NUMBER ^ 1, KEY).ravel())[0, 1]
    other = np.corrcoef(one.ravel(), tile(NUMBER, OTHER).ravel())[0, 1]
    assert 0.4 < same < 0.95
    assert abs(other) < 0.2


CHECK = 61179
DIGESTS = [
    "5e3c59845657",
    "f65382cede63",
    "2fbb33eb8bc8",
    "6c98d92c5945",
    "a1fc65c137b2",
    "11a7b3d4afe3",
    "3e960c9a0f04",
]
