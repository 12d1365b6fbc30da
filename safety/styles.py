"""Names whose owners do not want their style imitated (the preference remix_policy.style_transfer).

A name counts where a prompt asks for somebody's manner: "in the style of …", "… style", "@handle".
After a mere "by" or "like" only names of two words or more do, or half the words there are would be
refused as soon as somebody is called so.
"""

import re
from collections.abc import Iterator, Mapping

from django.db.models.functions import Lower

from safety.findings import Asker, Finding
from safety.reading import Reading, folded
from users.models import User

RULE, VERSION = "protected-style", 1
SAYS = "This artist does not want their style imitated."
LONGEST_NAME = 4
_HANDLE = re.compile(r"@([a-z0-9_ ]{3,40})")
_MANNER_OF = re.compile(
    r"\b(?:style of|manner of|art of|aesthetics? of|inspired by|imitating|imitation of|a la"
    r"|stil von|style de|estilo de|stile di)\b(?= )"
)
_MENTIONED = re.compile(r"\b(?:by|like|after)\b(?= )")
_STYLE = re.compile(r"(?<= )(?:s )?(?:style|styled|inspired|esque)\b")


def protected_styles_policy(texts: Mapping[str, str], asker: Asker) -> Finding | None:
    """The first protected name whose manner a text asks for; one's own is free."""
    for field in ("prompt", "negative_prompt"):
        reading = folded(texts.get(field, ""))
        named = dict(_names(reading))
        if not named:
            continue
        for name in _protected(set(named), asker):
            return Finding(RULE, VERSION, field, reading.span(*named[name]), SAYS)
    return None


def _protected(names: set[str], asker: Asker) -> list[str]:
    """Those of the names that belong to somebody who protects them."""
    owners = User.objects.filter(
        is_active=True, preferences__contains={"remix_policy": {"style_transfer": False}}
    ).exclude(pk=asker.id)
    handles = {name.replace(" ", "_") for name in names} | {name.replace(" ", "") for name in names}
    by_handle = owners.filter(username__in=handles).values_list("username", flat=True)
    by_name = owners.annotate(lower=Lower("display_name")).filter(lower__in=names)
    found = {folded(name).text for name in by_name.values_list("lower", flat=True)}
    flat = {name.replace("_", "") for name in by_handle}
    return sorted(name for name in names if name in found or name.replace(" ", "") in flat)


def _names(reading: Reading) -> Iterator[tuple[str, tuple[int, int]]]:
    """What may be a name, with where it stands in the reading."""
    text = reading.text
    for found in _HANDLE.finditer(text):
        yield from _beginning(text, found.start(1), shortest=1)
    for found in _MANNER_OF.finditer(text):
        yield from _beginning(text, found.end() + 1, shortest=1)
    for found in _MENTIONED.finditer(text):
        yield from _beginning(text, found.end() + 1, shortest=2)
    for found in _STYLE.finditer(text):
        yield from _ending(text, found.start() - 1)


def _beginning(text: str, start: int, *, shortest: int) -> Iterator[tuple[str, tuple[int, int]]]:
    words = list(re.finditer(r"[^ ]+", text[start:]))[:LONGEST_NAME]
    for count in range(shortest, len(words) + 1):
        end = start + words[count - 1].end()
        yield text[start:end].lstrip("@"), (start, end)


def _ending(text: str, end: int) -> Iterator[tuple[str, tuple[int, int]]]:
    words = list(re.finditer(r"[^ ]+", text[:end]))[-LONGEST_NAME:]
    for word in words:
        yield text[word.start() : end], (word.start(), end)
