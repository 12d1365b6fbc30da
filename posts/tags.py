"""The one form of a tag."""

import unicodedata

from django.core.exceptions import ValidationError

LONGEST = 50
# Vowels are marks in Hindi and Thai, among others: letters alone would leave out half the world.
_KINDS = "LMN"


def normalise(text: str) -> str:
    """`#Été` and `été` are one tag. Raises ValidationError for what is none."""
    tag = unicodedata.normalize("NFKC", text).strip().removeprefix("#").casefold()
    if not (1 <= len(tag) <= LONGEST and all(map(_belongs, tag)) and not _is_mark(tag[0])):
        raise ValidationError("A tag has up to 50 letters, digits and underscores.", code="bad_tag")
    return tag


def _belongs(character: str) -> bool:
    return character == "_" or unicodedata.category(character)[0] in _KINDS


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] == "M"
