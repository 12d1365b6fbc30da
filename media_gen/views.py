"""Asking for images over REST."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.errors import DomainError
from core.idempotency import fingerprint_of, idempotent
from core.openapi import cursor_page
from core.pagination import page
from media.models import Asset
from media_gen import hints, presets, services
from media_gen.backends.registry import backends
from media_gen.models import GenerationJob, Preset
from media_gen.planning import Wish, plan
from media_gen.serializers import (
    BackendOut,
    GenerationIn,
    JobOut,
    PresetChange,
    PresetIn,
    PresetOut,
    Quote,
    present_backend,
    present_job,
    present_jobs,
    present_preset,
    present_presets,
    present_quote,
)
from posts.parentage import open_parents
from posts.queries import assets_visible_to, can_remix_asset
from users import tickets
from users.authentication import current_key, current_user
from users.permissions import Active
from users.scopes import GENERATING, ORDINARY, READING
from users.serializers import Ticket

JobOrQuote = PolymorphicProxySerializer(
    component_name="JobOrQuote", serializers=[JobOut, Quote], resource_type_field_name=None
)


class UnknownMask(DomainError):
    """You have no such image."""

    code = "unknown_asset"
    field = "mask"


class BackendsView(APIView):
    scopes = ORDINARY

    @extend_schema(responses=BackendOut(many=True), operation_id="backends_list")
    def get(self, request: Request) -> Response:
        return Response(
            [present_backend(backends[alias]) for alias in settings.GENERATION_BACKENDS]
        )


class GenerationsView(APIView):
    permission_classes = [Active]
    scopes = GENERATING
    rate_limit = "generate"

    @extend_schema(responses=cursor_page(JobOut), operation_id="generations_list")
    def get(self, request: Request) -> Response:
        rows = GenerationJob.objects.owned_by(request.user).select_related("owner").hydrated()
        return Response(page(request, rows, present_jobs))

    @extend_schema(
        request=GenerationIn, responses={202: JobOut, 200: Quote}, operation_id="generations_create"
    )
    @idempotent
    def post(self, request: Request) -> Response:
        wanted = GenerationIn(data=request.data)
        wanted.is_valid(raise_exception=True)
        owner, fields = current_user(request), dict(wanted.validated_data)
        dry_run, quote = fields.pop("dry_run"), fields.pop("quote")
        client_key = request.headers.get("Idempotency-Key", "")
        fingerprint = fingerprint_of(request)
        if not dry_run and (known := services.asked_before(owner, client_key, fingerprint)):
            return _accepted(request, known)
        fields = _completed(request, fields)
        parents = open_parents(request.user, fields.pop("parents"))
        mask = _mask(request, fields.pop("mask", None))
        wish = Wish(parents=parents, mask=mask, **fields)
        if dry_run:
            return Response(present_quote(plan(wish, owner=owner), owner))
        job = services.request_generation(
            owner=owner,
            wish=wish,
            quote=quote,
            api_key=current_key(request),
            client_key=client_key,
            client_fingerprint=fingerprint,
        )
        return _accepted(request, job)


class GenerationView(APIView):
    permission_classes = [Active]
    scopes = ORDINARY

    @extend_schema(responses=JobOut, operation_id="generation_read")
    def get(self, request: Request, job_id: UUID) -> Response:
        return Response(_shown(request, job_id))


class CancelView(APIView):
    permission_classes = [Active]
    scopes = GENERATING

    @extend_schema(request=None, responses=JobOut, operation_id="generation_cancel")
    def post(self, request: Request, job_id: UUID) -> Response:
        services.cancel(job=_own(request, job_id))
        return Response(_shown(request, job_id))


class TicketView(APIView):
    permission_classes = [Active]
    scopes = READING

    @extend_schema(request=None, responses=Ticket, operation_id="generation_ticket")
    def post(self, request: Request, job_id: UUID) -> Response:
        job = _own(request, job_id)
        ticket = tickets.issue(current_user(request).pk, f"job:{job.pk}")
        return Response({"ticket": ticket, "expires_in": tickets.LIFETIME_SECONDS})


class PresetsView(APIView):
    permission_classes = [Active]
    scopes = ORDINARY

    @extend_schema(responses=cursor_page(PresetOut), operation_id="presets_list")
    def get(self, request: Request) -> Response:
        rows = presets.visible_to(request.user).select_related("owner")
        return Response(page(request, rows, present_presets))

    @extend_schema(request=PresetIn, responses={201: PresetOut}, operation_id="presets_create")
    @idempotent
    def post(self, request: Request) -> Response:
        wanted = PresetIn(data=request.data)
        wanted.is_valid(raise_exception=True)
        made = presets.create(owner=current_user(request), **wanted.validated_data)
        return Response(present_preset(made), status=201)


class PresetView(APIView):
    permission_classes = [Active]
    scopes = ORDINARY

    @extend_schema(responses=PresetOut, operation_id="preset_read")
    def get(self, request: Request, preset_id: UUID) -> Response:
        rows = presets.visible_to(request.user).select_related("owner")
        return Response(present_preset(get_object_or_404(rows, pk=preset_id)))

    @extend_schema(request=PresetChange, responses=PresetOut, operation_id="preset_change")
    def patch(self, request: Request, preset_id: UUID) -> Response:
        preset = _own_preset(request, preset_id)
        wanted = PresetChange(data=request.data)
        wanted.is_valid(raise_exception=True)
        presets.change(preset=preset, **wanted.validated_data)
        return Response(present_preset(preset))

    @extend_schema(request=None, responses={204: None}, operation_id="preset_delete")
    def delete(self, request: Request, preset_id: UUID) -> Response:
        presets.delete(preset=_own_preset(request, preset_id))
        return Response(status=204)


@csrf_exempt
@require_POST
def hinted(request: HttpRequest, token: str) -> HttpResponse:
    """A provider says that there is news of a job. What it says is not read."""
    del request
    job_id = hints.job_at(token)
    if job_id is None:
        raise Http404
    hints.tell(job_id)
    return HttpResponse(status=204)


def _own_preset(request: Request, preset_id: UUID) -> Preset:
    rows = Preset.objects.filter(owner=current_user(request)).select_related("owner")
    return get_object_or_404(rows, pk=preset_id)


def _completed(request: Request, given: dict[str, Any]) -> dict[str, Any]:
    """The fields of a request, completed by the preset that it names. Raises UnknownPreset."""
    preset_id = given.pop("preset", None)
    if preset_id is None:
        return given
    preset = presets.visible_to(request.user).filter(pk=preset_id).first()
    if preset is None:
        raise presets.UnknownPreset
    return presets.applied(preset, given)


def _own(request: Request, job_id: UUID) -> GenerationJob:
    return get_object_or_404(GenerationJob.objects.owned_by(request.user), pk=job_id)


def _accepted(request: Request, job: GenerationJob) -> Response:
    response = Response(_shown(request, job.pk), status=202)
    response["Location"] = f"/api/v1/generations/{job.pk}"
    return response


def _shown(request: Request, job_id: UUID) -> dict[str, Any]:
    rows = GenerationJob.objects.owned_by(request.user).select_related("owner").hydrated()
    return present_job(get_object_or_404(rows, pk=job_id))


def _mask(request: Request, asset_id: UUID | None) -> Asset | None:
    """An image of one's own. Raises UnknownMask."""
    if asset_id is None:
        return None
    own = assets_visible_to(request.user).filter(owner=current_user(request))
    mask = own.select_related("record").filter(pk=asset_id).first()
    if mask is None or not can_remix_asset(mask, request.user):
        raise UnknownMask
    return mask
