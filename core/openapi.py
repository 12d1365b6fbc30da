"""OpenAPI 3.1 from the views, with the problem answers that every route may give."""

from functools import cache
from typing import Any, Literal

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiResponse, inline_serializer
from rest_framework import serializers

PROBLEM = inline_serializer(
    "Problem",
    {
        "type": serializers.CharField(),
        "title": serializers.CharField(),
        "status": serializers.IntegerField(),
        "detail": serializers.CharField(),
        "code": serializers.CharField(),
        "instance": serializers.CharField(),
        "errors": inline_serializer(
            "FieldProblem",
            {
                "pointer": serializers.CharField(),
                "code": serializers.CharField(),
                "detail": serializers.CharField(),
            },
            many=True,
        ),
    },
)


class Schema(AutoSchema):
    """Adds one `default` answer, application/problem+json, to every operation."""

    def _get_response_bodies(
        self, direction: Literal["request", "response"] = "response"
    ) -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        if direction == "response":
            problem = OpenApiResponse(PROBLEM, description="An error, RFC 9457.")
            bodies["default"] = self._get_response_for_code(  # type: ignore[no-untyped-call]  # spectacular's
                problem, "default", ["application/problem+json"], direction
            )
        return bodies


@cache
def cursor_page(item: type[serializers.Serializer[Any]], *, filtered: bool = False) -> Any:
    """The documented shape of a page of `item`."""
    fields: dict[str, Any] = {
        "results": item(many=True),
        "next": serializers.CharField(allow_null=True),
        "previous": serializers.CharField(allow_null=True),
    }
    if filtered:
        fields["filtered"] = inline_serializer(
            "Filtered",
            {
                "ai": serializers.IntegerField(),
                "unknown": serializers.IntegerField(),
                "muted": serializers.IntegerField(),
                "reason": serializers.CharField(allow_null=True),
            },
        )
    kind = "Feed" if filtered else "Page"
    return inline_serializer(f"{item.__name__.removesuffix('Out')}{kind}", fields)
