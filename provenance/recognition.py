"""A work that was seen before: what that says about it, now and when it changes.

What a copy inherits is an observation about the copy, kept in step with its source: when the
source is ruled, or the ruling is withdrawn, the old observation is withdrawn and made anew.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import DatabaseError, transaction
from django.db.models import Q

from provenance import evidence, sightings
from provenance.evidence import Observation
from provenance.matching import perceptual_index
from provenance.matching.pdq import MIN_QUALITY
from provenance.models import Evidence, LineageEdge, PerceptualHash, PixelHash, Record
from provenance.origin import what_a_match_says
from provenance.sightings import Find, Sighting
from provenance.vocabulary import AI_ORIGINS, EvidenceKind, Flag, Grade, Integrity, Origin
from users.models import User

logger = logging.getLogger(__name__)
DETECTORS = {
    EvidenceKind.PIXEL_HASH: "pixel-hash",
    EvidenceKind.PERCEPTUAL: "pdq",
    EvidenceKind.FEATURES: "orb",
    EvidenceKind.WATERMARK: "watermark",
}
DETECTOR = DETECTORS[EvidenceKind.PIXEL_HASH]
MARKS = {EvidenceKind.C2PA, EvidenceKind.XMP_IPTC, EvidenceKind.PLATFORM_GENERATION}
SECOND_HAND = {f"ai_evidence:{kind}" for kind in DETECTORS}
# By how much one work must be nearer than another to be the one that was copied: a copy of either
# is about as far from both, give or take what encoding does.
CLEARLY_NEARER_BITS = 2
CLEARLY_MORE_FEATURES = 1.1


@dataclass(frozen=True, slots=True)
class Match:
    """A work that was seen, and what that says about the one that was looked at."""

    sighting: Sighting
    claims: Origin
    grade: Grade

    @property
    def source(self) -> Record:
        return self.sighting.source


def observe_copies(record: Record) -> bool:
    """Bring what `record` inherits from works seen in it up to date; whether it changed."""
    others = evidence.standing(_fresh(record))
    wanted = [
        *((observation_of(match, others), match.source) for match in _matches(record)),
        *_inherited_rulings(record),
    ]
    present = {_said(row): row for row in others if row.detector in DETECTORS.values()}
    wishes = {_wished(wish, source): (wish, source) for wish, source in wanted}
    for said in present.keys() - wishes.keys():
        evidence.withdraw(present[said])
    for wished, (observation, source) in wishes.items():
        if wished not in present:
            evidence.store(record, observation, matched=source)
    return present.keys() != wishes.keys()


def copies_of(record: Record) -> list[Record]:
    """All other records that share pixels with this one."""
    digests = PixelHash.objects.filter(record=record).values("digest")
    return list(
        Record.objects.filter(pixel_hashes__digest__in=digests)
        .exclude(pk=record.pk)
        .distinct()
        .order_by("pk")
    )


def seen_in(record: Record) -> list[Record]:
    """All other records in which this one was seen, and those that share pixels with it."""
    digests = PixelHash.objects.filter(record=record).values("digest")
    return list(
        Record.objects.filter(Q(pixel_hashes__digest__in=digests) | Q(resemblances__source=record))
        .exclude(pk=record.pk)
        .distinct()
        .order_by("pk")
    )


def lookalikes_of(record: Record) -> list[Record]:
    """Works of the same author that look the same, exact copies left out; older and younger."""
    if record.owner_id is None:
        return []
    try:
        with transaction.atomic():
            near = {each.record_id for each in perceptual_index.near_hash_of(record)}
    except (DatabaseError, LookupError):
        logger.exception("the index of whole pictures cannot answer")
        return []
    exact = {copy.pk for copy in copies_of(record)}
    own = Record.objects.filter(owner=record.owner_id, pk__in=near - exact)
    return list(own.order_by("pk"))


def look_up(digest: str, finds: Iterable[Find] = ()) -> list[Match]:
    """What the works seen in a file that is nobody's yet say about it, strongest first.

    `digest`: that of its pixels. `finds`: what detectors found in it.
    """
    matches = _weigh(sightings.of_file(digest, finds), None)
    return sorted(matches, key=lambda match: match.grade.weight, reverse=True)


def observation_of(match: Match, others: Iterable[Evidence | Observation]) -> Observation:
    """A match as evidence about the work that was looked at. `others`: what else is known of it.

    What we made and served had marks in it, and so had what was signed; if it comes back without
    any, they were taken off.
    """
    kind = match.sighting.kind
    is_ai = match.claims in AI_ORIGINS
    stripped = is_ai and not any(item.kind in MARKS for item in others)
    return Observation(
        kind=kind,
        claims=match.claims,
        grade=match.grade,
        integrity=Integrity.STRIPPED if stripped and _was_marked(match.source) else Integrity.NONE,
        detector=DETECTORS[kind],
        detail={**match.sighting.detail, "duplicate": match.claims is Origin.UNKNOWN},
    )


def _matches(record: Record) -> list[Match]:
    """The most telling match of each kind. A duplicate of something later is that one's concern,
    and what has the very same pixels need not be said to look the same."""
    weighed = _weigh(sightings.of_record(record), record)
    same = {m.source for m in weighed if m.sighting.kind is EvidenceKind.PIXEL_HASH}
    telling = [
        match
        for match in weighed
        if (match.claims in AI_ORIGINS or match.source.pk < record.pk)
        and (match.source not in same or match.sighting.kind in _NOT_IMPLIED)
    ]
    return [
        max(matches, key=_telling)
        for kind in DETECTORS
        if (matches := [match for match in telling if match.sighting.kind is kind])
    ]


def _telling(match: Match) -> tuple[int, int, int]:
    """Sorts matches of a kind: by what they say, then the nearest, then the earliest."""
    return (match.grade.weight, match.sighting.closeness, -match.source.pk.int)


def _weigh(seen: Sequence[Sighting], record: Record | None) -> list[Match]:
    """What each sighting says about `record`, or about a file that is nobody's."""
    closeness: dict[Record, dict[EvidenceKind, int]] = defaultdict(dict)
    for sighting in seen:
        closeness[sighting.source][sighting.kind] = sighting.closeness
    if record is not None:
        closeness[record] = {EvidenceKind.PIXEL_HASH: sightings.EXACT}
    return [_match(sighting, record, closeness) for sighting in seen]


def _match(sighting: Sighting, record: Record | None, closeness: "Closeness") -> Match:
    source = sighting.source
    same_owner = record is not None and _same_owner(record, source)
    silent = (
        _knows_from_others(source)
        or not _is_the_original(sighting, closeness)
        or (record is not None and record.checking and _may_have_been_missed(sighting))
        or (not same_owner and _is_featureless(sighting))
    )
    if silent:
        return Match(sighting, Origin.UNKNOWN, Grade.NONE)
    claims, grade = what_a_match_says(
        source_origin=Origin(source.origin),
        source_grade=Grade(source.grade),
        source_ruled=source.ruled,
        same_owner=same_owner,
        exact=sighting.kind is EvidenceKind.PIXEL_HASH,
    )
    return Match(sighting, claims, grade)


# What is still worth saying of a work that has the very same pixels.
_NOT_IMPLIED = {EvidenceKind.PIXEL_HASH, EvidenceKind.WATERMARK}
# What shows that a picture is a work, and not only that it carries the work's mark.
_LOOKS = {EvidenceKind.PIXEL_HASH, EvidenceKind.PERCEPTUAL, EvidenceKind.FEATURES}
Closeness = Mapping[Record, Mapping[EvidenceKind, int]]


def _is_the_original(sighting: Sighting, closeness: Closeness) -> bool:
    """Whether nothing older was seen that is as near and is not known to be a machine's.

    What was made here from nothing, or ruled, speaks in any case. Anything else may itself be the
    copy: a generator that reworks pictures, or an editor that signs them, can be made to give out
    a picture that exists already, and a photograph is not what was made from it. Our mark speaks
    where the work is seen as well, or nothing older is: it can be cut out of one picture and put
    onto another.
    """
    source = sighting.source
    if _needs_no_comparison(source):
        return True
    mine = closeness[source]
    older = {
        other: theirs
        for other, theirs in closeness.items()
        if other.pk < source.pk and not _is_known_to_be_ai(other)
    }
    if EvidenceKind.WATERMARK in mine:
        return bool(_LOOKS & mine.keys()) or not any(
            _LOOKS & kinds.keys() for kinds in older.values()
        )
    reworked = _reworked(source)
    return not any(
        _as_near(theirs, mine)
        if reworked or not _same_owner(other, source)
        else not _as_near(mine, theirs)
        for other, theirs in older.items()
    )


def _needs_no_comparison(source: Record) -> bool:
    """Whether nothing older can be what this work is a copy of."""
    if source.ruled:
        return not _label_only_stands(source)
    return source.grade == Grade.PLATFORM_PROVEN and not _reworked(source)


def _label_only_stands(source: Record) -> bool:
    """Whether the ruling only answered a dispute: it says no more than what it was about."""
    rulings = [row for row in evidence.standing(source) if _is_first_hand(row)]
    return bool(rulings) and all(row.detail.get("stands") for row in rulings)


def _is_known_to_be_ai(other: Record) -> bool:
    """Whether a work is a machine's by more than somebody's word: then it is no photograph that
    others were made from. What is merely declared may be anybody's picture."""
    known = other.ruled or other.grade in {Grade.PLATFORM_PROVEN, Grade.SIGNED_TRUSTED}
    return other.flag == Flag.AI and known and not _knows_from_others(other)


def _may_have_been_missed(sighting: Sighting) -> bool:
    """Whether the quick look may have overlooked an older work that is as near: it is complete
    only for the picture as it is. Until the close look is done such a sighting says nothing, or
    the label would become less AI by looking closer."""
    guise = sighting.detail.get("turned") or sighting.detail.get("trimmed")
    return bool(guise) and not _needs_no_comparison(sighting.source)


def _as_near(theirs: Mapping[EvidenceKind, int], mine: Mapping[EvidenceKind, int]) -> bool:
    """Whether the one work is not clearly farther from what was looked at than the other."""
    for kind in (EvidenceKind.PIXEL_HASH, EvidenceKind.PERCEPTUAL):
        if kind in theirs or kind in mine:
            return theirs.get(kind, -1) + _SLACK[kind] >= mine.get(kind, -1)
    found, needed = theirs.get(EvidenceKind.FEATURES, 0), mine.get(EvidenceKind.FEATURES, 0)
    return found * CLEARLY_MORE_FEATURES >= needed


_SLACK = {EvidenceKind.PIXEL_HASH: 0, EvidenceKind.PERCEPTUAL: CLEARLY_NEARER_BITS}


def _is_featureless(sighting: Sighting) -> bool:
    """Whether equal pixels mean nothing, because there is so little in them: white is white."""
    if sighting.kind is not EvidenceKind.PIXEL_HASH:
        return False
    looks = PerceptualHash.objects.filter(record=sighting.source).order_by("version").last()
    return looks is not None and looks.quality < MIN_QUALITY


def _was_marked(source: Record) -> bool:
    """Whether what we gave out of this work was signed, or it came with credentials itself."""
    return source.grade in {Grade.PLATFORM_PROVEN, Grade.SIGNED_TRUSTED} or any(
        row.kind in MARKS for row in evidence.standing(source)
    )


def _reworked(source: Record) -> bool:
    """Whether the pixels of another work went into this one."""
    return source.parents.exclude(relation=LineageEdge.Relation.INSPIRED_BY).exists()


def _knows_from_others(source: Record) -> bool:
    """Whether its verdict is itself inherited: its own source speaks for it, or copies would keep
    each other's labels alive. What was made here is proven through any number of copies."""
    if source.ruled:
        return not any(_is_first_hand(row) for row in evidence.standing(source))
    return is_second_hand(source)


def is_second_hand(record: Record) -> bool:
    """Whether a work is a machine's only because an earlier one was recognised in it."""
    return record.rule in SECOND_HAND and record.grade != Grade.PLATFORM_PROVEN


def _inherited_rulings(record: Record) -> list[tuple[Observation, Record]]:
    """A ruling sticks to its author's copies and lookalikes, not to other people's. The last one
    counts."""
    if not _has_been_ruled(record.owner):
        return []
    own = evidence.standing(_fresh(record))
    if any(_is_first_hand(row) for row in own):
        return []
    copies = [source for source in copies_of(record) if _same_owner(record, source)]
    matched = [observation_of(match, own) for match in _matches(record)]
    seen = _ai_claims(own) | _ai_claims(matched)
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
        and (inherited or isinstance(row, Observation) or row.detector not in DETECTORS.values())
    }


def _is_first_hand(row: Evidence) -> bool:
    return row.kind == EvidenceKind.RULING and row.detector != DETECTOR


def _same_owner(one: Record, other: Record) -> bool:
    return one.owner_id is not None and one.owner_id == other.owner_id


def _fresh(record: Record) -> Record:
    """The record with no prefetched evidence from before the last row was appended."""
    return Record.objects.get(pk=record.pk)


def _said(row: Evidence) -> tuple[object, ...]:
    return (row.kind, row.claims, row.grade, row.integrity, row.matched_id)


def _wished(wish: Observation, source: Record) -> tuple[object, ...]:
    return (
        wish.kind.value,
        wish.claims.value,
        wish.grade.value,
        wish.integrity.value,
        source.pk,
    )
