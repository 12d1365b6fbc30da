"""Reports, disputes and appeals for everybody, cases and decisions for moderators, over REST."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.errors import DomainError
from core.idempotency import idempotent
from core.openapi import cursor_page
from core.pagination import page
from media.models import Asset
from moderation import disputes, queries, services
from moderation.models import Case, Decision, Report
from moderation.serializers import (
    AppealIn,
    AppealOut,
    CaseOut,
    DecisionIn,
    DecisionOut,
    DisputeIn,
    DisputeOut,
    ReportIn,
    ReportOut,
    ReversalIn,
    present_case,
    present_cases,
    present_decision,
    present_dispute,
    present_report,
)
from moderation.targets import visible_target
from posts.queries import assets_visible_to
from provenance.vocabulary import Origin
from users.authentication import current_user
from users.models import User
from users.permissions import Active, SignedIn, Staff
from users.scopes import MODERATING, ORDINARY


class UnknownTarget(DomainError):
    """There is no such thing, or you may not see it. Example: "post:<id>"."""

    code = "unknown_target"
    field = "target"


class UnknownProofs(DomainError):
    """These images are not in your library."""

    code = "unknown_asset"
    field = "assets"


class UnknownState(DomainError):
    """Cases are waiting, open, appealed or decided."""

    code = "unknown_state"
    field = "state"


class ReportsView(APIView):
    permission_classes = [Active]
    scopes = ORDINARY
    rate_limit = "report"

    @extend_schema(request=ReportIn, responses={201: ReportOut}, operation_id="reports_create")
    @idempotent
    def post(self, request: Request) -> Response:
        wanted = ReportIn(data=request.data)
        wanted.is_valid(raise_exception=True)
        kind, _, key = wanted.validated_data["target"].partition(":")
        target = visible_target(current_user(request), kind, key)
        if target is None:
            raise UnknownTarget
        report = services.report(
            reporter=current_user(request),
            target=target,
            reason=wanted.validated_data["reason"],
            detail=wanted.validated_data["detail"],
        )
        return Response(present_report(report), status=201)


class MyReportsView(APIView):
    permission_classes = [SignedIn]
    scopes = ORDINARY

    @extend_schema(responses=cursor_page(ReportOut), operation_id="me_reports")
    def get(self, request: Request) -> Response:
        rows = Report.objects.filter(reporter=current_user(request)).select_related("case")
        return Response(page(request, rows, lambda found: [present_report(row) for row in found]))


class MyDecisionsView(APIView):
    permission_classes = [SignedIn]
    scopes = ORDINARY

    @extend_schema(responses=cursor_page(DecisionOut), operation_id="me_decisions")
    def get(self, request: Request) -> Response:
        return Response(page(request, _about(request), _present_decisions))


class AppealView(APIView):
    permission_classes = [SignedIn]
    scopes = ORDINARY

    @extend_schema(request=AppealIn, responses={201: AppealOut}, operation_id="decision_appeal")
    def post(self, request: Request, decision_id: UUID) -> Response:
        decision = get_object_or_404(_about(request), pk=decision_id)
        said = AppealIn(data=request.data)
        said.is_valid(raise_exception=True)
        made = services.appeal(decision=decision, statement=said.validated_data["statement"])
        body = {
            "decision": str(decision.pk),
            "statement": made.statement,
            "created_at": made.created_at,
        }
        return Response(body, status=201)


class DisputesView(APIView):
    permission_classes = [SignedIn]
    scopes = ORDINARY
    rate_limit = "report"

    @extend_schema(request=DisputeIn, responses={201: DisputeOut}, operation_id="asset_dispute")
    @idempotent
    def post(self, request: Request, asset_id: UUID) -> Response:
        """The author of an image disputes its label. A moderator will answer."""
        author = current_user(request)
        asset = get_object_or_404(assets_visible_to(author), pk=asset_id)
        said = DisputeIn(data=request.data)
        said.is_valid(raise_exception=True)
        made = disputes.dispute(
            asset=asset,
            author=author,
            statement=said.validated_data["statement"],
            proofs=_own_assets(author, said.validated_data["assets"]),
        )
        shown = queries.disputes_of(author).get(pk=made.pk)
        return Response(present_dispute(shown), status=201)


class MyDisputesView(APIView):
    permission_classes = [SignedIn]
    scopes = ORDINARY

    @extend_schema(responses=cursor_page(DisputeOut), operation_id="me_disputes")
    def get(self, request: Request) -> Response:
        rows = queries.disputes_of(current_user(request))
        return Response(page(request, rows, lambda found: [present_dispute(row) for row in found]))


class CasesView(APIView):
    permission_classes = [Staff]
    scopes = MODERATING

    @extend_schema(
        parameters=[OpenApiParameter("state", enum=["waiting", *Case.State.values])],
        responses=cursor_page(CaseOut),
        operation_id="moderation_cases",
    )
    def get(self, request: Request) -> Response:
        """Cases, newest first; by default those that wait for a decision."""
        state = request.query_params.get("state", "waiting")
        if state not in {"waiting", *Case.State.values}:
            raise UnknownState
        wanted = Case.WAITING if state == "waiting" else [state]
        rows = queries.cases().filter(state__in=wanted)
        return Response(
            page(request, rows, lambda found: present_cases(found, current_user(request)))
        )


class CaseView(APIView):
    permission_classes = [Staff]
    scopes = MODERATING

    @extend_schema(responses=CaseOut, operation_id="moderation_case")
    def get(self, request: Request, case_id: UUID) -> Response:
        case = get_object_or_404(queries.cases(), pk=case_id)
        return Response(present_case(case, current_user(request)))


class DecideView(APIView):
    permission_classes = [Staff]
    scopes = MODERATING

    @extend_schema(
        request=DecisionIn, responses={201: DecisionOut}, operation_id="moderation_decide"
    )
    @idempotent
    def post(self, request: Request, case_id: UUID) -> Response:
        case = get_object_or_404(Case, pk=case_id)
        wanted = DecisionIn(data=request.data)
        wanted.is_valid(raise_exception=True)
        given = wanted.validated_data
        decision = services.decide(
            case=case,
            moderator=current_user(request),
            action=given["action"],
            reason=given["reason"],
            origin=Origin(given["origin"]) if "origin" in given else None,
        )
        return Response(present_decision(decision), status=201)


class ReverseView(APIView):
    permission_classes = [Staff]
    scopes = MODERATING

    @extend_schema(
        request=ReversalIn, responses={201: DecisionOut}, operation_id="moderation_reverse"
    )
    @idempotent
    def post(self, request: Request, decision_id: UUID) -> Response:
        decision = get_object_or_404(Decision.objects.select_related("case"), pk=decision_id)
        wanted = ReversalIn(data=request.data)
        wanted.is_valid(raise_exception=True)
        reversal = services.reverse(
            decision=decision,
            moderator=current_user(request),
            reason=wanted.validated_data["reason"],
        )
        return Response(present_decision(reversal), status=201)


def _about(request: Request) -> Any:
    """Decisions about the caller, that did something to them."""
    return (
        Decision.objects.filter(author=current_user(request))
        .exclude(action=Decision.Action.DISMISS, rulings=[], before={})
        .select_related("case", "reversed_by")
    )


def _own_assets(owner: User, ids: Sequence[UUID]) -> list[Asset]:
    """The named images of one's own. Raises UnknownProofs, whosever they may be."""
    found = Asset.objects.owned_by(owner).in_bulk(ids)
    if len(found) != len(set(ids)):
        raise UnknownProofs
    return list(found.values())


def _present_decisions(decisions: Any) -> list[dict[str, Any]]:
    return [present_decision(decision) for decision in decisions]
