"""A text as a rule reads it: small letters without marks, so that disguises do not help.

Folding is NFKD and case (Unicode Standard Annex 15); then accents, invisible characters and letters
that only look like Latin ones go. Every character remembers where it stood, so that a refusal can
show the words as they were written.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

#: Cyrillic, Greek and Armenian letters that look like Latin ones (Unicode Technical Standard 39).
LOOKALIKES = str.maketrans(
    "авекмнорстухіјѕԁһѵԝӏαεικνορτυχγօոսհցɑ", "abekmhopctyxijsdhvwlaeiknoptuxyonuhga"
)
#: Signs that are written for letters; what a one stands for, nobody knows.
SIGNS = "@$!"
ONE_AS_I = str.maketrans("01345789@$!", "oieastbgasi")
ONE_AS_L = str.maketrans("01345789@$!", "oleastbgasl")
#: Letters by their names: LATIN LETTER SMALL CAPITAL N, NEGATIVE CIRCLED LATIN CAPITAL LETTER N,
#: LATIN SMALL LETTER O WITH STROKE, REGIONAL INDICATOR SYMBOL LETTER N.
_LATIN = re.compile(
    r"(?:.*\bLATIN (?:SMALL |CAPITAL )?LETTER (?:[A-Z]+ )*?|REGIONAL INDICATOR SYMBOL LETTER )"
    r"([A-Z])(?: WITH .*)?"
)
#: Letters that are nothing to see (Default_Ignorable_Code_Point, beyond those of category Cf).
_NOTHING = "\u115f\u1160\u3164\uffa0"
_SPELT = re.compile(r"(?:\b\w\b ){2,}\b\w\b")
_INNER_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Reading:
    """`at[i]`: where the i-th character of `text` stood in the original.

    `runs`: where words were spelt out, and nobody knows where one ends: begin and end in `text`.
    """

    text: str
    at: tuple[int, ...]
    runs: tuple[tuple[int, int], ...] = ()

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where text[start:end] stood: begin and end in the original, in characters."""
        return self.at[start], self.at[end - 1] + 1


def readings(text: str) -> Iterator[Reading]:
    """The text as it is and as what it may stand for: signs and digits read as letters, words
    that begin within a word, words that are spelt out."""
    seen = set()
    for plain in (folded(text), folded(text, split=True)):
        for reading in (_words(plain), _as_letters(plain, ONE_AS_I), _as_letters(plain, ONE_AS_L)):
            for each in (reading, _joined(reading)):
                if each.text not in seen:
                    seen.add(each.text)
                    yield each


def folded(text: str, *, split: bool = False) -> Reading:
    """Letters, digits and SIGNS; everything else is one blank. `split`: NakedEye as naked eye."""
    inner = {found.start() for found in _INNER_CAPITAL.finditer(text)} if split else set()
    letters: list[tuple[str, int]] = []
    for position, character in enumerate(text):
        for kept in (" " if position in inner else "") + _folded(character):
            if kept != " " or (letters and letters[-1][0] != " "):
                letters.append((kept, position))
    return Reading("".join(letter for letter, _ in letters), tuple(at for _, at in letters))


@lru_cache(maxsize=4096)
def _folded(character: str) -> str:
    """What a character is read as; it may be nothing, a blank, or several letters."""
    return "".join(
        _plain(part)
        for part in unicodedata.normalize("NFKD", character).casefold()
        if part not in _NOTHING and unicodedata.category(part) not in {"Mn", "Me", "Mc", "Cf"}
    )


def _plain(part: str) -> str:
    if part.isascii():
        return part if part.isalnum() or part in SIGNS else " "
    if named := _LATIN.fullmatch(unicodedata.name(part, "")):
        return named[1].lower()
    return part.translate(LOOKALIKES) if unicodedata.category(part)[0] in "LN" else " "


def _words(plain: Reading) -> Reading:
    """Signs are between words."""
    kept: list[tuple[str, int]] = []
    for index, character in enumerate(plain.text):
        letter = " " if character in SIGNS else character
        if letter != " " or (kept and kept[-1][0] != " "):
            kept.append((letter, plain.at[index]))
    return Reading("".join(letter for letter, _ in kept), tuple(at for _, at in kept))


def _as_letters(plain: Reading, letters: dict[int, int]) -> Reading:
    return Reading(plain.text.translate(letters), plain.at)


def _joined(reading: Reading) -> Reading:
    """`n u d e` as `nude`."""
    text, done = "", 0
    at: list[int] = []
    runs: list[tuple[int, int]] = []
    for run in _SPELT.finditer(reading.text):
        text += reading.text[done : run.start()]
        at += reading.at[done : run.start()]
        joined = range(run.start(), run.end(), 2)
        runs.append((len(text), len(text) + len(joined)))
        text += reading.text[run.start() : run.end() : 2]
        at += [reading.at[index] for index in joined]
        done = run.end()
    return Reading(text + reading.text[done:], (*at, *reading.at[done:]), tuple(runs))
