"""A work that was seen before: what that says about it, now and when it changes.

What a copy inherits is an observation about the copy, kept in step with its source: when the
source is ruled, or the ruling is withdrawn, the old observation is withdrawn and made anew.
"""

import logging
from collections.abc import Iterable

from django.db import DatabaseError, transaction
from django.db.models import Q

from provenance import evidence, sightings
from provenance.descent import named_by_author
from provenance.evidence import Observation
from provenance.matching import perceptual_index
from provenance.models import Evidence, PixelHash, Record
from provenance.precedence import INHERITED, Match, is_first_hand, same_owner, weigh
from provenance.sightings import Find
from provenance.vocabulary import AI_ORIGINS, DETECTORS, EvidenceKind, Grade, Integrity, Origin
from users.models import User

logger = logging.getLogger(__name__)
# What is still worth saying of a work that has the very same pixels.
_NOT_IMPLIED = {EvidenceKind.PIXEL_HASH, EvidenceKind.WATERMARK}
MARKS = {EvidenceKind.C2PA, EvidenceKind.XMP_IPTC, EvidenceKind.PLATFORM_GENERATION}


def observe_copies(record: Record) -> bool:
    """Bring what `record` inherits from works seen in it up to date; whether it changed."""
    others = evidence.standing(_fresh(record))
    matches = _matches(record)
    named = named_by_author(record) if matches else set()
    wanted = [
        *(
            (observation_of(match, others, named=match.source in named), match.source)
            for match in matches
        ),
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
    return _others(record, _shares_pixels_with(record))


def seen_in(record: Record) -> list[Record]:
    """All other records in which this one was seen, and those that share pixels with it."""
    return _others(record, _shares_pixels_with(record) | Q(resemblances__source=record))


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
    matches = weigh(sightings.of_file(digest, finds), None)
    return sorted(matches, key=lambda match: match.grade.weight, reverse=True)


def observation_of(
    match: Match, others: Iterable[Evidence | Observation], *, named: bool = False
) -> Observation:
    """A match as evidence about the work that was looked at. `others`: what else is known of it.

    What we made and served had marks in it, and so had what was signed; if it comes back without
    any, they were taken off. Not so where the work is `named` as what this one was made of: who
    draws over a picture makes a new file. Equal pixels were not drawn over.
    """
    kind = match.sighting.kind
    named = named and kind is not EvidenceKind.PIXEL_HASH
    is_ai = match.claims in AI_ORIGINS
    stripped = is_ai and not named and not any(item.kind in MARKS for item in others)
    return Observation(
        kind=kind,
        claims=match.claims,
        grade=match.grade,
        integrity=Integrity.STRIPPED if stripped and _was_marked(match.source) else Integrity.NONE,
        detector=DETECTORS[kind],
        detail={
            **match.sighting.detail,
            "duplicate": match.claims is Origin.UNKNOWN,
            **({"named": True} if named else {}),
        },
    )


def _matches(record: Record) -> list[Match]:
    """The most telling match of each kind. A duplicate of something later is that one's concern,
    and what has the very same pixels need not be said to look the same."""
    weighed = weigh(sightings.of_record(record), record)
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


def _was_marked(source: Record) -> bool:
    """Whether what we gave out of this work was signed, or it came with credentials itself."""
    return source.grade in {Grade.PLATFORM_PROVEN, Grade.SIGNED_TRUSTED} or any(
        row.kind in MARKS for row in evidence.standing(source)
    )


def _inherited_rulings(record: Record) -> list[tuple[Observation, Record]]:
    """A ruling sticks to its author's copies and lookalikes, not to other people's. The last one
    counts."""
    if not _has_been_ruled(record.owner):
        return []
    own = evidence.standing(_fresh(record))
    if any(is_first_hand(row) for row in own):
        return []
    copies = [source for source in copies_of(record) if same_owner(record, source)]
    matched = [observation_of(match, own) for match in _matches(record)]
    seen = _ai_claims(own) | _ai_claims(matched)
    ruled = [
        (row.sequence, source)
        for source in [*copies, *lookalikes_of(record)]
        for row in evidence.standing(source)
        if is_first_hand(row) and _covers(source, seen)
    ]
    if not ruled:
        return []
    _, source = max(ruled, key=lambda pair: pair[0])
    inherited = Observation(
        kind=EvidenceKind.RULING,
        claims=Origin(source.origin),
        grade=Grade.DECLARED,
        detector=INHERITED,
        detail={"inherited": True},
    )
    return [(inherited, source)]


def _has_been_ruled(owner: User | None) -> bool:
    """Whether a moderator ever ruled about a work of theirs; spares most uploads the search."""
    rulings = Evidence.objects.filter(kind=EvidenceKind.RULING, record__owner=owner)
    return owner is not None and rulings.exclude(detector=INHERITED).exists()


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


def _shares_pixels_with(record: Record) -> Q:
    digests = PixelHash.objects.filter(record=record).values("digest")
    return Q(pixel_hashes__digest__in=digests)


def _others(record: Record, condition: Q) -> list[Record]:
    found = Record.objects.filter(condition).exclude(pk=record.pk)
    return list(found.distinct().order_by("pk"))


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
