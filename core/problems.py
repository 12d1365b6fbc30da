"""The shape of an error answer: RFC 9457 `application/problem+json`."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse

from core.errors import FieldProblem

CONTENT_TYPE = "application/problem+json"
_TITLES = {
    400: "Bad request",
    401: "Sign in first",
    402: "Not enough credits",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    409: "Conflict",
    411: "Length required",
    413: "Too large",
    415: "Unsupported media type",
    422: "Cannot be processed",
    429: "Too many requests",
    500: "Something went wrong here",
    503: "Not available now",
}


def problem(
    code: str,
    status_code: int,
    detail: str,
    *,
    instance: str = "",
    errors: list[FieldProblem] | None = None,
) -> dict[str, Any]:
    """The body of an error answer."""
    return {
        "type": f"urn:pentimento:problem:{code}",
        "title": _TITLES.get(status_code, "Error"),
        "status": status_code,
        "detail": _printable(detail),
        "code": code,
        "instance": instance,
        "errors": [_field(found) for found in errors or []],
    }


def _field(found: FieldProblem) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "pointer": _printable(found.pointer),
        "code": found.code,
        "detail": _printable(found.detail),
    }
    if found.rule is not None:
        shown["rule"] = dict(found.rule)
    if found.span is not None:
        shown["span"] = list(found.span)
    return shown


def plain(request: HttpRequest, code: str, status_code: int, detail: str) -> HttpResponse:
    """An error made outside DRF: a problem for the API, a sentence for a person's browser."""
    if request.path.startswith("/api/"):
        body = problem(code, status_code, detail, instance=request.path)
        return HttpResponse(json.dumps(body), status=status_code, content_type=CONTENT_TYPE)
    return HttpResponse(f"{_TITLES[status_code]}. {detail}\n", status=status_code)


def _printable(text: str) -> str:
    """What a client sent may come back in an error: half characters cannot be sent."""
    return text.encode("utf-8", "replace").decode()
