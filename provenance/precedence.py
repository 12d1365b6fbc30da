"""Which of the works that were seen in a picture says what the picture is, and which says nothing.

A work that is itself a copy does not, nor does one that an older work looks as much like.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q

from provenance import evidence, sightings
from provenance.descent import PIXEL_RELATIONS
from provenance.matching.pdq import HASH_BITS, MIN_QUALITY, SURE_DISTANCE
from provenance.models import Evidence, PerceptualHash, Record
from provenance.origin import what_a_match_says
from provenance.sightings import Sighting
from provenance.vocabulary import DETECTORS, EvidenceKind, Flag, Grade, Origin

# What an inherited ruling says that it is by; that of a moderator is by "moderator".
INHERITED = DETECTORS[EvidenceKind.PIXEL_HASH]
_SECOND_HAND = {f"ai_evidence:{kind}" for kind in DETECTORS}
# By how much one work must be nearer than another to be the one that was copied: a copy of either
# is about as far from both, give or take what encoding does.
CLEARLY_NEARER_BITS = 2
CLEARLY_MORE_FEATURES = 1.1
# What shows that a picture is a work, and not only that it carries the work's mark.
_LOOKS = {EvidenceKind.PIXEL_HASH, EvidenceKind.PERCEPTUAL, EvidenceKind.FEATURES}
_SLACK = {EvidenceKind.PIXEL_HASH: 0, EvidenceKind.PERCEPTUAL: CLEARLY_NEARER_BITS}

Closeness = Mapping[Record, Mapping[EvidenceKind, int]]


@dataclass(frozen=True, slots=True)
class Match:
    """A work that was seen, and what that says about the one that was looked at."""

    sighting: Sighting
    claims: Origin
    grade: Grade

    @property
    def source(self) -> Record:
        return self.sighting.source


def weigh(seen: Sequence[Sighting], record: Record | None) -> list[Match]:
    """What each sighting says about `record`, or about a file that is nobody's."""
    closeness: dict[Record, dict[EvidenceKind, int]] = defaultdict(dict)
    for sighting in seen:
        closeness[sighting.source][sighting.kind] = sighting.closeness
    if record is not None:
        closeness[record] = {EvidenceKind.PIXEL_HASH: sightings.EXACT}
    return [_match(sighting, record, closeness) for sighting in seen]


def _match(sighting: Sighting, record: Record | None, closeness: Closeness) -> Match:
    source = sighting.source
    ours = record is not None and same_owner(record, source)
    silent = (
        _knows_from_others(source)
        or not _is_the_original(sighting, closeness)
        or (record is not None and record.checking and _may_have_been_missed(sighting))
        or (not ours and _is_featureless(sighting))
        or _is_only_roughly_alike(sighting, closeness)
    )
    if silent:
        return Match(sighting, Origin.UNKNOWN, Grade.NONE)
    claims, grade = what_a_match_says(
        source_origin=Origin(source.origin),
        source_grade=Grade(source.grade),
        source_ruled=source.ruled,
        same_owner=ours,
        exact=sighting.kind is EvidenceKind.PIXEL_HASH,
    )
    return Match(sighting, claims, grade)


def is_second_hand(record: Record) -> bool:
    """Whether a work is a machine's only because an earlier one was recognised in it."""
    return record.rule in _SECOND_HAND and record.grade != Grade.PLATFORM_PROVEN


def second_hand(record: str = "") -> Q:
    """The same as a condition; `record` is the path from the rows to the record, as "record__"."""
    proven = Q(**{f"{record}grade": Grade.PLATFORM_PROVEN})
    return Q(**{f"{record}rule__in": _SECOND_HAND}) & ~proven


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
        if reworked or not same_owner(other, source)
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
    rulings = [row for row in evidence.standing(source) if is_first_hand(row)]
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


def _is_featureless(sighting: Sighting) -> bool:
    """Whether equal pixels mean nothing, because there is so little in them: white is white."""
    if sighting.kind is not EvidenceKind.PIXEL_HASH:
        return False
    looks = PerceptualHash.objects.filter(record=sighting.source).order_by("version").last()
    return looks is not None and looks.quality < MIN_QUALITY


def _is_only_roughly_alike(sighting: Sighting, closeness: Closeness) -> bool:
    """Whether the hashes are near as those of other pictures can be, and no part was seen."""
    if sighting.kind is not EvidenceKind.PERCEPTUAL:
        return False
    far = sighting.closeness < HASH_BITS - SURE_DISTANCE
    return far and EvidenceKind.FEATURES not in closeness[sighting.source]


def _reworked(source: Record) -> bool:
    """Whether the pixels of another work went into this one."""
    return source.parents.filter(relation__in=PIXEL_RELATIONS).exists()


def _knows_from_others(source: Record) -> bool:
    """Whether its verdict is itself inherited: its own source speaks for it, or copies would keep
    each other's labels alive. What was made here is proven through any number of copies."""
    if source.ruled:
        return not any(is_first_hand(row) for row in evidence.standing(source))
    return is_second_hand(source)


def is_first_hand(row: Evidence) -> bool:
    return row.kind == EvidenceKind.RULING and row.detector != INHERITED


def same_owner(one: Record, other: Record) -> bool:
    return one.owner_id is not None and one.owner_id == other.owner_id
