"""Every error under /api/v1 as RFC 9457 `application/problem+json`."""

import logging
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from core.errors import DomainError, FieldProblem
from core.problems import CONTENT_TYPE, plain, problem

logger = logging.getLogger(__name__)


def handle_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: whatever a view raises becomes a problem."""
    instance = context["request"].path if context.get("request") else ""
    match error:
        case DomainError():
            answer = _answer(error.code, error.status, error.detail, instance, error.problems)
            if error.retry_after:
                answer["Retry-After"] = str(error.retry_after)
        case exceptions.ValidationError():
            fields = flatten(error.detail)
            summary = "; ".join(f"{f.pointer or 'body'}: {f.detail}" for f in fields[:3])
            answer = _answer("invalid", 400, summary, instance, fields)
        case exceptions.Throttled():
            answer = _answer("throttled", 429, "Slow down, then try again.", instance)
            answer["Retry-After"] = str(max(1, int(getattr(error, "wait", None) or 1)))
        case exceptions.APIException():
            codes = error.get_codes()
            code = codes if isinstance(codes, str) else "error"
            answer = _answer(code, error.status_code, str(error.detail), instance)
            if header := getattr(error, "auth_header", None):
                answer["WWW-Authenticate"] = header
        case Http404():
            answer = _answer("not_found", 404, "There is no such thing, or not for you.", instance)
        case PermissionDenied():
            answer = _answer("forbidden", 403, "You may not do this.", instance)
        case RequestDataTooBig():
            answer = _answer("body_too_large", 413, "The body is too large.", instance)
        case SuspiciousOperation():
            answer = _answer("bad_request", 400, "The request is malformed.", instance)
        case OperationalError() | InterfaceError() if _away(error):
            logger.error("database away: %s", error)
            answer = _answer("unavailable", 503, "The database is away. Try again.", instance)
            answer["Retry-After"] = "5"
        case _:
            return None
    set_rollback()
    return answer


def flatten(detail: Any, pointer: str = "") -> list[FieldProblem]:
    """DRF's nested error detail as a flat list with JSON pointers."""
    if isinstance(detail, dict):
        return [
            found
            for name, inner in detail.items()
            for found in flatten(
                inner, pointer if name == "non_field_errors" else f"{pointer}/{_token(name)}"
            )
        ]
    if isinstance(detail, list):
        return [
            found
            for index, inner in enumerate(detail)
            for found in flatten(
                inner, f"{pointer}/{index}" if isinstance(inner, dict | list) else pointer
            )
        ]
    return [FieldProblem(pointer, getattr(detail, "code", None) or "invalid", str(detail))]


def _token(name: Any) -> str:
    """A name as part of a pointer (RFC 6901, section 3)."""
    return str(name).replace("~", "~0").replace("/", "~1")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if request.path.startswith("/api/"):
        return plain(request, "not_found", 404, "There is no such address.")
    return render(request, "web/404.html", status=404)


def no_such_route(request: HttpRequest, rest: str) -> HttpResponse:
    """The last route under /api/: also with DEBUG=1 an unknown address is a problem, no page."""
    return not_found(request)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return plain(request, "bad_request", 400, "The request is malformed.")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return plain(request, "forbidden", 403, "You may not do this.")


def server_error(request: HttpRequest) -> HttpResponse:
    return plain(request, "server_error", 500, "This is our fault, and it has been noted.")


def _answer(
    code: str,
    status_code: int,
    detail: str,
    instance: str,
    errors: list[FieldProblem] | None = None,
) -> Response:
    body = problem(code, status_code, detail, instance=instance, errors=errors)
    return Response(body, status=status_code, content_type=CONTENT_TYPE)


def _away(error: Exception) -> bool:
    """Whether trying again helps, as opposed to a statement that the database refused.

    PostgreSQL, appendix A: 08 connection exception, 57 operator intervention (shutdown, time-out),
    40 rollback (deadlock), 55P03 lock not available.
    """
    state = getattr(error.__cause__, "sqlstate", None)
    return state is None or state.startswith(("08", "57", "40", "55P03"))
