"""How reports, cases and decisions look in the API."""

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers

from core.serializers import Input, Key, List, Output, Text
from media.serializers import AssetOut, present_asset
from moderation import targets
from moderation.disputes import MAX_PROOFS
from moderation.models import Case, Decision, Dispute, Report, TargetKind
from moderation.queries import disputes_about, history_of
from provenance import vocabulary
from provenance.serializers import EvidenceRow, present_evidence
from safety.images import HoldReason
from users.models import User
from users.serializers import PersonRef, present_person


class ReportIn(Input):
    target = Text(
        max_length=80,
        help_text="What is reported: post:<id>, asset:<id>, comment:<id> or user:<username>.",
    )
    reason = serializers.ChoiceField(Report.Reason.choices)
    detail = Text(max_length=2000, required=False, allow_blank=True, default="")


class ReportOut(Output):
    id = serializers.UUIDField()
    state = serializers.ChoiceField(Case.State.choices)
    target = serializers.CharField()
    reason = serializers.ChoiceField(Report.Reason.choices)
    detail = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()


class DecisionIn(Input):
    action = serializers.ChoiceField(
        [choice for choice in Decision.Action.choices if choice[0] != "reverse"]
    )
    reason = Text(max_length=2000)
    origin = serializers.ChoiceField(vocabulary.ORIGIN_CHOICES, required=False)


class ReversalIn(Input):
    reason = Text(max_length=2000)


class AppealIn(Input):
    statement = Text(max_length=2000)


class DecisionOut(Output):
    id = serializers.UUIDField()
    action = serializers.ChoiceField(Decision.Action.choices)
    reason = serializers.CharField()
    reason_code = serializers.CharField()
    origin = serializers.CharField(allow_null=True)
    target = serializers.CharField()
    reversed = serializers.BooleanField()
    created_at = serializers.DateTimeField()


class AppealOut(Output):
    decision = serializers.UUIDField()
    statement = serializers.CharField()
    created_at = serializers.DateTimeField()


class DisputeIn(Input):
    statement = Text(max_length=2000)
    assets = List(
        child=Key(),
        max_length=MAX_PROOFS,
        required=False,
        default=list,
        help_text="Work in progress from your library.",
    )


class DisputeOut(Output):
    """`label` is the origin that is disputed; `upheld` says that it stands."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(Dispute.State.choices)
    asset = serializers.UUIDField()
    statement = serializers.CharField()
    assets = serializers.ListField(child=serializers.UUIDField())
    label = serializers.ChoiceField(vocabulary.ORIGIN_CHOICES)  # type: ignore[assignment]  # a field of this name is declared, not overridden
    decision = DecisionOut(allow_null=True)
    created_at = serializers.DateTimeField()
    answered_at = serializers.DateTimeField(allow_null=True)


class CaseDispute(Output):
    id = serializers.UUIDField()
    state = serializers.ChoiceField(Dispute.State.choices)
    asset = serializers.UUIDField()
    statement = serializers.CharField()
    assets = AssetOut(many=True)
    label = serializers.ChoiceField(vocabulary.ORIGIN_CHOICES)  # type: ignore[assignment]  # a field of this name is declared, not overridden
    decision = serializers.UUIDField(allow_null=True)
    created_at = serializers.DateTimeField()
    answered_at = serializers.DateTimeField(allow_null=True)


class CaseReport(Output):
    reporter = PersonRef()
    reason = serializers.ChoiceField(Report.Reason.choices)
    detail = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()


class HistoryOut(Output):
    posts = serializers.IntegerField()
    cases = serializers.IntegerField()
    upheld = serializers.IntegerField()


class CaseAsset(Output):
    """`held_for` says why an image whose state is `held` is not let in."""

    asset = AssetOut()
    held_for = serializers.ChoiceField(HoldReason.choices, allow_null=True)
    evidence = EvidenceRow(many=True)


class CaseOut(Output):
    id = serializers.UUIDField()
    state = serializers.ChoiceField(Case.State.choices)
    target = serializers.CharField()
    target_kind = serializers.ChoiceField(TargetKind.choices)
    author = PersonRef()
    history = HistoryOut()
    text = serializers.CharField(allow_blank=True)
    held = serializers.BooleanField()
    images = CaseAsset(many=True)
    disputes = CaseDispute(many=True)
    reports = CaseReport(many=True)
    decisions = DecisionOut(many=True)
    opened_at = serializers.DateTimeField()


def present_report(report: Report) -> dict[str, Any]:
    return {
        "id": str(report.pk),
        "state": report.case.state,
        "target": f"{report.case.target_kind}:{report.case.target_id}",
        "reason": report.reason,
        "detail": report.detail,
        "created_at": report.created_at,
    }


def present_decision(decision: Decision) -> dict[str, Any]:
    """A decision as its author and moderators see it; the moderator is not named."""
    return {
        "id": str(decision.pk),
        "action": decision.action,
        "reason": decision.reason,
        "reason_code": decision.reason_code,
        "origin": decision.origin or None,
        "target": f"{decision.case.target_kind}:{decision.case.target_id}",
        "reversed": hasattr(decision, "reversed_by"),
        "created_at": decision.created_at,
    }


def present_dispute(dispute: Dispute) -> dict[str, Any]:
    """A dispute as its author sees it."""
    decision = dispute.decision
    return {
        "id": str(dispute.pk),
        "state": dispute.state,
        "asset": str(dispute.asset_id),
        "statement": dispute.statement,
        "assets": [str(proof.pk) for proof in dispute.proofs.all()],
        "label": dispute.label,
        "decision": present_decision(decision) if decision else None,
        "created_at": dispute.created_at,
        "answered_at": dispute.answered_at,
    }


def present_cases(cases: Iterable[Case], moderator: User) -> list[dict[str, Any]]:
    return [present_case(case, moderator) for case in cases]


def present_case(case: Case, moderator: User) -> dict[str, Any]:
    target = targets.load(case.target_kind, case.target_id)
    images = target.assets() if target else []
    history = history_of(case.author)
    return {
        "id": str(case.pk),
        "state": case.state,
        "target": f"{case.target_kind}:{case.target_id}",
        "target_kind": case.target_kind,
        "author": present_person(case.author),
        "history": {"posts": history.posts, "cases": history.cases, "upheld": history.upheld},
        "text": getattr(target.thing, "body", "") if target else "",
        "held": case.held,
        "images": [
            {
                "asset": present_asset(asset, moderator),
                "held_for": asset.held_for or None,
                "evidence": present_evidence(asset.record),
            }
            for asset in images
        ],
        "disputes": [
            {
                **present_dispute(dispute),
                "assets": [present_asset(proof, moderator) for proof in dispute.proofs.all()],
                "decision": str(dispute.decision_id) if dispute.decision_id else None,
            }
            for dispute in disputes_about(images)
        ],
        "reports": [
            {
                "reporter": present_person(report.reporter),
                "reason": report.reason,
                "detail": report.detail,
                "created_at": report.created_at,
            }
            for report in case.reports.all()
        ],
        "decisions": [present_decision(decision) for decision in case.decisions.all()],
        "opened_at": case.opened_at,
    }
