"""Requests as the two entry points make them."""

from typing import Any

from django.core.handlers.asgi import ASGIHandler, ASGIRequest
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest


class Utf8Only:
    """Ignores the charset that a Content-Type names: bodies and addresses are UTF-8.

    Django applies any codec that Python knows to the query string, zlib and punycode too, while it
    makes the request: before all middleware, and outside of everything that catches errors.
    """

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        media_type, *parameters = meta.get("CONTENT_TYPE", "").split(";")
        kept = [each for each in parameters if not each.strip().lower().startswith("charset")]
        plain = {**meta, "CONTENT_TYPE": ";".join([media_type, *kept])}
        super()._set_content_type_params(plain)  # type: ignore[misc]  # of the request it is mixed into


class WebRequest(Utf8Only, WSGIRequest):
    pass


class LiveRequest(Utf8Only, ASGIRequest):
    pass


class WebHandler(WSGIHandler):
    request_class = WebRequest


class LiveHandler(ASGIHandler):
    request_class = LiveRequest
