"""The invisible marks of what is made here: writing them, and knowing whose they are.

Every work has a number of its own, drawn by chance and kept with its record; a mark that is read
counts only if its number was issued. How it is written and read: `provenance.marks.watermark`.
"""

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from uuid import UUID

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from core.errors import DomainError
from provenance.marks.watermark import reading
from provenance.marks.watermark.codebook import Codebook
from provenance.marks.watermark.detection import Trace, find
from provenance.marks.watermark.embedding import embed
from provenance.marks.watermark.keys import Key
from provenance.matching.pdq import Grey
from provenance.models import WatermarkIssue
from provenance.sightings import Find
from provenance.vocabulary import EvidenceKind

logger = logging.getLogger(__name__)
Picture = NDArray[np.uint8]
Placement = NDArray[np.float64]
NUMBER_BITS = 48
# A transaction that began earlier may commit later, by no more than this.
LATE = timedelta(hours=1)


class CannotMark(DomainError):
    """Images cannot be marked just now, and unmarked ones are not given out. Try again later."""

    status = 503
    code = "marking_unavailable"


@dataclass(frozen=True, slots=True)
class Issue:
    """The number in a work's pixels, and the key under which it was written."""

    number: int
    key_id: int

    @property
    def written(self) -> str:
        """As manifests name it: the key, and the number in hexadecimal."""
        return f"{self.key_id}:{self.number:012x}"


def keys() -> tuple[Key, ...]:
    """The keys of this deployment; the first one writes. Raises CannotMark if they are broken."""
    parts = [key.partition(":") for key in settings.WATERMARK_KEYS]
    if not parts or not all(number.isdecimal() and secret for number, _, secret in parts):
        logger.error("WATERMARK_KEYS must be id:secret, separated by commas")
        raise CannotMark(retry_after=30)
    return tuple(Key(int(number), secret.encode()) for number, _, secret in parts)


def write(picture: Picture) -> tuple[Picture, Issue]:
    """A picture (height by width by RGB) with a new number in it. Raises CannotMark."""
    key = keys()[0]
    issue = Issue(secrets.randbits(NUMBER_BITS), key.id)
    return embed(picture, issue.number, key), issue


def recognise(
    luma: Grey, *, placements: Sequence[Placement] = (), suspects: Sequence[UUID] = ()
) -> list[Find]:
    """The works whose mark a picture carries, given its brightness, height by width.

    What other detectors saw makes it easier: `placements` are maps from its pixels to those of a
    work, `suspects` are the works that it may show. Raises CannotMark.
    """
    known = {key.id: key for key in keys()}
    wanted = WatermarkIssue.objects.filter(record__in=suspects).order_by("record_id")
    finds: dict[UUID, Find] = {}
    for trace in find(luma, list(known.values()), placements=placements):
        key = known[trace.key]
        likely = [each for each in wanted if each.key_id == key.id]
        issue = _read(trace, key) or _confirmed(trace, key, likely) or _likeliest(trace, key)
        if issue is not None and issue.record_id not in finds:
            seen = {"strength": round(trace.strength, 1)}
            finds[issue.record_id] = Find(
                issue.record_id, EvidenceKind.WATERMARK, round(10 * trace.strength), seen
            )
    return list(finds.values())


def _read(trace: Trace, key: Key) -> WatermarkIssue | None:
    """The issue of the number that a trace says by itself."""
    decoded = reading.read(trace, key)
    return _issued(decoded.number, key) if decoded else None


def _confirmed(trace: Trace, key: Key, likely: list[WatermarkIssue]) -> WatermarkIssue | None:
    """The first of a few issues whose number the trace bears."""
    return next((each for each in likely if reading.confirms(trace, each.number, key)), None)


def _likeliest(trace: Trace, key: Key) -> WatermarkIssue | None:
    """The issue whose number the trace bears beyond doubt, of all that there are."""
    with _reading:
        likely = _book_of(key).likeliest(trace)
    return _issued(likely.number, key) if likely else None


def _issued(number: int, key: Key) -> WatermarkIssue | None:
    return WatermarkIssue.objects.filter(number=number, key_id=key.id).first()


@dataclass(slots=True)
class _Book:
    """All numbers of a key, as far as this process has read them."""

    codebook: Codebook
    until: datetime | None = None
    lately: frozenset[int] = frozenset()


_books: dict[Key, _Book] = {}
_reading = Lock()  # a book grows while it is read


def _book_of(key: Key) -> Codebook:
    """The book of a key, with the numbers that were issued since it was last asked for."""
    book = _books.setdefault(key, _Book(Codebook(key)))
    rows = WatermarkIssue.objects.filter(key_id=key.id)
    if book.until is not None:
        rows = rows.filter(issued_at__gt=book.until - LATE)
    issued = list(rows.order_by("issued_at").values_list("number", "issued_at"))
    fresh = [number for number, _ in issued if number not in book.lately]
    if fresh:
        book.codebook.add(np.array(fresh, np.int64))
    if issued:
        book.until = issued[-1][1]
    book.lately = frozenset(
        number for number, moment in issued if book.until and moment > book.until - LATE
    )
    return book.codebook
