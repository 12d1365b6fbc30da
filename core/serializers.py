"""Bases of what the API reads and writes."""

import unicodedata
from typing import Any

from rest_framework import serializers
from rest_framework.fields import empty

# Letters and signs by their category, of which nothing is drawn.
_BLANKS = frozenset("\u034f\u115f\u1160\u2800\u3164\uffa0")
# Unicode, UAX 9: explicit embeddings, overrides and isolates.
_TURNING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


class Input(serializers.Serializer[Any]):
    """A request body. Fields that it does not know are errors, so that typing errors are seen."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            known = {name for name, field in self.fields.items() if not field.read_only}
            unknown = {
                str(name)[:100]: [serializers.ErrorDetail("Unknown field.", code="unknown_field")]
                for name in data
                if name not in known
            }
            if unknown:
                raise serializers.ValidationError(unknown)
        return super().to_internal_value(data)


class Text(serializers.CharField):
    """A string, and nothing that could be made one: a number in its place is a mistake.

    One in which there is nothing to be seen is blank.
    """

    def run_validation(self, data: Any = empty) -> Any:
        if isinstance(data, str) and not any(map(_is_seen, data)):
            data = ""
        return super().run_validation(data)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Name(Text):
    """A text that stands beside others in a line, and does not turn them around."""

    def to_internal_value(self, data: Any) -> str:
        return super().to_internal_value(data).translate(_TURNING)


class Switch(serializers.BooleanField):
    """true or false, and nothing that could be made one: who writes "no" may mean something."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Key(serializers.UUIDField):
    """An id as answers show it; of a number one could be made, but none was meant."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid", value=data)
        return super().to_internal_value(data)


class List(serializers.ListField):
    """One that is too long is refused as such, and not read thing by thing."""

    def to_internal_value(self, data: Any) -> list[Any]:
        if isinstance(data, list) and self.max_length and len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        return list(super().to_internal_value(data))


def _is_seen(character: str) -> bool:
    unseen = unicodedata.category(character) in {"Cc", "Cf", "Zs", "Zl", "Zp"}
    return not (unseen or character in _BLANKS)


class Output(serializers.Serializer[Any]):
    """The documented shape of an answer. Answers are built as plain dicts by `present` functions;
    the tests hold every answer against the schema made from these classes."""
