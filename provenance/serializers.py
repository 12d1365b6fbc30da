"""How provenance looks in the API."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from rest_framework import serializers

from core.serializers import Output
from provenance import vocabulary, wording
from provenance.evidence import Observation, standing
from provenance.models import Evidence, Record
from provenance.origin import Judgement
from provenance.vocabulary import (
    DETECTORS,
    HUMAN_ORIGINS,
    DataMining,
    EvidenceKind,
    Flag,
    Grade,
    Integrity,
    Origin,
)


class Provenance(Output):
    flag = serializers.ChoiceField(vocabulary.FLAG_CHOICES)
    origin = serializers.ChoiceField(vocabulary.ORIGIN_CHOICES)
    grade = serializers.ChoiceField(vocabulary.GRADE_CHOICES)
    integrity = serializers.ChoiceField(vocabulary.INTEGRITY_CHOICES)
    disputed = serializers.BooleanField()
    checking = serializers.BooleanField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field of this name is declared, not overridden
    reasons = serializers.ListField(child=serializers.CharField())
    sheet_url = serializers.CharField(allow_null=True)


class Finding(Output):
    kind = serializers.ChoiceField(vocabulary.KIND_CHOICES)
    claims = serializers.ChoiceField(vocabulary.ORIGIN_CHOICES)
    grade = serializers.ChoiceField(vocabulary.GRADE_CHOICES)
    issuer = serializers.CharField(allow_blank=True)
    generator = serializers.CharField(allow_blank=True)
    detail = serializers.JSONField()


class EvidenceRow(Finding):
    observed_at = serializers.DateTimeField()


class ManifestOut(Output):
    """One signed statement; `depth` 0 is the file's own, others are those of its parts.

    `of` is the index, in the same list, of the manifest whose work it is a part of; evidence from
    before this was noted has none.
    """

    depth = serializers.IntegerField()
    of = serializers.IntegerField(allow_null=True, required=False)
    relationship = serializers.CharField(allow_blank=True)
    issuer = serializers.CharField(allow_blank=True)
    generator = serializers.CharField(allow_blank=True)
    signed_at = serializers.CharField(allow_blank=True)
    source_types = serializers.ListField(child=serializers.CharField())
    actions = serializers.ListField(child=serializers.CharField())
    trusted = serializers.BooleanField()
    intact = serializers.BooleanField()


class Credentials(Output):
    """The content credentials (C2PA) that a file came with."""

    state = serializers.ChoiceField(
        ["absent", "remote", "unreadable", "trusted", "valid", "invalid"]
    )
    trust_tier = serializers.CharField(allow_blank=True)
    data_mining = serializers.ChoiceField(vocabulary.DATA_MINING_CHOICES)
    manifests = ManifestOut(many=True)
    anchors_url = serializers.CharField()


def present_provenance(record: Record, *, sheet_url: str | None) -> dict[str, Any]:
    """The provenance object of an asset; `record.evidence` should be prefetched."""
    told = [item for item in standing(record) if _may_be_told(item)]
    return {
        **_present_verdict(record, told),
        "checking": record.checking,
        "sheet_url": sheet_url,
    }


def present_judgement(judgement: Judgement, evidence: Sequence[Observation]) -> dict[str, Any]:
    """The provenance object of a file that is nobody's work here."""
    return {**_present_verdict(judgement, evidence), "checking": False, "sheet_url": None}


def present_nothing() -> dict[str, Any]:
    """The provenance of a post without images: there is nothing to know."""
    return {
        "flag": Flag.UNKNOWN.value,
        "origin": Origin.UNKNOWN.value,
        "grade": Grade.NONE.value,
        "integrity": Integrity.NONE.value,
        "disputed": False,
        "checking": False,
        "label": "No image",
        "reasons": [],
        "sheet_url": None,
    }


def present_evidence(record: Record) -> list[dict[str, Any]]:
    """Every observation, oldest first. Names no other work: that is for those who may see it."""
    return [
        {**present_observation(item), "observed_at": item.observed_at} for item in told_of(record)
    ]


def told_of(record: Record) -> list[Evidence]:
    """The evidence that the work's viewers are told of, oldest first, withdrawals included."""
    rows = list(_in_order(record))
    untold = {item.sequence for item in rows if not _may_be_told(item)}
    return [r for r in rows if r.sequence not in untold and r.withdraws not in untold]


def present_observation(item: Evidence | Observation) -> dict[str, Any]:
    """What was seen; when it was is known only of evidence that is kept."""
    return {
        "kind": EvidenceKind(item.kind).value,
        "claims": Origin(item.claims).value,
        "grade": Grade(item.grade).value,
        "issuer": item.issuer,
        "generator": item.generator,
        "detail": item.detail,
    }


def present_credentials(record: Record) -> dict[str, Any]:
    """What the file's own manifests say, from the evidence that was kept of them."""
    found = [row for row in standing(record) if row.kind == EvidenceKind.C2PA]
    detail = found[-1].detail if found else {}
    return describe_credentials(detail, DataMining(record.data_mining))


def describe_credentials(detail: dict[str, Any], data_mining: DataMining) -> dict[str, Any]:
    """The API's form of the C2PA reader's detail; an empty one is a file without manifests."""
    return {
        "state": detail.get("state", "absent"),
        "trust_tier": detail.get("trust_tier", ""),
        "data_mining": data_mining.value,
        "manifests": detail.get("manifests", []),
        "anchors_url": f"{settings.PUBLIC_URL}/api/v1/credentials/anchors.pem",
    }


def _present_verdict(
    verdict: Record | Judgement, evidence: Sequence[Evidence | Observation]
) -> dict[str, Any]:
    return {
        "flag": Flag(verdict.flag).value,
        "origin": Origin(verdict.origin).value,
        "grade": Grade(verdict.grade).value,
        "integrity": Integrity(verdict.integrity).value,
        "disputed": verdict.disputed,
        "label": wording.label(
            Origin(verdict.origin),
            Grade(verdict.grade),
            rule=verdict.rule,
            relation=_relation(evidence),
        ),
        "reasons": wording.reasons(
            [_reason(item) for item in evidence],
            disputed=verdict.disputed,
            declared_human=any(map(_is_human_word, evidence)),
            no_evidence=verdict.rule == "no_evidence",
        ),
    }


def _relation(evidence: Sequence[Evidence | Observation]) -> str:
    """To the work that its uploader names, if that is evidence."""
    said = [item.detail["relation"] for item in evidence if item.kind == EvidenceKind.LINEAGE]
    return said[-1] if said else ""


def _is_human_word(item: Evidence | Observation) -> bool:
    return item.kind == EvidenceKind.DECLARATION and item.claims in HUMAN_ORIGINS


def _may_be_told(item: Evidence) -> bool:
    """That a like picture is here already says nothing of how this one was made, and may tell what
    is in private libraries: the sheet's matches tell it to those who may see both."""
    return item.kind not in DETECTORS or item.claims != Origin.UNKNOWN or bool(item.withdraws)


def _in_order(record: Record) -> Iterable[Evidence]:
    return sorted(record.evidence.all(), key=lambda item: item.sequence)


def _reason(item: Evidence | Observation) -> str:
    return wording.reason(
        EvidenceKind(item.kind),
        Origin(item.claims),
        generator=item.generator,
        issuer=item.issuer,
        detail=item.detail,
    )
