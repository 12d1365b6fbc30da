"""The inverted file: who votes for whom."""

import numpy as np
import pytest

from provenance.matching import features, words
from provenance.matching.features import Features
from provenance.matching.words import POSTING, Candidate, Count

WORD, SIGNATURE = words.WORD_BITS, words.SIGNATURE_BITS


def invented(seed, count=100):
    """Features at random."""
    random = np.random.Generator(np.random.PCG64(seed))
    points = random.uniform(0, 1, (count, 4)).astype(np.float32)
    points[:, 2] = random.uniform(0.05, 0.12, count)
    return Features(points, random.integers(0, 256, (count, 32), np.uint8))


def votes(question, works):
    """What a question gets from an index of these works, numbered from 0."""
    index = {}
    for number, work in enumerate(works):
        for word, postings in words.postings_of(work, number).items():
            index[word] = index.get(word, b"") + postings
    count = Count(question)
    known = [word for word in count.words.tolist() if word in index]
    count.see(known, [index[word] for word in known])
    return count.candidates(10)


def with_bits_flipped(work, places):
    bits = np.unpackbits(work.descriptors, axis=1)
    bits[:, list(places)] ^= 1
    return Features(work.points, np.packbits(bits, axis=1))


def moved(work, *, turn=0.0, scale=1.0, by=(0.0, 0.0)):
    """All points after the picture was turned and scaled about its corner, and moved."""
    angle = 2 * np.pi * turn
    matrix = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points = work.points.copy()
    points[:, :2] = np.clip(points[:, :2] @ matrix.T + by, 0, 0.999)
    points[:, 2] *= scale
    points[:, 3] = (points[:, 3] + turn) % 1
    return Features(points, work.descriptors)


def test_word_and_signature_are_of_different_bits():
    assert len({*WORD, *SIGNATURE}) == 24 + 64
    assert {*WORD, *SIGNATURE} <= {*range(256)}


def test_a_posting_is_sixteen_bytes_and_there_is_one_for_each_point(paintings):
    kept = features.of_work(paintings[0])
    postings = words.postings_of(kept, 7)
    assert [*postings] == sorted(postings)
    rows = np.frombuffer(b"".join(postings.values()), POSTING)
    assert POSTING.itemsize == 16
    assert len(rows) == len(kept)
    assert {*rows["number"].tolist()} == {7}


def test_all_points_of_the_same_picture_vote_for_it():
    works = [invented(seed) for seed in range(20)]
    assert votes(works[3], works) == [Candidate(3, 100)]


@pytest.mark.parametrize("changed", [[], [WORD[5]], SIGNATURE[:10], [WORD[0], *SIGNATURE[50:60]]])
def test_a_patch_is_known_with_one_bit_of_its_word_and_ten_of_its_signature_changed(changed):
    work = invented(1)
    assert votes(with_bits_flipped(work, changed), [work]) == [Candidate(0, 100)]


@pytest.mark.parametrize("changed", [WORD[3:5], SIGNATURE[:11]])
def test_and_not_with_more(changed):
    work = invented(1, count=words.FEW_POINTS + 1)
    assert votes(with_bits_flipped(work, changed), [work]) == []


@pytest.mark.parametrize(("changed", "found"), [(2, [Candidate(0, 20)]), (3, [])])
def test_a_picture_with_few_points_is_looked_for_more_widely(changed, found):
    work = invented(1, count=20)
    assert votes(with_bits_flipped(work, WORD[3 : 3 + changed]), [work]) == found


@pytest.mark.parametrize(
    "how", [{"turn": 0.25, "by": (1, 0)}, {"scale": 0.5, "by": (0.3, 0.2)}, {"turn": 0.02}]
)
def test_a_picture_may_be_turned_scaled_and_moved(how):
    work = invented(2)
    (found,) = votes(moved(work, **how), [work])
    assert found.votes >= 70


def test_points_in_other_places_do_not_vote_together():
    work = invented(2)
    shuffled = np.random.Generator(np.random.PCG64(0)).permutation(work.points)
    (found,) = votes(Features(shuffled, work.descriptors), [work]) or [Candidate(0, 0)]
    assert found.votes < 10


def test_a_point_that_repeats_has_one_vote():
    """A hundred windows of the same house are one reason to think of it, not a hundred."""
    work = invented(3)
    once = Features(work.points[:1].repeat(100, axis=0), work.descriptors[:1].repeat(100, axis=0))
    assert votes(work, [once]) == []
    assert votes(once, [work]) == []


def test_strangers_get_no_votes():
    assert votes(invented(100), [invented(seed) for seed in range(30)]) == []


def test_nothing_has_no_words():
    nothing = Features(np.zeros((0, 4), np.float32), np.zeros((0, 32), np.uint8))
    assert words.postings_of(nothing, 1) == {}
    assert Count(nothing).words.tolist() == []
    assert votes(nothing, [invented(1)]) == []
