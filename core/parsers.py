"""Reading bodies, with a limit."""

import io
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import JSONParser

from core.errors import DomainError


class AnyAccept(DefaultContentNegotiation):
    """For routes that answer with a file: what it is does not depend on the Accept header."""

    def select_renderer(
        self, request: Any, renderers: Any, format_suffix: str | None = None
    ) -> tuple[Any, str]:
        return renderers[0], renderers[0].media_type


class BodyTooLarge(DomainError):
    """The body is larger than this route accepts."""

    status = 413
    code = "body_too_large"


class BoundedJSONParser(JSONParser):
    """JSON of at most settings.MAX_JSON_BYTES; deep nesting is a parse error, not a crash."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        limit: int = settings.MAX_JSON_BYTES
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise BodyTooLarge(f"The JSON body may hold at most {limit} bytes.")
        try:
            return super().parse(io.BytesIO(body), media_type, dict(parser_context or {}))
        except RecursionError as error:
            raise ParseError("The JSON is nested too deeply.") from error
