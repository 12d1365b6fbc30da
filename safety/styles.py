"""Names whose owners do not want their style imitated (the preference remix_policy.style_transfer).

A name counts where a prompt asks for somebody's manner: "in the style of …", "… style", "@handle".
After a mere "by" or "like" only names of two words or more do, or half the words there are would be
refused as soon as somebody is called so. Whoever takes a common word for a name to keep it from
others can be suspended: then it protects nothing.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from safety.findings import Asker, Finding
from safety.models import ProtectedStyle
from safety.reading import Reading, folded
from users.models import User

RULE, VERSION = "protected-style", 1
SAYS = "This artist does not want their style imitated."
WORDS_OF_A_NAME = 4
# Letters. A shorter name would be a word of everybody's; a longer one is no name.
SHORTEST, LONGEST = 3, 240
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
        if found := _protected(named.keys(), asker):
            return Finding(RULE, VERSION, field, reading.span(*named[found]), SAYS)
    return None


def names_of(owner: User) -> set[str]:
    """What somebody is called, as prompts are searched for it."""
    names = {_name(given) for given in (owner.username, owner.display_name)}
    return {name for name in names if SHORTEST <= len(name) <= LONGEST}


def _name(text: str) -> str:
    return folded(text).text.replace(" ", "")


def _protected(names: Iterable[str], asker: Asker) -> str | None:
    """The first of the names that somebody else protects."""
    standing = ProtectedStyle.objects.filter(name__in=names, owner__is_active=True)
    theirs = standing.exclude(owner__limit=User.Limit.SUSPENDED).exclude(owner=asker.id)
    return min(theirs.values_list("name", flat=True), default=None)


def _names(reading: Reading) -> Iterator[tuple[str, tuple[int, int]]]:
    """What may be a name, without blanks, with where it stands in the reading."""
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
    words = list(re.finditer(r"[^ ]+", text[start:]))[:WORDS_OF_A_NAME]
    for count in range(shortest, len(words) + 1):
        end = start + words[count - 1].end()
        yield text[start:end].lstrip("@").replace(" ", ""), (start, end)


def _ending(text: str, end: int) -> Iterator[tuple[str, tuple[int, int]]]:
    words = list(re.finditer(r"[^ ]+", text[:end]))[-WORDS_OF_A_NAME:]
    for word in words:
        yield text[word.start() : end].replace(" ", ""), (word.start(), end)
