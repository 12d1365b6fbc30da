"""OpenAPI 3.1 from the views, with the problem answers that every route may give."""

from functools import cache
from typing import Any, Literal

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, inline_serializer
from rest_framework import serializers

RULE = inline_serializer(
    "Rule",
    {"id": serializers.CharField(), "version": serializers.IntegerField()},
    required=False,
)
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
                "rule": RULE,
                "span": serializers.ListField(
                    child=serializers.IntegerField(),
                    required=False,
                    help_text="Begin and end of what the rule met in the field, in characters.",
                ),
            },
            many=True,
        ),
    },
)


PAGING = [
    OpenApiParameter("cursor", str, description="From `next` of the page before."),
    OpenApiParameter("limit", int, description="1 to 100; 20 without it."),
]
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="The same key and body give the same answer again; see docs/api.md.",
)


class Schema(AutoSchema):
    """Adds what the routes have in common: the problem answer, pages, Idempotency-Key."""

    def get_override_parameters(self) -> list[Any]:
        parameters = list(super().get_override_parameters())
        answer = type(self.get_response_serializers()).__name__
        if self.method == "GET" and answer.endswith("Page"):
            parameters += PAGING
        if getattr(getattr(self.view, self.method.lower(), None), "idempotent", False):
            parameters.append(IDEMPOTENCY_KEY)
        return parameters

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


class Filtered(serializers.Serializer[Any]):
    """How many items a page passed over, by why."""

    ai = serializers.IntegerField()
    unknown = serializers.IntegerField()
    muted = serializers.IntegerField()
    agents = serializers.IntegerField()
    reason = serializers.CharField(allow_null=True)


@cache
def cursor_page(
    item: type[serializers.Serializer[Any]], *, filtered: bool = False, unread: bool = False
) -> Any:
    """The documented shape of a page of `item`; `unread`: with how many were not read."""
    fields: dict[str, Any] = {
        "results": item(many=True),
        "next": serializers.CharField(allow_null=True),
        "previous": serializers.CharField(allow_null=True),
    }
    if filtered:
        fields["filtered"] = Filtered()
    if unread:
        fields["unread"] = serializers.IntegerField()
    kind = "Feed" if filtered else "Page"
    return inline_serializer(f"{item.__name__.removesuffix('Out')}{kind}", fields)
