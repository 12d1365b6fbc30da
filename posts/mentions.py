"""Whom a text speaks to: `@username`, as people write it."""

import re

from users.models import User
from users.names import USERNAME_PATTERN

MOST = 10
_MENTION = re.compile(rf"(?<![\w@/.])@({USERNAME_PATTERN})(?![\w@])", re.IGNORECASE)


def mentioned_in(text: str) -> list[User]:
    """The people that a text names, the first MOST of them."""
    names = list(dict.fromkeys(name.lower() for name in _MENTION.findall(text)))[:MOST]
    return list(User.objects.filter(username__in=names, is_active=True).order_by("pk"))
