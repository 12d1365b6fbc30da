"""One's own library, and the bytes. Reading other people's images is the business of posts."""

from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import TemporaryUploadedFile
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.errors import DomainError
from core.idempotency import idempotent
from core.openapi import cursor_page
from core.pagination import page
from core.parsers import BoundedJSONParser
from media import services, serving
from media.models import Asset
from media.parentage import open_parents
from media.preparing import prepare_upload
from media.serializers import AssetOut, AvatarIn, Upload, present_asset
from provenance.vocabulary import Origin
from users.authentication import current_user
from users.models import User
from users.permissions import Active
from users.scopes import ORDINARY
from users.serializers import Me, present_me


class NoSuchAsset(DomainError):
    """There is no such image in your library."""

    code = "unknown_asset"
    field = "asset"


class LibraryView(APIView):
    permission_classes = [Active]
    scopes = ORDINARY
    parser_classes = [MultiPartParser, BoundedJSONParser]
    rate_limit = "upload"

    @extend_schema(responses=cursor_page(AssetOut), operation_id="assets_list")
    def get(self, request: Request) -> Response:
        def present(assets: Any) -> list[dict[str, Any]]:
            return [present_asset(asset, request.user) for asset in assets]

        return Response(page(request, Asset.objects.owned_by(request.user).hydrated(), present))

    @extend_schema(
        request={"multipart/form-data": Upload},
        responses={201: AssetOut},
        operation_id="assets_upload",
    )
    @idempotent
    def post(self, request: Request) -> Response:
        upload = Upload(data=request.data)
        upload.is_valid(raise_exception=True)
        given = upload.validated_data
        parents = open_parents(request.user, given["parents"])
        file: TemporaryUploadedFile = given["file"]
        with prepare_upload(
            path=Path(file.temporary_file_path()),
            file_name=file.name or "",
            declared_type=file.content_type or "",
        ) as prepared:
            asset = services.admit(
                owner=current_user(request),
                prepared=prepared,
                alt_text=given["alt_text"],
                declared_origin=Origin(given["declared_origin"]),
                parents=parents,
            )
        return created(request, asset.pk)


class AvatarView(APIView):
    permission_classes = [Active]
    scopes = ORDINARY

    @extend_schema(request=AvatarIn, responses=Me, operation_id="me_avatar")
    def put(self, request: Request) -> Response:
        wanted = AvatarIn(data=request.data)
        wanted.is_valid(raise_exception=True)
        asset = own_asset(current_user(request), wanted.validated_data["asset"])
        services.choose_avatar(user=current_user(request), asset=asset)
        return Response(present_me(User.objects.get(pk=current_user(request).pk)))

    @extend_schema(responses={204: None}, operation_id="me_avatar_remove")
    def delete(self, request: Request) -> Response:
        services.remove_avatar(user=current_user(request))
        return Response(status=204)


def created(request: Request, asset_id: UUID) -> Response:
    """The answer to a request that has brought an image of one's own."""
    asset = get_object_or_404(Asset.objects.owned_by(request.user).hydrated(), pk=asset_id)
    response = Response(present_asset(asset, request.user), status=201)
    response["Location"] = f"/api/v1/assets/{asset_id}"
    return response


def own_asset(owner: User, asset_id: UUID) -> Asset:
    """An image of one's own library. Raises NoSuchAsset, whosever it may be."""
    found = Asset.objects.owned_by(owner).hydrated().filter(pk=asset_id).first()
    if found is None:
        raise NoSuchAsset
    return found


@require_safe
def serve_rendition(request: HttpRequest, token: str, file_name: str) -> HttpResponseBase:
    """The bytes of a rendition, for whoever holds an address that is good now."""
    return serving.answer_for(request, token, file_name)


@require_safe
def tdm_rules(request: HttpRequest) -> JsonResponse:
    """`/.well-known/tdmrep.json`: whether images may be mined, where nothing else is said."""
    return JsonResponse(serving.TDM_RULES, safe=False, headers={"Cache-Control": "max-age=3600"})
