"""Opening a record, observing, judging. The only code that writes provenance."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import connection, transaction

from core.clock import now
from core.outbox import emit
from provenance.events import VerdictChanged
from provenance.models import Evidence, Generation, LineageEdge, PixelHash, Record, Verdict
from provenance.origin import POLICY_VERSION, Fact, Judgement, judge, what_a_match_says
from provenance.vocabulary import (
    EvidenceKind,
    Flag,
    Grade,
    Integrity,
    Origin,
    SourceType,
)
from users.models import User

PIXEL_HASH_DETECTOR = "pixel-hash"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """Evidence before it is stored. `detail` must be safe to show to the work's viewers."""

    kind: EvidenceKind
    claims: Origin
    grade: Grade
    detector: str
    integrity: Integrity = Integrity.NONE
    issuer: str = ""
    generator: str = ""
    detail: dict[str, Any] = field(default_factory=dict)
    detector_version: str = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationFacts:
    """What is known of a work that was made here."""

    backend: str
    model: str
    source_type: SourceType
    seed: int | None
    prompt: str
    prompt_visibility: str


@transaction.atomic
def open_record(
    *,
    owner: User,
    observations: Iterable[Observation],
    pixel_digest: str,
    generation: GenerationFacts | None = None,
    parents: Iterable[tuple[Record, str]] = (),
) -> Record:
    """Begin the provenance of a new work and reach its first verdict.

    `pixel_digest`: see PixelHash. `parents`: (record, relation) pairs. An exact match with an
    earlier work is looked up before the new one is indexed.
    """
    record = Record.objects.create(owner=owner)
    parents = list(parents)
    LineageEdge.objects.bulk_create(
        LineageEdge(child=record, parent=parent, relation=relation) for parent, relation in parents
    )
    if generation:
        Generation.objects.create(record=record, **asdict(generation))
        _store(record, _generated(generation, [parent for parent, _ in parents]))
    for observation in observations:
        _store(record, observation)
    _observe_exact_match(record, pixel_digest)
    remember_pixels(record=record, digests=[pixel_digest], source=PixelHash.Source.ORIGINAL)
    return reach_verdict(record=record)


@transaction.atomic
def rule(*, record: Record, origin: Origin, statement: str) -> Evidence:
    """A moderator's ruling: evidence with a number, of which the last standing one decides."""
    ruling = _store(
        record,
        Observation(
            kind=EvidenceKind.RULING,
            claims=origin,
            grade=Grade.DECLARED,
            detector="moderator",
            detail={"statement": statement},
        ),
        sequence=_next_ruling(),
    )
    Record.objects.filter(pk=record.pk).update(dispute_open=False)
    reach_verdict(record=record)
    return ruling


@transaction.atomic
def withdraw_ruling(*, ruling: Evidence) -> None:
    """Undo a ruling. Evidence is never deleted: a new row says that the old one does not count."""
    _store(
        ruling.record,
        Observation(
            kind=EvidenceKind.RULING,
            claims=Origin.UNKNOWN,
            grade=Grade.NONE,
            detector="moderator",
            detail={"statement": "An earlier ruling was withdrawn."},
        ),
        sequence=_next_ruling(),
        withdraws=ruling.sequence,
    )
    reach_verdict(record=ruling.record)


@transaction.atomic
def reach_verdict(*, record: Record) -> Record:
    """Judge all evidence about `record`; store and announce the verdict if it changed."""
    record = Record.objects.select_for_update().get(pk=record.pk)
    evidence = list(record.evidence.order_by("id"))
    judgement = judge(map(_fact, evidence), dispute_open=record.dispute_open)
    before = (record.origin, record.grade, record.integrity, record.disputed, record.rule)
    if before == _shown(judgement) and record.policy_version == POLICY_VERSION:
        return record
    Verdict.objects.create(
        record=record,
        **asdict(judgement),
        policy_version=POLICY_VERSION,
        evidence=[str(item.pk) for item in evidence],
    )
    first = record.policy_version == 0
    record.origin, record.grade, record.integrity, record.disputed, record.rule = _shown(judgement)
    record.flag = judgement.flag
    record.policy_version = POLICY_VERSION
    record.save()
    if not first:
        emit(VerdictChanged(record_id=str(record.pk), before=before[0], after=record.origin))
    return record


def remember_pixels(*, record: Record, digests: Iterable[str], source: str) -> None:
    """Index pixels that are `record`'s, so that they are recognised when they come back."""
    PixelHash.objects.bulk_create(
        [PixelHash(record=record, digest=digest, source=source) for digest in digests],
        ignore_conflicts=True,
    )


def bury(*, record: Record) -> None:
    """The work is gone; its record stays as a tombstone in the lineage and in the index."""
    Record.objects.filter(pk=record.pk).update(removed_at=now())


def _generated(facts: GenerationFacts, parents: list[Record]) -> Observation:
    """What the backend declares; a trained model that reworked a non-AI parent edited it."""
    claims = facts.source_type.origin
    if claims is Origin.AI_GENERATED and parents and all(p.flag != Flag.AI for p in parents):
        claims = Origin.AI_EDITED
    return Observation(
        kind=EvidenceKind.PLATFORM_GENERATION,
        claims=claims,
        grade=Grade.PLATFORM_PROVEN,
        generator=f"{facts.backend}/{facts.model}",
        detector="platform",
        integrity=Integrity.INTACT,
        detail={"source_type": facts.source_type.uri},
    )


def _observe_exact_match(record: Record, digest: str) -> None:
    """Compare with the earliest work of the same pixels, if there is one."""
    found = (
        PixelHash.objects.filter(digest=digest)
        .exclude(record=record)
        .select_related("record")
        .order_by("record_id")
        .first()
    )
    if found is None:
        return
    source = found.record
    same_owner = source.owner_id is not None and source.owner_id == record.owner_id
    claims, grade = what_a_match_says(
        source_origin=Origin(source.origin),
        source_grade=Grade(source.grade),
        source_ruled=source.rule == "ruling",
        same_owner=same_owner,
        exact=True,
    )
    _store(
        record,
        Observation(
            kind=EvidenceKind.PIXEL_HASH,
            claims=claims,
            grade=grade,
            detector=PIXEL_HASH_DETECTOR,
            detail={"of": found.source, "duplicate": claims is Origin.UNKNOWN},
        ),
        matched=source,
    )
    if same_owner and source.rule == "ruling":
        _inherit_ruling(record, source)


def _inherit_ruling(record: Record, source: Record) -> None:
    """A ruling sticks to the same author's copies, not to other people's."""
    _store(
        record,
        Observation(
            kind=EvidenceKind.RULING,
            claims=Origin(source.origin),
            grade=Grade.DECLARED,
            detector=PIXEL_HASH_DETECTOR,
            detail={"inherited": True},
        ),
        sequence=_next_ruling(),
        matched=source,
    )


def _store(
    record: Record,
    observation: Observation,
    *,
    sequence: int = 0,
    withdraws: int | None = None,
    matched: Record | None = None,
) -> Evidence:
    return Evidence.objects.create(
        record=record,
        sequence=sequence,
        withdraws=withdraws,
        matched=matched,
        **asdict(observation),
    )


def _next_ruling() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('provenance_ruling_sequence')")
        return int(cursor.fetchone()[0])


def _fact(evidence: Evidence) -> Fact:
    return Fact(
        kind=EvidenceKind(evidence.kind),
        claims=Origin(evidence.claims),
        grade=Grade(evidence.grade),
        integrity=Integrity(evidence.integrity),
        sequence=evidence.sequence,
        withdraws=evidence.withdraws,
    )


def _shown(judgement: Judgement) -> tuple[str, str, str, bool, str]:
    return (
        judgement.origin.value,
        judgement.grade.value,
        judgement.integrity.value,
        judgement.disputed,
        judgement.rule,
    )
