"""The public detector: any file, no account, nothing kept."""

from pathlib import Path
from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.serializers import Input, Output
from posts.verify import Verification, verify
from provenance import wording
from provenance.serializers import (
    Credentials,
    Finding,
    Provenance,
    describe_credentials,
    present_judgement,
    present_observation,
)
from provenance.vocabulary import EvidenceKind


class VerifyIn(Input):
    file = serializers.FileField(allow_empty_file=True, max_length=255)


class MatchOut(Output):
    post_url = serializers.CharField()


class VerifyOut(Output):
    provenance = Provenance()
    how_sure = serializers.CharField()
    evidence = Finding(many=True)
    credentials = Credentials()
    match = MatchOut(allow_null=True)


class VerifyView(APIView):
    permission_classes = [AllowAny]
    parser_classes = [MultiPartParser]
    rate_limit = "verify"

    @extend_schema(
        request={"multipart/form-data": VerifyIn},
        responses=VerifyOut,
        operation_id="verify",
    )
    def post(self, request: Request) -> Response:
        """What a file says of how it was made, how sure that is, and whether it is known here."""
        given = VerifyIn(data=request.data)
        given.is_valid(raise_exception=True)
        path = Path(given.validated_data["file"].temporary_file_path())
        response = Response(_present(verify(path=path, viewer=request.user)))
        response["Cache-Control"] = "no-store"
        return response


def _present(found: Verification) -> dict[str, Any]:
    signed = [item for item in found.observations if item.kind is EvidenceKind.C2PA]
    post = found.post
    return {
        "provenance": present_judgement(found.judgement, found.observations),
        "how_sure": wording.how_sure(found.judgement.grade),
        "evidence": [present_observation(item) for item in found.observations],
        "credentials": describe_credentials(signed[0].detail if signed else {}, found.data_mining),
        "match": {"post_url": f"{settings.PUBLIC_URL}/posts/{post.pk}"} if post else None,
    }
