"""A text as a rule reads it: small letters without marks, so that disguises do not help.

Folding is NFKD and case (Unicode Standard Annex 15); then accents, invisible characters and letters
of other scripts that look like Latin ones go. Every character remembers where it stood, so that a
refusal can show the words as they were written.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

#: Cyrillic and Greek letters that look like Latin ones (Unicode Technical Standard 39).
LOOKALIKES = str.maketrans("авекмнорстухіјѕԁһαεικνορτυχ", "abekmhopctyxijsdhaeiknoptux")
DIGITS = str.maketrans("01345789@$!", "oieastbgasi")
_SPELT = re.compile(r"(?:\b\w\b ){2,}\b\w\b")


@dataclass(frozen=True, slots=True)
class Reading:
    """`at[i]`: where the i-th character of `text` stood in the original.

    `run_together`: words were spelt out, and no one knows where one ends.
    """

    text: str
    at: tuple[int, ...]
    run_together: bool = False

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where text[start:end] stood: begin and end in the original, in characters."""
        return self.at[start], self.at[end - 1] + 1


def readings(text: str) -> Iterator[Reading]:
    """The text, the text with digits for letters, and with words that are spelt out joined."""
    plain = folded(text)
    yield plain
    if (undigited := plain.text.translate(DIGITS)) != plain.text:
        yield Reading(undigited, plain.at)
    if _SPELT.search(plain.text):
        yield _joined(plain)


def folded(text: str) -> Reading:
    """Letters and digits; everything else is one blank, `@` and `$` and `!` excepted."""
    letters: list[tuple[str, int]] = []
    for position, character in enumerate(text):
        for part in unicodedata.normalize("NFKD", character).casefold():
            kind = unicodedata.category(part)
            if kind in {"Mn", "Cf"}:
                continue
            kept = part.translate(LOOKALIKES) if kind[0] in "LN" or part in "@$!" else " "
            if kept == " " and (not letters or letters[-1][0] == " "):
                continue
            letters.append((kept, position))
    return Reading("".join(letter for letter, _ in letters), tuple(at for _, at in letters))


def _joined(reading: Reading) -> Reading:
    """`n u d e` as `nude`."""
    dropped = {
        index
        for run in _SPELT.finditer(reading.text)
        for index in range(run.start(), run.end())
        if reading.text[index] == " "
    }
    kept = [index for index in range(len(reading.text)) if index not in dropped]
    text = "".join(reading.text[index] for index in kept)
    return Reading(text, tuple(reading.at[index] for index in kept), run_together=True)
