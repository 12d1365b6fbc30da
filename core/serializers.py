"""Bases of what the API reads and writes."""

from typing import Any

from rest_framework import serializers


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
    """A string, and nothing that could be made one: a number in its place is a mistake."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Output(serializers.Serializer[Any]):
    """The documented shape of an answer. Answers are built as plain dicts by `present` functions;
    the tests hold every answer against the schema made from these classes."""
