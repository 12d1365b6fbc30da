"""What files say is anybody's text: JSON that may be broken, words that may be shown."""

import json
import re
from collections.abc import Mapping

BRIEF = 80


def json_object(text: str) -> dict[str, object]:
    """The JSON object that `text` begins with, or an empty one; nothing is raised."""
    text = text.lstrip("\ufeff\0 \t\r\n")
    if not text.startswith("{"):
        return {}
    try:
        parsed, _ = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}


def inner(parent: Mapping[str, object], key: str) -> dict[str, object]:
    """The object under `key`, or an empty one."""
    value = parent.get(key)
    return value if isinstance(value, dict) else {}


def brief(value: object, limit: int = BRIEF) -> str:
    """Text short and plain enough to be stored and shown; empty for what is not text or number.

    Control characters and lone surrogates go: PostgreSQL stores neither.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    kept = "".join(char for char in str(value)[: 4 * limit] if char.isprintable())
    return kept.strip()[:limit].rstrip()


def file_name(value: object) -> str:
    """The last part of a path, briefly: folders name people and machines."""
    return brief(re.split(r"[\\/]", value)[-1]) if isinstance(value, str) else brief(value)


def number(value: object) -> float | None:
    """A number, also one that was written as text."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None
