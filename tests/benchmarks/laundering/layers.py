"""What is measured: each layer is shown the works once, and then asked about one picture at a time.

`connected` is the one place that names the layers of the service.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import pdqhash
from PIL import Image

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
    """Called in every process: what a layer needs to run it sets up itself."""
    return Connected([Exact(), Pdq()], mark=None)


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
    """PDQ of the whole picture, at most `FARTHEST` of 256 bits apart."""

    name = "pdq"
    marked_only = False
    FARTHEST = 31

    def index(self, works: Sequence[Work]) -> None:
        self._keys = [work.key for work in works]
        self._hashes = np.array([self._hash(work.picture()) for work in works])

    def search(self, picture: Image.Image) -> Found:
        apart = (self._hashes != self._hash(picture)).sum(axis=1)
        near = np.flatnonzero(apart <= self.FARTHEST)
        return Found(frozenset(self._keys[each] for each in near), {"nearest": int(apart.min())})

    def _hash(self, picture: Image.Image) -> np.ndarray:
        bits, _quality = pdqhash.compute(np.asarray(picture))
        return bits
