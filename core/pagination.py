"""Cursor pages: `{results, next, previous}`, stable while rows come and go.

A cursor is sealed, since it may tell of what its holder cannot see, and bound to the surface and
the viewer it was made for; a forged, foreign or malformed one is a 400. `previous` is always null:
a list is walked forward, and back from the client's own memory.
"""

import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

import orjson
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db.models import Model, QuerySet
from django.utils.crypto import salted_hmac
from rest_framework.request import Request

from core.errors import DomainError

Row = TypeVar("Row", bound=Model)
DEFAULT_LIMIT = 20
MAX_LIMIT = 100


class BadCursor(DomainError):
    """The cursor was not made for this list. Start again without it."""

    code = "bad_cursor"
    field = "cursor"


class BadLimit(DomainError):
    """`limit` is a whole number from 1 to 100."""

    code = "bad_limit"
    field = "limit"


def limit_of(request: Request) -> int:
    """The page size asked for. Raises BadLimit."""
    given = request.query_params.get("limit", str(DEFAULT_LIMIT))
    if not re.fullmatch(r"[0-9]{1,3}", given) or not 1 <= int(given) <= MAX_LIMIT:
        raise BadLimit
    return int(given)


def read_cursor(request: Request, surface: str) -> Any:
    """What `next_url` stored, or None on the first page. Raises BadCursor."""
    given = request.query_params.get("cursor")
    if given is None:
        return None
    try:
        return opened(given, salt=_salt(request, surface))
    except ValueError as error:
        raise BadCursor from error


def next_url(request: Request, surface: str, state: Any) -> str:
    """The absolute address of the next page, all other parameters kept."""
    cursor = sealed(state, salt=_salt(request, surface))
    kept = [
        (name, value)
        for name in request.query_params
        if name != "cursor"
        for value in request.query_params.getlist(name)
    ]
    return request.build_absolute_uri(f"{request.path}?{urlencode([*kept, ('cursor', cursor)])}")


def page(
    request: Request,
    rows: QuerySet[Row],
    present: Callable[[Sequence[Row]], Sequence[Any]],
    *,
    by: str = "id",
) -> dict[str, Any]:
    """A page of `rows`, newest first by the unique, time-ordered column `by`."""
    surface = request.path
    limit = limit_of(request)
    last = read_cursor(request, surface)
    if last is not None:
        rows = rows.filter(**{f"{by}__lt": last})
    found = list(rows.order_by(f"-{by}")[: limit + 1])
    more = len(found) > limit
    found = found[:limit]
    return {
        "results": present(found),
        "next": next_url(request, surface, str(getattr(found[-1], by))) if more else None,
        "previous": None,
    }


def sealed(state: Any, *, salt: str) -> str:
    """A cursor that holds `state`, and that `opened` with the same salt reads, and nobody else."""
    return _seal(salt).encrypt(orjson.dumps(state)).decode()


def opened(cursor: str, *, salt: str) -> Any:
    """What was `sealed` with this salt. Raises ValueError."""
    try:
        return orjson.loads(_seal(salt).decrypt(cursor))
    except InvalidToken as error:
        raise ValueError("This is no cursor of ours.") from error


def _salt(request: Request, surface: str) -> str:
    return f"cursor:{surface}:{request.user.pk or 'anonymous'}"


def _seal(salt: str) -> MultiFernet:
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    hashes = [salted_hmac(salt, "", secret, algorithm="sha256") for secret in secrets]
    return MultiFernet([Fernet(urlsafe_b64encode(each.digest())) for each in hashes])
