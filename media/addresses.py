"""Where served files are found: by an unguessable address, and unless they are public only briefly.

    <MEDIA_BASE_URL>/media/<token>/<file>                                   a public image
    <MEDIA_BASE_URL>/media/<token>/<file>?until=<seconds>&signature=<HMAC>  any other

Whoever may see an image is given its address anew with every answer; so one that was passed on, or
kept beyond a block, is worth nothing a minute later. A key of the storage is never in an address.
"""

from collections.abc import Mapping

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.utils.http import urlencode

from core.clock import now

MAX_SECONDS = 60
# Addresses change only so often: the ETag of an answer that holds them would never match else.
_STEP_SECONDS = 30


def address_of(token: str, file_name: str, *, public: bool) -> str:
    """The address of a file as it is now, for somebody who may see it."""
    address = f"{settings.MEDIA_BASE_URL}/media/{token}/{file_name}"
    if public:
        return address
    until = str(good_until())
    signature = _signer().signature(_statement(token, file_name, until))
    return f"{address}?{urlencode({'until': until, 'signature': signature})}"


def good_until() -> int:
    """When the addresses that are given now stop being good, in seconds since 1970."""
    return _present() // _STEP_SECONDS * _STEP_SECONDS + MAX_SECONDS


def seconds_left(token: str, file_name: str, query: Mapping[str, str]) -> int:
    """For how long the signature in `query` still opens the file; 0 if it does not."""
    until, signature = query.get("until", ""), query.get("signature", "")
    try:
        _signer().unsign(f"{_statement(token, file_name, until)}:{signature}")
    except BadSignature:
        return 0
    return max(int(until) - _present(), 0)


def _statement(token: str, file_name: str, until: str) -> str:
    return f"{token}/{file_name}?until={until}"


def _signer() -> Signer:
    return Signer(salt="media.addresses")


def _present() -> int:
    return int(now().timestamp())
