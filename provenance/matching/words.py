"""Which of many works share local features with a picture: an inverted index of words. Pure.

24 bits of a descriptor are its word. A question looks under the words of its points and under all
words that differ in one bit, or in two if it has few points; 64 other bits, the signature, say
whether a posting found there is of the same patch. Postings of a work vote for it together only if
they place the picture in the work alike: in the same place, turned and scaled by the same. After
Jegou et al., "Hamming Embedding and Weak Geometric Consistency for Large Scale Image Search", 2008,
with whole similarities instead of two of their parameters.

The bits were chosen once, on descriptors of photographs and painted pictures: those that an attack
flips least and that depend on each other least. Stored postings depend on them: another choice is
another version.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from provenance.matching.consensus import Tolerance, consensus
from provenance.matching.features import Descriptors, Features, Points
from provenance.matching.spans import spans

WORD_BITS = (
    12, 24, 28, 34, 45, 47, 51, 53, 55, 77, 80, 83, 93, 96, 124, 130, 142, 162, 170, 180, 200, 205,
    230, 239,
)  # fmt: skip
SIGNATURE_BITS = (
    0, 4, 9, 14, 15, 19, 20, 21, 23, 25, 26, 30, 33, 38, 41, 42, 50, 60, 61, 63, 67, 68, 71, 72, 76,
    84, 87, 97, 105, 106, 110, 120, 121, 127, 135, 136, 138, 145, 147, 151, 175, 177, 178, 179, 186,
    187, 189, 190, 194, 195, 199, 202, 204, 207, 213, 217, 220, 228, 236, 237, 244, 249, 251, 255,
)  # fmt: skip
# Keeps 95 of 100 postings of the same patch, and 4 of 100 of others under the same word.
MAX_SIGNATURE_DISTANCE = 10
# One vote is no agreement. Two happen by chance, and cost a comparison where nothing has more.
MIN_VOTES = 2
# A work with this much less than the best one has them by chance; comparing it takes longer than
# counting did.
WORTH_COMPARING = 0.08
# So many works, and of each so many pairs of patches, those whose point has the fewest others:
# edges of letters look like all edges, and agreement takes time with the square of the pairs.
_LOOKED_AT = 512
_PAIRS = 128
# With no more points than this a question looks under words that differ in two bits, too: then it
# reads about as many as one of a thousand points does under those that differ in one.
FEW_POINTS = 100
_TOGETHER = Tolerance(reach=0.04, reach_per_distance=0.25, turn=30 / 256, octave=0.5)

# x, y and angle in 1/256, the size in 1/32 octaves; `number` is the work's.
POSTING = np.dtype(
    [
        ("number", "<i4"), ("x", "u1"), ("y", "u1"), ("angle", "u1"), ("size", "u1"),
        ("signature", "<u8"),
    ]
)  # fmt: skip
Postings = NDArray[np.void]


def _flips(most: int) -> NDArray[np.int32]:
    """All changes of a word in at most so many bits."""
    bits = (1 << np.arange(len(WORD_BITS))).tolist()
    chosen = (each for many in range(most + 1) for each in combinations(bits, many))
    return np.array([sum(each) for each in chosen], np.int32)


_FLIPS = {most: _flips(most) for most in (1, 2)}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A work and how many points of the question agree on where in it they are."""

    number: int
    votes: int


def words_of(descriptors: Descriptors) -> NDArray[np.int32]:
    """int32[n], each below 2**24."""
    bits = np.unpackbits(descriptors, axis=1)[:, WORD_BITS]
    return bits.astype(np.int32) @ (1 << np.arange(len(WORD_BITS), dtype=np.int32))


def signatures_of(descriptors: Descriptors) -> NDArray[np.uint64]:
    """uint64[n]."""
    bits = np.unpackbits(descriptors, axis=1)[:, SIGNATURE_BITS]
    return np.ascontiguousarray(np.packbits(bits, axis=1)).view("<u8")[:, 0]


def postings_of(features: Features, number: int) -> dict[int, bytes]:
    """What is appended under which word for the work `number`, in ascending order of the words."""
    words = words_of(features.descriptors)
    order = np.argsort(words, kind="stable")
    rows = rows_of(features, number)[order]
    unique, starts = np.unique(words[order], return_index=True)
    ends = [*starts[1:], len(rows)]
    return {
        int(word): rows[start:end].tobytes()
        for word, start, end in zip(unique, starts, ends[: len(unique)], strict=True)
    }


def rows_of(features: Features, number: int) -> Postings:
    """One posting for each point, in their order."""
    rows = np.zeros(len(features), POSTING)
    rows["number"] = number
    points = features.points
    for name, column in (("x", 0), ("y", 1), ("angle", 3)):
        rows[name] = (points[:, column] * 256).astype(np.uint8)
    rows["size"] = np.clip(np.round(256 + 32 * np.log2(points[:, 2])), 0, 255)
    rows["signature"] = signatures_of(features.descriptors)
    return rows


class Count:
    """The votes on one question. Ask for `words`, `see` what is posted there, then `candidates`."""

    def __init__(self, question: Features) -> None:
        self._question = rows_of(question, 0)
        flips = _FLIPS[1 if len(question) > FEW_POINTS else 2]
        probes = (words_of(question.descriptors)[:, None] ^ flips).ravel()
        order = np.argsort(probes, kind="stable")
        self._probes = probes[order]
        self._askers = order // len(flips)
        self._seen: list[tuple[NDArray[np.int64], Postings]] = []

    @property
    def words(self) -> NDArray[np.int32]:
        """All that are looked under, ascending and once each."""
        return np.unique(self._probes)

    def see(self, words: Sequence[int], postings: Sequence[bytes]) -> None:
        """Keep those of the postings under these words that are of a patch of the question."""
        if not words:
            return
        rows = np.frombuffer(b"".join(postings), POSTING)
        lengths = np.array([len(part) for part in postings]) // POSTING.itemsize
        first = np.searchsorted(self._probes, words, "left")
        askers = np.searchsorted(self._probes, words, "right") - first
        row, nth = spans(askers)
        asker = self._askers[first[row] + nth]
        pair, nth = spans(lengths[row])
        posting = (np.cumsum(lengths) - lengths)[row[pair]] + nth
        asked = asker[pair]
        apart = rows["signature"][posting] ^ self._question["signature"][asked]
        near = np.bitwise_count(apart) <= MAX_SIGNATURE_DISTANCE
        self._seen.append((asked[near], rows[posting[near]]))

    def candidates(self, limit: int) -> list[Candidate]:
        """The works with the most votes, at most `limit`, the best first."""
        if not self._seen:
            return []
        asked = np.concatenate([each for each, _ in self._seen])
        rows = np.concatenate([each for _, each in self._seen])
        common = np.bincount(asked)[asked]
        order = np.lexsort((common, rows["number"]))
        asked, rows = asked[order], rows[order]
        numbers, starts, many = np.unique(rows["number"], return_index=True, return_counts=True)
        best = np.argsort(-many, kind="stable")[:_LOOKED_AT]
        found = [
            Candidate(int(numbers[at]), self._agreeing(asked[part], rows[part]))
            for at in best
            if many[at] >= MIN_VOTES
            for part in [slice(starts[at], starts[at] + min(many[at], _PAIRS))]
        ]
        least = max([MIN_VOTES, *(WORTH_COMPARING * candidate.votes for candidate in found)])
        found = [candidate for candidate in found if candidate.votes >= least]
        return sorted(found, key=lambda candidate: -candidate.votes)[:limit]

    def _agreeing(self, asked: NDArray[np.int64], theirs: Postings) -> int:
        """How many points one similarity takes to their places."""
        best = consensus(_points_of(self._question[asked]), _points_of(theirs), _TOGETHER)
        return min(len(np.unique(asked[best])), len(np.unique(theirs[["x", "y"]][best])))


def _points_of(rows: Postings) -> Points:
    """The points of postings, as in Features, as far as they are kept."""
    sizes = np.exp2((rows["size"].astype(np.float32) - 256) / 32)
    return np.stack([rows["x"] / 256, rows["y"] / 256, sizes, rows["angle"] / 256], axis=1)
