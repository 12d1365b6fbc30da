"""What detectors saw of a work: other works that it is, looks like, shows parts of or carries the
mark of. What follows from it is for `provenance.precedence` to say."""

from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Case, QuerySet, When

from provenance.models import PixelHash, Record, Resemblance
from provenance.vocabulary import EvidenceKind, Flag

# Of each kind; nobody looks at more, and the nearest are the telling ones.
KEPT = 20


@dataclass(frozen=True, slots=True)
class Sighting:
    """`source` was seen in a picture. `closeness`: greater is nearer, comparable within a kind.

    `detail` says how, and is fit for the viewers of the picture.
    """

    source: Record
    kind: EvidenceKind
    closeness: int
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Find:
    """A sighting as a detector reports it, by the source's key."""

    record_id: UUID
    kind: EvidenceKind
    closeness: int
    detail: dict[str, Any] = field(default_factory=dict)


def of_record(record: Record) -> list[Sighting]:
    """Everything that was seen of `record`."""
    own = PixelHash.objects.filter(record=record, source=PixelHash.Source.ORIGINAL)
    same = PixelHash.objects.filter(digest__in=own.values("digest")).exclude(record=record)
    seen = record.resemblances.select_related("source").order_by("source_id")
    return [
        *_exact(same),
        *(Sighting(row.source, EvidenceKind(row.kind), row.closeness, row.detail) for row in seen),
    ]


def of_file(digest: str, finds: Iterable[Find]) -> list[Sighting]:
    """The same for a file that is nobody's yet: works of its pixels, and what detectors found."""
    rows = PixelHash.objects.filter(digest=digest)
    finds = list(finds)
    sources = Record.objects.in_bulk({find.record_id for find in finds})
    return [
        *_exact(rows),
        *(
            Sighting(sources[find.record_id], find.kind, find.closeness, find.detail)
            for find in finds
        ),
    ]


def note(record: Record, finds: Iterable[Find], *, copies: Container[UUID] = ()) -> None:
    """Store what was found of `record`. Only earlier works count: a later one is the copy.

    `copies` are kept only as far as there is room: or many copies of a work would hide the work.
    """
    earlier = [find for find in finds if find.record_id < record.pk]
    ranked = sorted(
        earlier,
        key=lambda find: (find.record_id in copies, -find.closeness, find.record_id),
    )
    nearest = [
        find
        for kind in {find.kind for find in earlier}
        for find in [each for each in ranked if each.kind is kind][:KEPT]
    ]
    Resemblance.objects.bulk_create(
        [
            Resemblance(
                record=record,
                source_id=find.record_id,
                kind=find.kind.value,
                closeness=find.closeness,
                detail=find.detail,
            )
            for find in nearest
        ],
        ignore_conflicts=True,
    )


def _exact(rows: QuerySet[PixelHash]) -> list[Sighting]:
    """Works of the very same pixels: a machine's first, then the earliest, and not all of them,
    where a picture is everywhere."""
    machines_first = Case(When(record__flag=Flag.AI, then=0), default=1)
    nearest = rows.select_related("record").order_by(machines_first, "record_id")[: 2 * KEPT]
    return [
        Sighting(row.record, EvidenceKind.PIXEL_HASH, EXACT, {"of": row.source}) for row in nearest
    ]


EXACT = 256
