"""Cursor pages: `{results, next, previous}`, stable while rows come and go.

A cursor is signed and bound to the surface and the viewer it was made for; a forged, foreign or
malformed one is a 400. `previous` is always null: a list is walked forward, and back from the
client's own memory.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.core import signing
from django.db.models import Model, QuerySet
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
        return signing.loads(given, salt=_salt(request, surface))
    except (signing.BadSignature, ValueError) as error:
        raise BadCursor from error


def next_url(request: Request, surface: str, state: Any) -> str:
    """The absolute address of the next page, all other parameters kept."""
    cursor = signing.dumps(state, salt=_salt(request, surface))
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


def _salt(request: Request, surface: str) -> str:
    return f"cursor:{surface}:{request.user.pk or 'anonymous'}"
