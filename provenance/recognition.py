"""A work whose exact pixels are known: what that says about it, now and when it changes.

What a copy inherits is an observation about the copy, kept in step with its source: when the
source is ruled, or the ruling is withdrawn, the old observation is withdrawn and made anew.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from provenance import evidence
from provenance.evidence import Observation
from provenance.likeness import MIN_QUALITY, Likeness, alike
from provenance.models import Evidence, LineageEdge, PerceptualHash, PixelHash, Record
from provenance.origin import what_a_match_says
from provenance.vocabulary import AI_ORIGINS, EvidenceKind, Grade, Integrity, Origin
from users.models import User

DETECTOR = "pixel-hash"
MARKS = {EvidenceKind.C2PA, EvidenceKind.XMP_IPTC, EvidenceKind.PLATFORM_GENERATION}
SECOND_HAND = f"ai_evidence:{EvidenceKind.PIXEL_HASH}"


@dataclass(frozen=True, slots=True)
class Match:
    """An earlier or equal work, and what it says about the one that was looked up."""

    source: Record
    claims: Origin
    grade: Grade
    of: str


def observe_copies(record: Record) -> bool:
    """Bring what `record` inherits from works of the same pixels up to date; whether it changed."""
    wanted = [*_match_observations(record), *_inherited_rulings(record)]
    present = [row for row in evidence.standing(_fresh(record)) if row.detector == DETECTOR]
    if _signatures(present) == {_signature(wish, source) for wish, source in wanted}:
        return False
    for row in present:
        evidence.withdraw(row)
    for observation, source in wanted:
        evidence.store(record, observation, matched=source)
    return True


def copies_of(record: Record) -> list[Record]:
    """All other records that share pixels with this one."""
    digests = PixelHash.objects.filter(record=record).values("digest")
    return list(
        Record.objects.filter(pixel_hashes__digest__in=digests)
        .exclude(pk=record.pk)
        .distinct()
        .order_by("pk")
    )


def lookalikes_of(record: Record) -> list[Record]:
    """Works of the same author that look the same, exact copies left out.

    Only the author's own: looking alike does not say yet what a work of somebody else's is.
    """
    mine = PerceptualHash.objects.filter(record=record).first()
    if mine is None or record.owner_id is None:
        return []
    others = PerceptualHash.objects.filter(record__owner=record.owner_id).exclude(record=record)
    near = [other.pk for other in others.iterator() if alike(_likeness(mine), _likeness(other))]
    exact = {copy.pk for copy in copies_of(record)}
    return list(Record.objects.filter(pk__in=set(near) - exact).order_by("pk"))


def _likeness(row: PerceptualHash) -> Likeness:
    return Likeness(bits=row.bits, quality=row.quality)


def _match_observations(record: Record) -> list[tuple[Observation, Record]]:
    best = _best_match(record)
    if best is None:
        return []
    return [(observation_of(best, evidence.standing(_fresh(record))), best.source)]


def look_up(digest: str) -> list[Match]:
    """What the works of these pixels say about a file that is nobody's yet, strongest first."""
    rows = PixelHash.objects.filter(digest=digest).select_related("record").order_by("record_id")
    matches = [_match(row, same_owner=False) for row in rows]
    return sorted(matches, key=lambda match: match.grade.weight, reverse=True)


def observation_of(match: Match, others: Iterable[Evidence | Observation]) -> Observation:
    """A match as evidence about the work that was looked up. `others`: what else is known of it.

    What was made here left with marks in it; if it comes back without any, they were taken off.
    """
    marked = any(item.kind in MARKS for item in others)
    stripped = match.grade is Grade.PLATFORM_PROVEN and not marked
    return Observation(
        kind=EvidenceKind.PIXEL_HASH,
        claims=match.claims,
        grade=match.grade,
        integrity=Integrity.STRIPPED if stripped else Integrity.NONE,
        detector=DETECTOR,
        detail={"of": match.of, "duplicate": match.claims is Origin.UNKNOWN},
    )


def _best_match(record: Record) -> Match | None:
    """The strongest thing that any work of these pixels says; among equals the earliest."""
    own = PixelHash.objects.filter(record=record, source=PixelHash.Source.ORIGINAL)
    rows = (
        PixelHash.objects.filter(digest__in=own.values("digest"))
        .exclude(record=record)
        .select_related("record")
        .order_by("record_id")
    )
    matches = [_match(row, same_owner=_same_owner(record, row.record)) for row in rows]
    # A duplicate of something later is that one's concern.
    telling = [m for m in matches if m.claims in AI_ORIGINS or m.source.pk < record.pk]
    return max(telling, key=lambda match: match.grade.weight, default=None)


def _match(row: PixelHash, *, same_owner: bool) -> Match:
    source = row.record
    speaks = not _knows_from_others(source) and (same_owner or _speaks_to_others(row))
    if not speaks:
        return Match(source, Origin.UNKNOWN, Grade.NONE, row.source)
    claims, grade = what_a_match_says(
        source_origin=Origin(source.origin),
        source_grade=Grade(source.grade),
        source_ruled=source.ruled,
        same_owner=same_owner,
        exact=True,
    )
    return Match(source, claims, grade, row.source)


def _speaks_to_others(row: PixelHash) -> bool:
    """Whether a work may say something about other people's works of the same pixels.

    Not if there is little in it: white is white. And not if somebody else's work of these pixels is
    older, unless it was made from nothing here or ruled: a generator that reworks pictures, or an
    editor that signs them, can be made to give out a picture that exists already.
    """
    source = row.record
    look = PerceptualHash.objects.filter(record=source).first()
    if look is not None and look.quality < MIN_QUALITY:
        return False
    if source.ruled or (source.grade == Grade.PLATFORM_PROVEN and not _reworked(source)):
        return True
    same = PixelHash.objects.filter(digest=row.digest, record__lt=source.pk)
    return not same.exclude(record__owner=source.owner_id).exists()


def _reworked(source: Record) -> bool:
    """Whether the pixels of another work went into this one."""
    return source.parents.exclude(relation=LineageEdge.Relation.INSPIRED_BY).exists()


def _knows_from_others(source: Record) -> bool:
    """Whether its verdict is itself inherited: its own source speaks for it, or copies would keep
    each other's labels alive. What was made here is proven through any number of copies."""
    if source.ruled:
        return not any(_is_first_hand(row) for row in evidence.standing(source))
    return source.rule == SECOND_HAND and source.grade != Grade.PLATFORM_PROVEN


def _inherited_rulings(record: Record) -> list[tuple[Observation, Record]]:
    """A ruling sticks to its author's copies and lookalikes, not to other people's. The last one
    counts."""
    if not _has_been_ruled(record.owner):
        return []
    own = evidence.standing(_fresh(record))
    if any(_is_first_hand(row) for row in own):
        return []
    copies = [source for source in copies_of(record) if _same_owner(record, source)]
    seen = _ai_claims(own) | _ai_claims(match for match, _ in _match_observations(record))
    ruled = [
        (row.sequence, source)
        for source in [*copies, *lookalikes_of(record)]
        for row in evidence.standing(source)
        if _is_first_hand(row) and _covers(source, seen)
    ]
    if not ruled:
        return []
    _, source = max(ruled, key=lambda pair: pair[0])
    inherited = Observation(
        kind=EvidenceKind.RULING,
        claims=Origin(source.origin),
        grade=Grade.DECLARED,
        detector=DETECTOR,
        detail={"inherited": True},
    )
    return [(inherited, source)]


def _has_been_ruled(owner: User | None) -> bool:
    """Whether a moderator ever ruled about a work of theirs; spares most uploads the search."""
    rulings = Evidence.objects.filter(kind=EvidenceKind.RULING, record__owner=owner)
    return owner is not None and rulings.exclude(detector=DETECTOR).exists()


def _covers(source: Record, seen: set[tuple[str, ...]]) -> bool:
    """Whether what was ruled about one work can hold for another with these AI claims.

    A picture that a generator touched up looks like the photograph that was ruled human. What the
    moderator did not see is a new question; that a work is AI needs no second look.
    """
    if Origin(source.origin) in AI_ORIGINS:
        return True
    return seen <= _ai_claims(evidence.standing(source), inherited=True)


def _ai_claims(
    rows: Iterable[Evidence | Observation], *, inherited: bool = False
) -> set[tuple[str, ...]]:
    """What is claimed to be AI, by what; rulings claim nothing. `inherited`: from copies, too."""
    return {
        (str(row.kind), str(row.claims), str(row.grade), row.generator)
        for row in rows
        if row.claims in AI_ORIGINS
        and row.kind != EvidenceKind.RULING
        and (inherited or isinstance(row, Observation) or row.detector != DETECTOR)
    }


def _is_first_hand(row: Evidence) -> bool:
    return row.kind == EvidenceKind.RULING and row.detector != DETECTOR


def _same_owner(one: Record, other: Record) -> bool:
    return one.owner_id is not None and one.owner_id == other.owner_id


def _fresh(record: Record) -> Record:
    """The record with no prefetched evidence from before the last row was appended."""
    return Record.objects.get(pk=record.pk)


def _signatures(rows: list[Evidence]) -> set[tuple[object, ...]]:
    return {(row.kind, row.claims, row.grade, row.integrity, row.matched_id) for row in rows}


def _signature(wish: Observation, source: Record) -> tuple[object, ...]:
    return (
        wish.kind.value,
        wish.claims.value,
        wish.grade.value,
        wish.integrity.value,
        source.pk,
    )
