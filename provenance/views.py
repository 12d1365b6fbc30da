"""What everybody may have of our signing: the root that others may trust."""

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from core.parsers import AnyAccept
from provenance.marks.authority import authority

MEDIA_TYPE = "application/x-pem-file"


class AnchorsView(APIView):
    permission_classes = [AllowAny]
    content_negotiation_class = AnyAccept

    @extend_schema(
        responses={(200, MEDIA_TYPE): OpenApiTypes.STR}, operation_id="credentials_anchors"
    )
    def get(self, request: Request) -> HttpResponse:
        """The root certificate of the credentials that this platform signs, as PEM."""
        headers = {
            "Content-Disposition": 'attachment; filename="anchors.pem"',
            "Cache-Control": "public, max-age=3600",
        }
        return HttpResponse(authority().root, content_type=MEDIA_TYPE, headers=headers)
