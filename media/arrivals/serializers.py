"""How images on their way in look in the API."""

from typing import Any

from rest_framework import serializers

from core.serializers import Output, Text
from media.arrivals.fetching import MAX_URL
from media.arrivals.presigning import UploadAddress
from media.models import Arrival
from media.serializers import Described


class ImportIn(Described):
    url = Text(max_length=MAX_URL)


class PresignIn(Described):
    media_type = Text(max_length=40)
    bytes = serializers.IntegerField(min_value=1)


class ArrivalError(Output):
    code = serializers.CharField()
    detail = serializers.CharField()


class ArrivalOut(Output):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(Arrival.Kind.choices)
    state = serializers.ChoiceField(Arrival.State.choices)
    asset = serializers.UUIDField(allow_null=True)
    error = ArrivalError(allow_null=True)
    created_at = serializers.DateTimeField()


class UploadTo(Output):
    url = serializers.CharField()
    headers = serializers.DictField(child=serializers.CharField())


class Presigned(Output):
    asset = serializers.UUIDField()
    upload = UploadTo()


def present_arrival(arrival: Arrival) -> dict[str, Any]:
    """An arrival, for its owner."""
    failed = arrival.state == Arrival.State.FAILED
    return {
        "id": str(arrival.pk),
        "kind": arrival.kind,
        "state": arrival.state,
        "asset": str(arrival.pk) if arrival.state == Arrival.State.DONE else None,
        "error": {"code": arrival.error_code, "detail": arrival.error_detail} if failed else None,
        "created_at": arrival.created_at,
    }


def present_address(arrival: Arrival, address: UploadAddress) -> dict[str, Any]:
    """Where to put the bytes of the asset to come."""
    return {
        "asset": str(arrival.pk),
        "upload": {"url": address.url, "headers": address.headers},
    }
