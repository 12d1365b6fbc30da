"""Rules of words: which may not stand together in a prompt. Their file is PROMPT_RULES."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from safety.findings import Asker, Finding
from safety.reading import folded, readings

FIELDS = frozenset({"prompt", "negative_prompt"})


class BrokenRules(Exception):
    """The file of rules is missing, or is no such file."""


# So many of a rule's words are looked for in one, as in "nakedchild".
MOST_RUN_TOGETHER = 6


@dataclass(frozen=True, slots=True)
class Words:
    """Any of some words: whole, or within letters that were run together."""

    whole: re.Pattern[str]
    within: re.Pattern[str]

    def search(self, text: str, runs: Iterable[tuple[int, int]]) -> re.Match[str] | None:
        """`runs`: where nobody knows where a word ends."""
        found = (self.within.search(text, *run) for run in runs)
        return self.whole.search(text) or next(filter(None, found), None)


@dataclass(frozen=True, slots=True)
class Rule:
    """Found where one word of each list stands in a field. `says` is told to who asked.

    `composed`: a word that is nothing but words of the lists, written without their blanks.
    """

    id: str
    version: int
    fields: frozenset[str]
    lists: tuple[Words, ...]
    composed: re.Pattern[str]
    says: str

    def found_in(self, field: str, text: str) -> Finding | None:
        for reading in readings(text):
            runs = [*reading.runs, *(word.span() for word in self.composed.finditer(reading.text))]
            words = [words.search(reading.text, runs) for words in self.lists]
            if all(words):
                spans = [reading.span(*word.span()) for word in words if word]
                hull = (min(start for start, _ in spans), max(end for _, end in spans))
                return Finding(self.id, self.version, field, hull, self.says)
        return None


def words_policy(texts: Mapping[str, str], asker: Asker) -> Finding | None:
    """The first rule that a text meets. Raises BrokenRules."""
    del asker
    path = Path(settings.PROMPT_RULES)
    try:
        rules = _loaded(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise BrokenRules(f"PROMPT_RULES: {path} cannot be read") from error
    return next(
        (
            found
            for rule in rules
            for field in sorted(rule.fields & texts.keys(), reverse=True)
            if (found := rule.found_in(field, texts[field]))
        ),
        None,
    )


@lru_cache(maxsize=4)
def _loaded(path: Path, changed: int) -> tuple[Rule, ...]:
    """The rules of a file, read again when it changed. Raises BrokenRules."""
    del changed
    try:
        rules = tuple(_rule(given) for given in json.loads(path.read_text())["rules"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BrokenRules(f"PROMPT_RULES: {path} holds no rules: {error!r}") from error
    if not rules:
        raise BrokenRules(f"PROMPT_RULES: {path} holds no rules")
    return rules


def _rule(given: Mapping[str, Any]) -> Rule:
    """Raises ValueError, KeyError, TypeError, AttributeError for what is no rule."""
    fields, lists = frozenset(given["fields"]), given["all"]
    if not fields or fields - FIELDS or not lists or not all(lists):
        raise ValueError(f"rule {given['id']!r} names no known field, or has an empty list")
    folds = [_folds(words) for words in lists]
    every = _any_of({fold.replace(" ", "") for each in folds for fold in each})
    return Rule(
        id=str(given["id"]),
        version=int(given["version"]),
        fields=fields,
        lists=tuple(_words(each) for each in folds),
        composed=re.compile(rf"\b(?:{every}){{1,{MOST_RUN_TOGETHER}}}\b"),
        says=str(given["says"]),
    )


def _folds(words: list[str]) -> set[str]:
    """The words, each read as a prompt is. Raises ValueError for what has no letter."""
    folds = {folded(word).text.strip() for word in words}
    if not all(folds):
        raise ValueError("a word without a letter")
    return folds


def _words(folds: set[str]) -> Words:
    run_together = folds | {fold.replace(" ", "") for fold in folds}
    return Words(re.compile(rf"\b(?:{_any_of(folds)})\b"), re.compile(_any_of(run_together)))


def _any_of(words: set[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=lambda w: (-len(w), w)))
