"""Who holds a session's access token: what allauth finds out, in one query instead of two.

Every request asks it. Only a token with which everything is right is answered here; of all others
allauth says what is wrong with them, and does what is to be done (users.authentication). What
follows from texts alone, that signatures are right, is found out once for each text.
"""

import json
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from allauth.headless.tokens.strategies.jwt import internal as tokens
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db.models import QuerySet, Subquery
from django.utils.crypto import constant_time_compare

from core.clock import now
from core.prepared import prepared
from users.models import User

#: A kilobyte each.
KEPT = 10_000
#: Characters; those that are given have some 400.
LONGEST = 2000
_COLUMNS = [field.attname for field in User._meta.concrete_fields]
_PREFERENCES = _COLUMNS.index("preferences")


def holder_of(token: str) -> tuple[User, dict[str, Any]] | None:
    """The person, with the token's claims; None if there is anything to object to."""
    moment = now()
    try:
        read = _read(token) if len(token) <= LONGEST else None
    except _Refused:
        return None
    if read is None or read.good_until <= moment.timestamp():
        return None
    for data, *columns in _session_and_user(read.session_key, read.user_id, moment):
        columns[_PREFERENCES] = json.loads(columns[_PREFERENCES])
        user = User.from_db("default", _COLUMNS, columns)
        if data and _is_of(data, str(user.pk), user.password):
            return user, dict(read.claims)
    return None


class _Refused(Exception):
    """Raised and not returned, since what is returned is kept: nobody fills that with nonsense."""


class _Read(NamedTuple):
    """What a token says that is signed as it should be. `good_until`: seconds since 1970."""

    claims: dict[str, Any]
    session_key: str
    user_id: UUID
    good_until: int


@lru_cache(KEPT)
def _read(token: str) -> _Read:
    claims = tokens.decode_token(token, "access")
    session_key = tokens.session_key_from_sid(claims["sid"]) if claims else None
    if claims is None or not session_key:
        raise _Refused
    return _Read(claims, session_key, UUID(claims["sub"]), claims["exp"])


@prepared()
def _session_and_user(
    session_key: str, user: UUID, moment: datetime
) -> QuerySet[User, tuple[Any, ...]]:
    session = Session.objects.filter(session_key=session_key, expire_date__gt=moment)
    data = Subquery(session.values("session_data"))
    rows: QuerySet[User, Any] = User.objects.filter(pk=user, is_active=True)
    return rows.values_list(data, *_COLUMNS)


@lru_cache(KEPT)
def _is_of(data: str, user_id: str, password: str) -> bool:
    """As django.contrib.auth.get_user asks: a new password ends all sessions."""
    session = SessionStore().decode(data)
    expected = User(password=password).get_session_auth_hash()
    return (
        session.get(SESSION_KEY) == user_id
        and session.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
        and constant_time_compare(session.get(HASH_SESSION_KEY, ""), expected)
    )
