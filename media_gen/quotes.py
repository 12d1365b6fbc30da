"""Quotes: what a request costs, promised to one person for ten minutes.

A quote is signed, not stored. It holds for requests that are priced alike, whatever their prompt.
"""

from uuid import UUID

from django.core import signing

from core.errors import DomainError
from media_gen.backends.base import Request

LIFETIME_SECONDS = 600
_SALT = "generation-quote"


class BadQuote(DomainError):
    """This quote was not made for you and this request. Ask again with `dry_run`."""

    code = "bad_quote"
    field = "quote"


class QuoteExpired(DomainError):
    """A quote holds for ten minutes. Ask again with `dry_run`."""

    code = "quote_expired"
    field = "quote"


def sign(*, owner_id: UUID, backend: str, request: Request, cost: int) -> str:
    """A quote of `cost` credits for `request` to the backend of this alias."""
    return signing.dumps([str(owner_id), *_priced(backend, request), cost], salt=_SALT)


def cost_of(quote: str, *, owner_id: UUID, backend: str, request: Request) -> int:
    """What was promised. Raises BadQuote, QuoteExpired."""
    try:
        *promised, cost = signing.loads(quote, salt=_SALT, max_age=LIFETIME_SECONDS)
    except signing.SignatureExpired as error:
        raise QuoteExpired from error
    except signing.BadSignature as error:
        raise BadQuote from error
    if promised != [str(owner_id), *_priced(backend, request)]:
        raise BadQuote
    return int(cost)


def _priced(backend: str, request: Request) -> list[str | int]:
    """All that a price may depend on."""
    return [
        backend,
        request.operation.value,
        request.model,
        request.width,
        request.height,
        request.count,
    ]
