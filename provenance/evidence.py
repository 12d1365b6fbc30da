"""Observations become rows, and rows are never changed: one that no longer holds is withdrawn."""

from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import connection

from provenance.models import Evidence, Record
from provenance.vocabulary import EvidenceKind, Grade, Integrity, Origin


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


def store(record: Record, observation: Observation, *, matched: Record | None = None) -> Evidence:
    """Append an observation. `matched` is the work that a pixel relation points to."""
    return Evidence.objects.create(
        record=record, sequence=_next_number(), matched=matched, **asdict(observation)
    )


def withdraw(evidence: Evidence) -> None:
    """Append a row that says that an earlier one no longer counts."""
    Evidence.objects.create(
        record=evidence.record,
        kind=evidence.kind,
        claims=Origin.UNKNOWN,
        grade=Grade.NONE,
        detector=evidence.detector,
        detail={"withdrawn": True},
        sequence=_next_number(),
        withdraws=evidence.sequence,
    )


def standing(record: Record) -> list[Evidence]:
    """What counts now, in the order of observation; uses prefetched evidence if there is any."""
    rows = sorted(record.evidence.all(), key=lambda row: row.sequence)
    withdrawn = {row.withdraws for row in rows if row.withdraws is not None}
    return [row for row in rows if row.withdraws is None and row.sequence not in withdrawn]


def _next_number() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('provenance_evidence_number')")
        return int(cursor.fetchone()[0])
