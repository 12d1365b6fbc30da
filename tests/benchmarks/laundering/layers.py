"""What is measured: each layer is shown the works once, and then asked about one picture at a time.

`connected` is the one place that names the layers of the service.
"""

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import cv2
import numpy as np
from PIL import Image

from provenance.marks.watermark import reading
from provenance.marks.watermark.codebook import Codebook
from provenance.marks.watermark.detection import Trace, find
from provenance.marks.watermark.embedding import embed
from provenance.marks.watermark.keys import Key
from provenance.matching import appearance, pdq
from provenance.matching.appearance import appearance_of
from provenance.matching.features import Features
from provenance.matching.pdq import Grey
from provenance.matching.registration import Source, source_of
from provenance.matching.sights import Sight, seen_in, shown
from provenance.matching.words import Candidate, Count, postings_of

KEY = Key(1, b"the key of this benchmark and of no service")
SMALL = appearance.SIDE
CLOSE = 2048  # provenance/close_look.py
COMPARED = 10  # provenance/matching/feature_index.py
ISSUED = 100_000
Mark = Callable[[Image.Image, int], Image.Image]


@dataclass(frozen=True)
class Work:
    """An indexed picture. `number` is what its watermark says; None where it has none."""

    key: str
    kind: str
    path: Path
    number: int | None = None

    def picture(self) -> Image.Image:
        with Image.open(self.path) as file:
            return file.convert("RGB")


@dataclass(frozen=True)
class Found:
    """The keys of the works that a picture was taken for, and what may explain it (JSON)."""

    keys: frozenset[str]
    details: dict[str, Any] = field(default_factory=dict)


class Layer(Protocol):
    name: str
    marked_only: bool
    """Whether it knows only works with a watermark: then it is not asked about the others."""

    def index(self, works: Sequence[Work]) -> None: ...

    def search(self, picture: Image.Image) -> Found: ...


class Connected(NamedTuple):
    """The layers, in the order of the table, and how a watermark is put in, if there is one."""

    layers: list[Layer]
    mark: Mark | None


def connected() -> Connected:
    """The layers of the service, in memory instead of in Postgres: what they find is the same, and
    how long it takes there is measured by `./dev bench matching`."""
    cv2.setNumThreads(1)
    return Connected([Exact(), Pdq(), Parts(), Marks()], mark=mark)


def mark(picture: Image.Image, number: int) -> Image.Image:
    return Image.fromarray(embed(np.asarray(picture.convert("RGB")), number, KEY))


class Exact:
    """The floor: the same pixels, by their SHA-256."""

    name = "exact"
    marked_only = False

    def index(self, works: Sequence[Work]) -> None:
        self._keys: dict[bytes, set[str]] = {}
        for work in works:
            self._keys.setdefault(self._hash(work.picture()), set()).add(work.key)

    def search(self, picture: Image.Image) -> Found:
        return Found(frozenset(self._keys.get(self._hash(picture), ())))

    def _hash(self, picture: Image.Image) -> bytes:
        return hashlib.sha256(repr(picture.size).encode() + picture.tobytes()).digest()


class Pdq:
    """PDQ of the whole picture and its seven other guises, with and without an even border."""

    name = "pdq"
    marked_only = False

    def index(self, works: Sequence[Work]) -> None:
        hashes = [(work.key, pdq.hash_of(_luma(work.picture(), SMALL))) for work in works]
        telling = [(key, each.bits) for key, each in hashes if each.telling]
        self._keys = [key for key, _ in telling]
        self._hashes = np.array([list(bits) for _, bits in telling], np.uint8)

    def search(self, picture: Image.Image) -> Found:
        nearest = np.full(len(self._keys), 256)
        for variant in appearance_of(_luma(picture, SMALL)).variants:
            apart = self._hashes ^ np.frombuffer(variant.bits, np.uint8)
            nearest = np.minimum(nearest, np.bitwise_count(apart).sum(axis=1))
        near = np.flatnonzero(nearest <= pdq.SURE_DISTANCE)
        return Found(frozenset(self._keys[each] for each in near), {"nearest": int(nearest.min())})


class Parts:
    """Local features: the best works by votes, laid over the picture."""

    name = "features"
    marked_only = False

    def index(self, works: Sequence[Work]) -> None:
        self._works = []
        self._lists: dict[int, bytes] = {}
        for number, work in enumerate(works):
            source = source_of(_luma(work.picture(), CLOSE))
            self._works.append((work.key, source))
            for word, postings in postings_of(source.features, number).items():
                self._lists[word] = self._lists.get(word, b"") + postings

    def search(self, picture: Image.Image) -> Found:
        sights = self.sights(_luma(picture, CLOSE))
        sure = frozenset(sight.work for sight in shown(sights))
        unsure = {sight.work for sight in sights} - sure
        return Found(sure, {"unsure": sorted(unsure)})

    def sights(self, luma: Grey) -> list[Sight[str]]:
        return seen_in(luma, self._candidates, self._load)

    def _candidates(self, question: Features) -> list[Candidate]:
        count = Count(question)
        words = [word for word in count.words.tolist() if word in self._lists]
        count.see(words, [self._lists[word] for word in words])
        return count.candidates(COMPARED)

    def _load(self, numbers: Collection[int]) -> dict[int, tuple[str, Source]]:
        return {number: self._works[number] for number in numbers}


class Marks:
    """The invisible mark, read with what the features suggest, as the service reads it."""

    name = "watermark"
    marked_only = True

    def index(self, works: Sequence[Work]) -> None:
        self._keys = {work.number: work.key for work in works if work.number is not None}
        numbers = np.array([*self._keys], np.int64)
        # The book of a large service, not of a small benchmark: it must not be the easier one.
        others = np.random.Generator(np.random.PCG64(7)).integers(1 << 20, 1 << 48, ISSUED)
        self._book = Codebook(KEY, np.concatenate([numbers, others]))
        self._numbers = {key: number for number, key in self._keys.items()}
        self._parts = Parts()
        self._parts.index(works)

    def search(self, picture: Image.Image) -> Found:
        luma = _luma(picture, CLOSE)
        sights = self._parts.sights(luma)
        placements = [sight.placement(luma.shape[1]) for sight in sights]
        suspects = [self._numbers[sight.work] for sight in sights]
        told: dict[str, Any] = {}
        found: set[str] = set()
        for trace in find(luma, [KEY], placements=placements):
            number, how = self._number(trace, suspects)
            if number is not None:
                found.add(self._keys.get(number, f"number {number}"))
                told = told or {"read": how, "strength": round(trace.strength, 1)}
        return Found(frozenset(found), told)

    def _number(self, trace: Trace, suspects: Sequence[int]) -> tuple[int | None, str]:
        if (decoded := reading.read(trace, KEY)) is not None:
            return decoded.number, "alone"
        for number in suspects:
            if reading.confirms(trace, number, KEY):
                return number, "suspected"
        likely = self._book.likeliest(trace)
        return (likely.number, "likely") if likely else (None, "")


def _luma(picture: Image.Image, side: int) -> Grey:
    """The brightness as the decoder gives it out: at most `side` pixels long."""
    scale = min(1.0, side / max(picture.size))
    if scale < 1:
        size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
        picture = picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    return np.asarray(picture.convert("L"))
