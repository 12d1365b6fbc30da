"""Which names people may take."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator

USERNAME_PATTERN = r"[a-z0-9_]{3,30}"
_RESERVED_WORDS = """
    about abuse account accounts admin administrator ai anonymous api app assets auth billing board
    boards contact copyright dmca docs everyone explore feed feeds generator help home legal live
    login logout mail me media moderation moderator moderators news nobody notifications official
    pentimento post posts press privacy root safety search security settings signup staff static
    status support system tag tags team terms trust unknown user users verify web www
"""
RESERVED = frozenset(_RESERVED_WORDS.split())


def normalise(name: str) -> str:
    """The stored form of a user name. Names are compared only in this form."""
    return name.strip().lower()


def refuse_reserved(name: str) -> None:
    """Raises ValidationError for names that would look like the platform's own voice."""
    if normalise(name) in RESERVED:
        raise ValidationError("This name is reserved.", code="reserved")


refuse_malformed = RegexValidator(
    re.compile(rf"\A{USERNAME_PATTERN}\Z", re.IGNORECASE),
    "A name has 3 to 30 letters a–z, digits and underscores.",
    code="malformed",
)

USERNAME_VALIDATORS = [refuse_malformed, refuse_reserved]
