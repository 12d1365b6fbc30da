"""Where a client may put the bytes of a direct upload, without an account's token.

Into the bucket itself, where clients reach it: the address is signed for exactly the announced type
and size. Else to a route of ours, signed by us, that passes the bytes on.
"""

from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.core.files.storage import storages

from core.errors import Forbidden
from media.models import Arrival

UPLOAD_SECONDS = 600
DIRECT = "direct"
_signer = signing.TimestampSigner(salt="media.arrivals")


class BadSignature(Forbidden):
    """This address for uploading is not valid, or no longer."""

    code = "bad_signature"


@dataclass(frozen=True, slots=True)
class UploadAddress:
    """Where to PUT the bytes within UPLOAD_SECONDS, and the headers to send with them."""

    url: str
    headers: dict[str, str]


def address_for(arrival: Arrival) -> UploadAddress:
    """An address for the bytes of `arrival`, a direct upload, and for nothing else."""
    url = _of_the_bucket(arrival) if DIRECT in settings.STORAGES else _of_ours(arrival)
    return UploadAddress(url, {"Content-Type": arrival.media_type})


def check(arrival_id: UUID, signature: str) -> None:
    """Raises BadSignature unless `signature` is ours, for this arrival, and not too old."""
    try:
        signed = _signer.unsign(signature, max_age=UPLOAD_SECONDS)
    except signing.BadSignature as error:
        raise BadSignature from error
    if signed != str(arrival_id):
        raise BadSignature


def _of_ours(arrival: Arrival) -> str:
    query = urlencode({"signature": _signer.sign(str(arrival.pk))})
    return f"{settings.PUBLIC_URL}/api/v1/assets/arrivals/{arrival.pk}/bytes?{query}"


def _of_the_bucket(arrival: Arrival) -> str:
    """AWS, "Authenticating Requests: Using Query Parameters (AWS Signature Version 4)"."""
    bucket = storages[DIRECT].bucket  # type: ignore[attr-defined]  # of S3Storage
    url: str = bucket.meta.client.generate_presigned_url(
        "put_object",
        Params={
            "Bucket": bucket.name,
            "Key": arrival.key,
            "ContentType": arrival.media_type,
            "ContentLength": arrival.size,
        },
        ExpiresIn=UPLOAD_SECONDS,
    )
    return url
