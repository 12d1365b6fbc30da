"""What every answer carries, whoever makes it."""

import logging
import re
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.core.exceptions import DisallowedHost, RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.deprecation import MiddlewareMixin
from django.utils.http import quote_etag

from backend.logs import request_id
from backend.problems import server_error
from core.ids import uuid7
from core.problems import plain

logger = logging.getLogger(__name__)
_ID = re.compile(r"^[A-Za-z0-9-]{8,64}$")
_ACCOUNTS_RETRY_SECONDS = 60
# Half characters and endless nesting, which allauth hands on to the database and the stack.
_UNREADABLE = (UnicodeEncodeError, RecursionError, RequestDataTooBig)


class RequestContextMiddleware:
    """Gives the request an id for the logs, and a 429 of allauth's its Retry-After.

    Works in both worlds, so that the event streams are not pushed through threads.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        if iscoroutinefunction(self):
            return self._answer_later(request)
        _begin(request)
        return _finish(_malformed(request) or self.get_response(request))

    async def _answer_later(self, request: HttpRequest) -> HttpResponseBase:
        _begin(request)
        return _finish(_malformed(request) or await self.get_response(request))


def _unreadable_body() -> JsonResponse:
    """In allauth's shape, for bodies that allauth answers with an empty page or not at all."""
    error = {"message": "The body cannot be read as JSON of this route.", "code": "invalid"}
    return JsonResponse({"status": 400, "errors": [error]}, status=400)


def _is_bare_refusal(response: HttpResponseBase) -> bool:
    return response.status_code == 400 and "json" not in response.headers.get("Content-Type", "")


def _begin(request: HttpRequest) -> None:
    given = request.headers.get("X-Request-ID", "")
    request_id.set(given if _ID.match(given) else str(uuid7()))


def _malformed(request: HttpRequest) -> HttpResponse | None:
    """Refuses foreign hosts, NUL in an address, which Postgres can neither store nor compare, and
    bodies of unsaid length, which DRF takes for empty."""
    try:
        request.get_host()
    except DisallowedHost:
        return plain(request, "bad_host", 400, "This host is not served here.")
    if "\0" in request.path:
        return plain(request, "not_found", 404, "There is no such address.")
    if "%00" in request.META.get("QUERY_STRING", ""):
        return plain(request, "bad_request", 400, "The address has a NUL character.")
    if request.path.startswith("/api/") and "Transfer-Encoding" in request.headers:
        return plain(request, "length_required", 411, "Send a body with Content-Length, unchunked.")
    return None


def _finish(response: HttpResponseBase) -> HttpResponseBase:
    response.headers.setdefault("X-Request-ID", request_id.get())
    if response.status_code == 429:
        response.headers.setdefault("Retry-After", str(_ACCOUNTS_RETRY_SECONDS))
    return response


class ApiAnswersMiddleware(MiddlewareMixin):
    """Answers of the API depend on who asks, are not shared by caches, and carry an ETag.

    An error that nobody caught is a problem too, with DEBUG=1 as without.
    """

    def process_exception(self, request: HttpRequest, exception: Exception) -> Any:
        if request.path.startswith("/_allauth/") and isinstance(exception, _UNREADABLE):
            return _unreadable_body()
        if not request.path.startswith("/api/"):
            return None
        logger.error("unhandled: %s %s", request.method, request.path, exc_info=exception)
        return server_error(request)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> Any:
        if request.path.startswith("/_allauth/") and _is_bare_refusal(response):
            return _unreadable_body()
        if not request.path.startswith("/api/") or not isinstance(response, HttpResponse):
            return response  # pages, files and streams say for themselves how they are cached
        patch_vary_headers(response, ["Authorization"])
        if request.method in {"GET", "HEAD"} and response.status_code == 200:
            response.headers.setdefault("Cache-Control", "private, no-cache")
            if not response.content:
                return response  # another server puts a file in
            # Django's own is of MD5, which takes a page three times as long.
            etag = response.headers["ETag"] = quote_etag(sha256(response.content).hexdigest())
            return get_conditional_response(request, etag=etag, response=response)
        response.headers.setdefault("Cache-Control", "no-store")
        return response
