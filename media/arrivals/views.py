"""Images by address, and bytes that clients put themselves."""

import tempfile
from pathlib import Path
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.clock import now
from core.idempotency import idempotent
from core.parsers import AnyAccept
from media.arrivals import presigning, services
from media.arrivals.serializers import (
    ArrivalOut,
    ImportIn,
    Presigned,
    PresignIn,
    present_address,
    present_arrival,
)
from media.models import Arrival
from media.sandbox import UnsupportedType
from media.serializers import AssetOut
from media.views import created
from users.authentication import current_user
from users.permissions import Active
from users.scopes import ORDINARY

_BLOCK = 64 * 1024


class ImportView(APIView):
    permission_classes = [Active]
    scopes = ORDINARY
    rate_limit = "upload"

    @extend_schema(request=ImportIn, responses={202: ArrivalOut}, operation_id="assets_import")
    @idempotent
    def post(self, request: Request) -> Response:
        """Have an image fetched from an address; the arrival tells what becomes of it."""
        wanted = ImportIn(data=request.data)
        wanted.is_valid(raise_exception=True)
        arrival = services.ask_import(owner=current_user(request), **wanted.validated_data)
        response = Response(present_arrival(arrival), status=202)
        response["Location"] = f"/api/v1/assets/arrivals/{arrival.pk}"
        return response


class PresignView(APIView):
    permission_classes = [Active]
    scopes = ORDINARY
    rate_limit = "upload"

    @extend_schema(request=PresignIn, responses=Presigned, operation_id="assets_presign")
    @idempotent
    def post(self, request: Request) -> Response:
        """An address to PUT a file to, within ten minutes; then complete the asset."""
        wanted = PresignIn(data=request.data)
        wanted.is_valid(raise_exception=True)
        fields = dict(wanted.validated_data)
        arrival = services.announce_upload(
            owner=current_user(request), size=fields.pop("bytes"), **fields
        )
        return Response(present_address(arrival, presigning.address_for(arrival)))


class CompleteView(APIView):
    permission_classes = [Active]
    scopes = ORDINARY
    rate_limit = "upload"

    @extend_schema(request=None, responses={201: AssetOut}, operation_id="asset_complete")
    @idempotent
    def post(self, request: Request, arrival_id: UUID) -> Response:
        """The file has been put: take it in like an upload."""
        mine = Arrival.objects.owned_by(request.user).filter(kind=Arrival.Kind.DIRECT)
        arrival = get_object_or_404(mine, pk=arrival_id)
        services.complete(arrival=arrival)
        return created(request, arrival.pk)


class ArrivalView(APIView):
    permission_classes = [Active]
    scopes = ORDINARY

    @extend_schema(responses=ArrivalOut, operation_id="arrival_read")
    def get(self, request: Request, arrival_id: UUID) -> Response:
        """How far an image has come that was asked for by address or announced."""
        mine = Arrival.objects.owned_by(request.user)
        return Response(present_arrival(get_object_or_404(mine, pk=arrival_id)))


class BytesView(APIView):
    """Stands in for the bucket where clients cannot reach one. The signature is the permission."""

    authentication_classes = []
    permission_classes = [AllowAny]
    content_negotiation_class = AnyAccept
    rate_limit = "upload"

    @extend_schema(exclude=True)
    def put(self, request: Request, arrival_id: UUID) -> Response:
        presigning.check(arrival_id, request.query_params.get("signature", ""))
        awaited = Arrival.objects.open().free().filter(expires_at__gt=now())
        arrival = get_object_or_404(awaited, pk=arrival_id)
        if request.content_type != arrival.media_type:
            raise UnsupportedType(f"{arrival.media_type} was announced.", field="media_type")
        with tempfile.TemporaryDirectory(prefix="pentimento-") as folder:
            path = Path(folder) / "put"
            _spool(request, path, arrival.size or 0)
            services.keep_bytes(arrival=arrival, path=path)
        return Response()


def _spool(request: Request, path: Path, size: int) -> None:
    """Write the body to `path`, at most one byte more than `size`: enough to see that it is."""
    left = size + 1
    with path.open("wb") as file:
        while block := request.read(min(left, _BLOCK)):
            file.write(block)
            left -= len(block)
            if not left:
                return
