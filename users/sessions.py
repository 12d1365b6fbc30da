"""Who holds a session's access token: what allauth finds out, in one query instead of two.

Every request asks it. Only a token with which everything is right is answered here; of all others
allauth says what is wrong with them, and does what is to be done (users.authentication).
"""

import json
from datetime import datetime
from typing import Any
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

_COLUMNS = [field.attname for field in User._meta.concrete_fields]
_PREFERENCES = _COLUMNS.index("preferences")


def holder_of(token: str) -> tuple[User, dict[str, Any]] | None:
    """The person, with the token's claims; None if there is anything to object to."""
    claims = tokens.decode_token(token, "access")
    session_key = tokens.session_key_from_sid(claims["sid"]) if claims else None
    if claims is None or not session_key:
        return None
    for data, *columns in _session_and_user(session_key, UUID(claims["sub"]), now()):
        columns[_PREFERENCES] = json.loads(columns[_PREFERENCES])
        user = User.from_db("default", _COLUMNS, columns)
        if data and _is_of(SessionStore().decode(data), user):
            return user, claims
    return None


@prepared()
def _session_and_user(
    session_key: str, user: UUID, moment: datetime
) -> QuerySet[User, tuple[Any, ...]]:
    session = Session.objects.filter(session_key=session_key, expire_date__gt=moment)
    data = Subquery(session.values("session_data"))
    rows: QuerySet[User, Any] = User.objects.filter(pk=user, is_active=True)
    return rows.values_list(data, *_COLUMNS)


def _is_of(session: dict[str, Any], user: User) -> bool:
    """As django.contrib.auth.get_user asks: a new password ends all sessions."""
    return (
        session.get(SESSION_KEY) == str(user.pk)
        and session.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
        and constant_time_compare(session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
    )
