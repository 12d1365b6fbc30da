"""A provider's HTTP API. Whatever goes wrong on the way comes out as a BackendError.

No request is repeated here: a lost answer may mean work that was done and is paid for, and only the
engine knows how often it may be tried.
"""

import email.utils
import json
import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import httpx

from media_gen.backends.errors import (
    BackendError,
    BadRequest,
    Broken,
    Busy,
    Missing,
    Uncertain,
    Unusable,
)
from media_gen.backends.options import address

MAX_ANSWER = 128 * 1024 * 1024
CONNECT_SECONDS = 5.0
MAX_SAID = 300
_NOT_NOW = {
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.CONFLICT,
    HTTPStatus.TOO_EARLY,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}
_NOT_US = {
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.PAYMENT_REQUIRED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.METHOD_NOT_ALLOWED,
}


class Provider:
    """One base address and what identifies us there.

    Subclasses read a provider's own errors in `failure`. `answer_seconds`: the longest silence.
    Raises ValueError for what is no address.
    """

    def __init__(
        self, base_url: str, headers: Mapping[str, str] | None = None, answer_seconds: float = 30.0
    ) -> None:
        self.base_url = address(base_url)
        self._headers = dict(headers or {})
        self._answer_seconds = answer_seconds

    def client(self, seconds: float | None = None) -> httpx.Client:
        """A client of its own, for work that may be given up: closing it ends the work."""
        timeout = httpx.Timeout(seconds or self._answer_seconds, connect=CONNECT_SECONDS)
        return httpx.Client(base_url=self.base_url, headers=self._headers, timeout=timeout)

    def get(self, path: str, **request: Any) -> Any:
        """The JSON at a path. Raises a BackendError."""
        with self.client() as client:
            return self.ask(client, "GET", path, **request)

    def post(self, path: str, **request: Any) -> Any:
        """What a POST that starts no work answers. Raises a BackendError."""
        with self.client() as client:
            return self.ask(client, "POST", path, **request)

    def file(self, path: str, **request: Any) -> bytes:
        """What a file of the provider's holds. Raises a BackendError; Broken if it is gone."""
        try:
            with self.client() as client, self.answer(client, "GET", path, **request) as answer:
                return read(answer)
        except Missing as error:
            raise Broken("The backend's image is not where it said.", "no_image") from error

    def tell(self, path: str, **request: Any) -> None:
        """A POST whose answer nobody reads. Raises a BackendError."""
        with self.client() as client, self.answer(client, "POST", path, **request) as answer:
            read(answer)

    def ask(
        self,
        client: httpx.Client,
        method: str,
        path: str,
        *,
        starts_work: bool = False,
        **rest: Any,
    ) -> Any:
        """The JSON that comes back. Raises a BackendError; Uncertain only if it `starts_work`."""
        with self.answer(client, method, path, starts_work=starts_work, **rest) as answer:
            return parsed(read(answer))

    @contextmanager
    def answer(
        self,
        client: httpx.Client,
        method: str,
        path: str,
        *,
        starts_work: bool = False,
        **rest: Any,
    ) -> Iterator[httpx.Response]:
        """A good answer whose body has yet to be read."""
        with _named(starts_work), client.stream(method, path, **rest) as answer:
            if answer.is_success:
                yield answer
            else:
                raise self.failure(answer.status_code, read(answer), answer.headers)

    def failure(self, status: int, body: bytes, headers: Mapping[str, str]) -> BackendError:
        """What a status that is no success means."""
        said = said_in(body)
        if status in _NOT_NOW:
            return Busy(said or "The backend is busy.", retry_after=retry_after(headers))
        if status == HTTPStatus.NOT_FOUND:
            return Missing("The backend cannot be used now. It was not your request's fault.")
        if status in _NOT_US:
            return Unusable("The backend cannot be used now. It was not your request's fault.")
        if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
            return BadRequest(said or "The backend did not understand the request.")
        return Broken("The backend fell over.")


@contextmanager
def _named(starts_work: bool) -> Iterator[None]:
    """What happens to a connection, as what it means for the work."""
    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise Busy("The backend cannot be reached.") from error
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError) as error:
        raise Broken("The backend is configured wrongly.") from error
    except (httpx.TransportError, httpx.StreamError) as error:
        if starts_work:
            raise Uncertain("The backend's answer was lost.") from error
        raise Busy("The backend does not answer.") from error


def read(answer: httpx.Response) -> bytes:
    """The whole body. Raises Broken if there is no end to it."""
    body = bytearray()
    for piece in answer.iter_bytes():
        body += piece
        if len(body) > MAX_ANSWER:
            raise Broken("The backend sent more than an image.")
    return bytes(body)


def parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError as error:
        raise Broken("The backend sent something that is no JSON.") from error


def as_object(found: Any) -> Mapping[str, Any]:
    """Raises Broken if it is no JSON object."""
    if not isinstance(found, Mapping):
        raise Broken("The backend answered in another shape than it should.")
    return found


def said_in(body: bytes) -> str:
    """The sentence in an error's body, in the shapes that servers have for it; "" if none."""
    try:
        found: Any = json.loads(body)
    except ValueError:
        text = body[: 4 * MAX_SAID].decode("utf-8", "replace").strip()
        return "" if text.startswith("<") else text[:MAX_SAID]
    for _ in range(3):
        if isinstance(found, Mapping):
            found = next((found[key] for key in ("error", "message", "detail") if key in found), "")
    return found[:MAX_SAID] if isinstance(found, str) else ""


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds, from either form of the header (RFC 9110 §10.2.3)."""
    given = headers.get("Retry-After", "").strip()
    if not given:
        return None
    try:
        seconds = float(given)
        return max(0.0, seconds) if math.isfinite(seconds) else None
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(given).timestamp() - time.time())
    except ValueError:
        return None
