"""Templates of what a provider is sent: `{{prompt}}` stands for the request's prompt, and so on.

A text that is nothing but a slot becomes the value with its type; a slot within a longer text
becomes its words.
"""

import re
from collections.abc import Mapping
from typing import Any

from media_gen.backends.base import Request

_SLOT = re.compile(r"\{\{\s*(\w+)\s*\}\}")
NAMES = frozenset(
    {
        "prompt",
        "negative_prompt",
        "model",
        "width",
        "height",
        "seed",
        "strength",
        "image",
        "mask",
    }
)


class UnknownSlot(ValueError):
    """A template asks for what no request has."""


def slots_in(template: Any) -> set[str]:
    """The names in a template. Raises UnknownSlot."""
    if isinstance(template, str):
        found = set(_SLOT.findall(template))
    elif isinstance(template, Mapping):
        found = set().union(*(slots_in(value) for value in template.values()))
    elif isinstance(template, list):
        found = set().union(*(slots_in(value) for value in template))
    else:
        found = set()
    if unknown := found - NAMES:
        raise UnknownSlot(f"{', '.join(sorted(unknown))}: known are {', '.join(sorted(NAMES))}")
    return found


def filled(template: Any, values: Mapping[str, Any]) -> Any:
    """A copy of the template with its slots filled."""
    if isinstance(template, Mapping):
        return {key: filled(value, values) for key, value in template.items()}
    if isinstance(template, list):
        return [filled(value, values) for value in template]
    if not isinstance(template, str):
        return template
    if whole := _SLOT.fullmatch(template.strip()):
        return values[whole[1]]
    return _SLOT.sub(lambda found: str(values[found[1]]), template)


def values_of(request: Request, index: int, **files: str) -> dict[str, Any]:
    """What a request fills in for its image of this index; `files`: image and mask, as they are."""
    return {
        "prompt": request.prompt,
        "negative_prompt": request.negative_prompt,
        "model": request.model,
        "width": request.width,
        "height": request.height,
        "seed": seed_of(request, index),
        "strength": request.strength,
        **files,
    }


def seed_of(request: Request, index: int) -> int:
    return (request.seed + index) % 2**32
