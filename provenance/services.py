"""Opening a record, ruling, judging. The doors by which provenance is written."""

import json
import logging
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from uuid import UUID

from django.db import DatabaseError, transaction
from django.db.models import F

from core.clock import now
from core.outbox import emit
from provenance import evidence, recognition, sightings
from provenance.descent import made_of, observe_parents, uploads_made_of
from provenance.events import VerdictChanged
from provenance.evidence import Observation
from provenance.generated import GenerationFacts, observation_of
from provenance.marks.watermarks import Issue
from provenance.matching import perceptual_index
from provenance.matching.pdq import Grey
from provenance.models import (
    Evidence,
    Generation,
    LineageEdge,
    PixelHash,
    Record,
    Verdict,
    WatermarkIssue,
)
from provenance.origin import POLICY_VERSION, Fact, Judgement, judge
from provenance.precedence import is_second_hand
from provenance.sightings import Find
from provenance.vocabulary import (
    DataMining,
    EvidenceKind,
    Grade,
    Integrity,
    Origin,
)
from users.models import User

logger = logging.getLogger(__name__)
# What was read in the file itself, and may be read anew.
FILE_KINDS = {EvidenceKind.C2PA, EvidenceKind.XMP_IPTC, EvidenceKind.GENERATOR_METADATA}


@dataclass(frozen=True, slots=True)
class Opened:
    """A new record, and the works that share its pixels or look like it; None if the index could
    not say."""

    record: Record
    alike: frozenset[UUID] | None


@transaction.atomic
def open_record(
    *,
    owner: User,
    observations: Iterable[Observation],
    pixel_digest: str,
    luma: Grey,
    data_mining: DataMining = DataMining.UNSET,
    generation: GenerationFacts | None = None,
    watermark: Issue | None = None,
    parents: Iterable[tuple[Record, str]] = (),
) -> Opened:
    """Begin the provenance of a new work and reach its first verdict.

    `pixel_digest`: see PixelHash. `luma`: its brightness. `data_mining`: what the file declares.
    `parents`: (record, relation) pairs. `watermark`: the number written into its pixels.

    Works of the same pixels and those that look the same are looked up, and the former learn of
    this one if it was made here. What somebody brought, or what was made of such, is `checking`
    until it was looked at closely, too (`note_finds`).
    """
    parents = list(parents)
    # What was made here from nothing shows nobody's work; what was made of something may.
    record = Record.objects.create(
        owner=owner,
        data_mining=data_mining,
        checking=generation is None or bool(made_of(parents)),
    )
    LineageEdge.objects.bulk_create(
        LineageEdge(child=record, parent=parent, relation=relation) for parent, relation in parents
    )
    if generation:
        Generation.objects.create(record=record, **asdict(generation))
        evidence.store(record, observation_of(generation, made_of(parents)))
    if watermark:
        WatermarkIssue.objects.create(record=record, **asdict(watermark))
    for observation in observations:
        evidence.store(record, observation)
    remember_pixels(record=record, digests=[pixel_digest], source=PixelHash.Source.ORIGINAL)
    found = _look_quickly(record, luma)
    if found is None:  # then what was made here is looked at closely, too
        Record.objects.filter(pk=record.pk).update(checking=True)
    elif not generation:
        _note(record, found)
    observe_parents(record)
    recognition.observe_copies(record)
    record = reach_verdict(record=record)
    # Any other new work is the youngest of its kind, and speaks to no older one.
    if generation and found is not None:
        _tell_copies(record)
    return Opened(record, None if found is None else alike(record, found))


@transaction.atomic
def note_finds(*, record: Record, finds: Iterable[Find]) -> Record:
    """Store what a close look found of `record`, which is checked now, and judge it anew.

    Whatever they find, the label can only become more AI by it. What was made here is no copy.
    """
    made_here = Generation.objects.filter(record=record).exists()
    if not made_here:
        _note(record, finds)
    Record.objects.filter(pk=record.pk).update(checking=False)
    observe_parents(record)  # again: a parent may have changed while this one was stored
    recognition.observe_copies(record)
    record = reach_verdict(record=record)
    if made_here:  # it may have had no index to tell it when it was opened
        _tell_copies(record)
    return record


def alike(record: Record, finds: Iterable[Find]) -> frozenset[UUID]:
    """Keys of the other works that share pixels with `record`, or that were found in it."""
    same = {copy.pk for copy in recognition.copies_of(record)}
    return frozenset(same | {find.record_id for find in finds}) - {record.pk}


def hold(*, records: Iterable[Record]) -> list[Record]:
    """The records as they are now; until the transaction ends, nobody else rules or disputes.

    Whoever also locks a case holds the records first.
    """
    keys = [record.pk for record in records]
    return list(Record.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk"))


@transaction.atomic
def open_dispute(*, record: Record) -> Record:
    """Its author asks for a ruling: the verdict is disputed until there is one."""
    Record.objects.filter(pk=record.pk).update(dispute_open=True)
    return reach_verdict(record=record)


@transaction.atomic
def rule(*, record: Record, origin: Origin, stands: bool = False) -> Evidence:
    """A moderator's ruling: evidence with a number, of which the last standing one decides.

    `stands`: it only answers a dispute, whose label it leaves as it is. The moderator's words are
    the Decision's; a sheet that anybody reads does not repeat them.
    """
    ruling = evidence.store(
        record,
        Observation(
            kind=EvidenceKind.RULING,
            claims=origin,
            grade=Grade.DECLARED,
            detector="moderator",
            detail={"stands": True} if stands else {},
        ),
    )
    Record.objects.filter(pk=record.pk).update(dispute_open=False)
    _tell_copies(reach_verdict(record=record))
    return ruling


@transaction.atomic
def withdraw_ruling(*, ruling: Evidence) -> None:
    """Undo a ruling, and what copies inherited from it."""
    evidence.withdraw(ruling)
    _tell_copies(reach_verdict(record=ruling.record))


@transaction.atomic
def renew_findings(
    *, record: Record, observations: Iterable[Observation], data_mining: DataMining
) -> bool:
    """Let what a file says now replace what was read in it before; whether that differs."""
    wanted = list(observations)
    present = [row for row in evidence.standing(record) if row.kind in FILE_KINDS]
    Record.objects.filter(pk=record.pk).update(data_mining=data_mining)
    if sorted(map(_content, wanted)) == sorted(map(_content, present)):
        return False
    for row in present:
        evidence.withdraw(row)
    for observation in wanted:
        evidence.store(record, observation)
    recognition.observe_copies(record)
    _tell_copies(reach_verdict(record=record))
    return True


@transaction.atomic
def reach_verdict(*, record: Record, keep: bool = True) -> Record:
    """Judge all evidence about `record`; store and announce the verdict if it changed.

    Without `keep` the record is returned as it would be, and nothing is stored.
    """
    record = Record.objects.select_for_update().get(pk=record.pk)
    rows = list(record.evidence.order_by("sequence"))
    judgement = judge(map(_fact, rows), dispute_open=record.dispute_open)
    before = (record.origin, record.grade, record.integrity, record.disputed, record.rule)
    if before == _shown(judgement) and record.policy_version == POLICY_VERSION:
        return record
    first = record.policy_version == 0
    if first and judgement.disputed:
        before = (_declared(rows), *before[1:])
    record.origin, record.grade, record.integrity, record.disputed, record.rule = _shown(judgement)
    record.flag = judgement.flag
    record.policy_version = POLICY_VERSION
    if not keep:
        return record
    Verdict.objects.create(
        record=record,
        **asdict(judgement),
        policy_version=POLICY_VERSION,
        evidence=[str(row.pk) for row in rows],
    )
    record.save()
    if not first or record.disputed:  # whose word is not believed at once is told so
        emit(VerdictChanged(record_id=str(record.pk), before=before[0], after=record.origin))
    return record


def judge_uploads_made_of(*, record: Record) -> None:
    """The label of `record` changed: let it hold for uploads that were made of it, too."""
    for child in uploads_made_of(record):
        with transaction.atomic():
            if observe_parents(hold(records=[child])[0]):
                reach_verdict(record=child)


def _note(record: Record, finds: Iterable[Find]) -> None:
    """Store what was seen in `record`, works before mere copies of them."""
    finds = list(finds)
    found = Record.objects.filter(pk__in={find.record_id for find in finds})
    copies = {each.pk for each in found if is_second_hand(each)}
    sightings.note(record, finds, copies=copies)


def _look_quickly(record: Record, luma: Grey) -> list[Find] | None:
    """Enter a work into the index of whole pictures, and find what looks like it; None if the
    index cannot say. An index that fails must not keep anybody from uploading."""
    try:
        with transaction.atomic():
            described = perceptual_index.describe(luma)
            near = perceptual_index.neighbours(described, thorough=False)
            perceptual_index.enter(record, described)
    except (DatabaseError, LookupError):  # another process may use a version unknown to this one
        logger.exception("the index of whole pictures cannot answer")
        return None
    return [neighbour.as_find() for neighbour in near]


def _tell_copies(record: Record) -> None:
    """What is proven or ruled about a work holds for works in which it is seen, older ones too."""
    for copy in [*recognition.seen_in(record), *recognition.lookalikes_of(record)]:
        if recognition.observe_copies(copy):
            reach_verdict(record=copy)


def remember_pixels(*, record: Record, digests: Iterable[str], source: str) -> None:
    """Index pixels that are `record`'s, so that they are recognised when they come back."""
    PixelHash.objects.bulk_create(
        [PixelHash(record=record, digest=digest, source=source) for digest in digests],
        ignore_conflicts=True,
    )


def count_looks(*, records: Iterable[UUID]) -> None:
    """Note that somebody was asked, again, to look closely at these."""
    Record.objects.filter(pk__in=list(records)).update(looked_at=now(), looks=F("looks") + 1)


def bury(*, record: Record) -> None:
    """The work is gone; its record stays as a tombstone in the lineage and in the index."""
    Record.objects.filter(pk=record.pk).update(removed_at=now(), checking=False)


def judge_file(observations: Iterable[Observation]) -> Judgement:
    """The verdict about a file of which nothing is kept."""
    return judge(
        Fact(kind=seen.kind, claims=seen.claims, grade=seen.grade, integrity=seen.integrity)
        for seen in observations
    )


def _declared(rows: Iterable[Evidence]) -> str:
    """What its uploader said that it is."""
    said = [row.claims for row in rows if row.kind == EvidenceKind.DECLARATION]
    return said[-1] if said else Origin.UNKNOWN.value


def _content(seen: Evidence | Observation) -> str:
    """What an observation says, in a form that can be compared and sorted."""
    fields = ("kind", "claims", "grade", "integrity", "issuer", "generator", "detector")
    plain = {name: str(getattr(seen, name)) for name in fields}
    return json.dumps([plain, seen.detail], sort_keys=True)


def _fact(row: Evidence) -> Fact:
    return Fact(
        kind=EvidenceKind(row.kind),
        claims=Origin(row.claims),
        grade=Grade(row.grade),
        integrity=Integrity(row.integrity),
        sequence=row.sequence,
        withdraws=row.withdraws,
        named=row.kind == EvidenceKind.LINEAGE or bool(row.detail.get("named")),
    )


def _shown(judgement: Judgement) -> tuple[str, str, str, bool, str]:
    return (
        judgement.origin.value,
        judgement.grade.value,
        judgement.integrity.value,
        judgement.disputed,
        judgement.rule,
    )
