"""The numbers that were issued: which of them is in a trace when many of its bits are lost."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from provenance.marks.watermark import bch
from provenance.marks.watermark.code import codewords
from provenance.marks.watermark.detection import Trace
from provenance.marks.watermark.keys import Key
from provenance.marks.watermark.reading import believed

MISTAKEN = 1e-6
"""A mark of ours is taken for that of another number less often than this."""


@dataclass(frozen=True)
class Likely:
    number: int
    score: float
    """How many deviations its codeword stands out."""
    margin: float
    """By how many deviations the second best number stands out less."""


class Codebook:
    """All numbers issued under a key, by codeword. A million take 24 MB."""

    def __init__(self, key: Key, numbers: NDArray[np.int64] | None = None) -> None:
        self.key = key
        self.numbers = np.zeros(0, np.int64)
        self._words = np.zeros((bch.PACKED, 0), np.uint8)
        if numbers is not None:
            self.add(numbers)

    def add(self, numbers: NDArray[np.int64]) -> None:
        """Know these numbers (int64[n], each below 2^48) as well."""
        packed = codewords(numbers, self.key).T
        self._words = np.ascontiguousarray(np.hstack([self._words, packed]))
        self.numbers = np.concatenate([self.numbers, np.asarray(numbers, np.int64)])

    def likeliest(self, trace: Trace) -> Likely | None:
        """The number of the greatest likelihood, if it is beyond doubt.

        Three tests. `reading.believed` keeps pictures without the mark out, all numbers counted. A
        mark of ours whose number is not in the book agrees with one of n unrelated codewords in
        more than x of its bits' weight (as the cosine) with a probability below
        n exp(-127 x^2 / 2), which must be below 1e-6. And the runner-up must be a million times
        less likely: the logarithm of that ratio is score * margin, for bits of Gaussian noise.
        """
        if not len(self.numbers) or not trace.soft.any():
            return None
        scores = self._scores(trace.soft)
        best = int(scores.argmax())
        score = float(scores[best])
        scores[self.numbers == self.numbers[best]] = -np.inf
        margin = score - float(scores.max())
        agreement = score / float(np.linalg.norm(trace.soft))
        least = np.sqrt(2 * np.log(len(self.numbers) / MISTAKEN) / bch.LENGTH)
        certain = agreement >= least and score * margin >= -np.log(MISTAKEN)
        if not (certain and believed(trace, score, len(self.numbers))):
            return None
        return Likely(int(self.numbers[best]), score, margin)

    def _scores(self, soft: NDArray[np.floating]) -> NDArray[np.float32]:
        """Each codeword's correlation with the soft bits, eight bits at a time by table."""
        padded = np.zeros(8 * bch.PACKED)
        padded[: bch.LENGTH] = soft / np.sqrt(bch.LENGTH)
        tables = (padded.reshape(bch.PACKED, 8) @ SIGNS.T).astype(np.float32)
        scores = np.zeros(self._words.shape[1], np.float32)
        for table, column in zip(tables, self._words, strict=True):
            scores += table[column]
        return scores


# Row b holds the eight bits of the byte b as 1 for 0 and -1 for 1.
SIGNS = 1.0 - 2.0 * np.unpackbits(
    np.arange(256, dtype=np.uint8)[:, None], axis=1, bitorder="little"
)
