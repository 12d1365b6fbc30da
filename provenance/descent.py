"""What a person names as what an upload was made of, and what that says about the upload.

To be made of a machine's work is a claim against interest: it is believed from anybody. The
observation is kept in step with the parents, whose labels may change.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q

from provenance import evidence
from provenance.evidence import Observation
from provenance.models import Generation, LineageEdge, PixelHash, Record
from provenance.vocabulary import EvidenceKind, Flag, Grade, Origin

Relation = LineageEdge.Relation
# What a work is made *of*; being inspired by a work does not make the result an edit of it.
PIXEL_RELATIONS = frozenset(Relation.values) - {Relation.INSPIRED_BY}


def observe_parents(record: Record) -> bool:
    """Bring what an upload inherits from its parents up to date; whether it changed.

    What was made here is judged by how it was made, when it is made.
    """
    if Generation.objects.filter(record=record).exists():
        return False
    fresh = Record.objects.get(pk=record.pk)
    present = [row for row in evidence.standing(fresh) if row.kind == EvidenceKind.LINEAGE]
    wanted = _inherited(record)
    if [(row.claims, row.detail) for row in present] == [(w.claims, w.detail) for w in wanted]:
        return False
    for row in present:
        evidence.withdraw(row)
    for observation in wanted:
        evidence.store(record, observation)
    return True


def made_of(parents: Iterable[tuple[Record, str]]) -> list[Record]:
    """The works whose pixels went into a result."""
    return [parent for parent, relation in parents if relation in PIXEL_RELATIONS]


def kin_of(record: Record) -> list[Record]:
    """Older works that a machine's work looks like: what it was made of, what was seen in it and
    what has its pixels, and what was seen in those. Whoever copies one of them must not be taken
    to have copied the machine's."""
    kin: dict[UUID, Record] = {}
    nearest = [record]
    for _ in range(2):
        keys = [each.pk for each in nearest]
        edges = LineageEdge.objects.filter(child__in=keys, relation__in=PIXEL_RELATIONS)
        digests = PixelHash.objects.filter(record__in=keys).values("digest")
        found = Record.objects.filter(
            Q(pk__in=edges.values("parent"))
            | Q(resembled_by__record__in=keys)
            | Q(pixel_hashes__digest__in=digests),
            pk__lt=record.pk,
        )
        nearest = [each for each in found.distinct() if each.pk not in kin]
        kin |= {each.pk: each for each in nearest}
    return list(kin.values())


def named_by_author(record: Record) -> set[Record]:
    """The works of which somebody said that this upload was made."""
    edges = record.parents.filter(relation__in=PIXEL_RELATIONS).select_related("parent")
    return {edge.parent for edge in edges}


def uploads_made_of(record: Record) -> list[Record]:
    """Uploads of which somebody said that this work went into them."""
    edges = LineageEdge.objects.filter(parent=record, relation__in=PIXEL_RELATIONS)
    made = Record.objects.filter(pk__in=edges.values("child"), generation=None)
    return list(made.order_by("pk"))


def _inherited(record: Record) -> list[Observation]:
    """The one observation that the parents make, if any of them is a machine's.

    What is drawn over an algorithm's picture holds no trained model's work, and is not called so.
    """
    edges = record.parents.filter(relation__in=PIXEL_RELATIONS, parent__flag=Flag.AI)
    found = sorted(edges.select_related("parent"), key=_telling)
    if not found:
        return []
    first = found[0]
    algorithmic = first.parent.origin == Origin.ALGORITHMIC
    claims = Origin.ALGORITHMIC if algorithmic else Origin.AI_EDITED
    return [
        Observation(
            kind=EvidenceKind.LINEAGE,
            claims=claims,
            grade=Grade.DECLARED,
            detector="uploader",
            detail={"relation": first.relation},
        )
    ]


def _telling(edge: LineageEdge) -> tuple[bool, bool, int]:
    """Sorts the edges to machines' works: a trained model's first, then what was drawn over."""
    return (edge.parent.origin == Origin.ALGORITHMIC, edge.relation != Relation.DRAWN_OVER, edge.pk)
