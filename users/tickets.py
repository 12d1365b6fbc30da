"""Tickets for event streams: browsers' EventSource cannot send an Authorization header.

A ticket is signed, names one person and one stream, lives 30 seconds and opens one stream.
"""

from uuid import UUID, uuid4

from django.core import signing
from django.core.cache import cache

LIFETIME_SECONDS = 30
_SALT = "event-stream-ticket"


def issue(user_id: UUID, stream: str) -> str:
    """A ticket for `stream`, for example "job:<id>"."""
    return signing.dumps([str(user_id), stream, uuid4().hex], salt=_SALT)


def redeem(ticket: str, stream: str) -> UUID | None:
    """Whose ticket this is, if it is good for `stream`; a second time it is not."""
    try:
        user_id, named, nonce = signing.loads(ticket, salt=_SALT, max_age=LIFETIME_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    if named != stream or not cache.add(f"ticket:{nonce}", 1, timeout=LIFETIME_SECONDS + 5):
        return None
    return UUID(user_id)
