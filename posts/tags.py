"""The one form of a tag."""

import re
import unicodedata

from django.core.exceptions import ValidationError

_FORM = re.compile(r"\w{1,50}")


def normalise(text: str) -> str:
    """`#Été` and `été` are one tag. Raises ValidationError for what is none."""
    tag = unicodedata.normalize("NFKC", text).strip().removeprefix("#").casefold()
    if not _FORM.fullmatch(tag):
        raise ValidationError("A tag has up to 50 letters, digits and underscores.", code="bad_tag")
    return tag
