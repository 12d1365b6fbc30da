"""Getting a file from an address that a stranger named, without becoming their messenger.

Whoever names an address may own its name server and its web server. Therefore: names are looked
up once, every address found must be public, the connection goes to exactly what was checked, each
redirect is checked like the first address, and one deadline covers everything (OWASP, "Server-Side
Request Forgery Prevention Cheat Sheet"; a name that changes its address in between is known as
DNS rebinding). What the answer calls itself is ignored: the decoder says what it is.
"""

import io
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from core.errors import DomainError
from media.arrivals.addresses import is_public

HTTPS_PORT = 443
MAX_URL = 2000
MAX_REDIRECTS = 3
CONNECT_SECONDS = 3.0
USER_AGENT = "Pentimento (image import)"
_BLOCK = 64 * 1024
# Beside the file itself: the answer's head, and the frames of a chunked body.
_OVERHEAD = 256 * 1024
_REDIRECTS = {301, 302, 303, 307, 308}
# `urlsplit` drops some of these in silence; other programs read a backslash as a slash.
_BLANKS_AND_BACKSLASHES = re.compile(r"[\x00-\x20\x7f\\]")
_HOST = re.compile(r"[a-z0-9._:-]{1,253}")
# What a path and a query may hold as it is; the rest is percent-encoded (RFC 3986 §3.3, §3.4).
_PLAIN = "/?%:@!$&'()*+,;=~"

# A family of addresses, and an address of it as `socket.connect` takes it.
Place = tuple[int, tuple[Any, ...]]


class BadUrl(DomainError):
    """An address is https://, on port 443, without credentials, of at most 2000 characters."""

    code = "bad_url"
    field = "url"


class FetchFailed(DomainError):
    """The file could not be fetched."""

    status = 422
    code = "fetch_failed"
    field = "url"


class Unreachable(FetchFailed):
    """The address cannot be reached."""

    code = "unreachable"


class NotTrusted(FetchFailed):
    """The server's certificate is not valid for this address."""

    code = "bad_certificate"


class TooSlow(FetchFailed):
    """The server took too long to send the file."""

    code = "too_slow"


class TooLarge(FetchFailed):
    """The file is larger than an upload may be."""

    code = "body_too_large"


class Encoded(FetchFailed):
    """The server sent a compressed answer although none was asked for."""

    code = "encoded"


class CutShort(FetchFailed):
    """The server ended before the file was whole, or spoke no HTTP."""

    code = "cut_short"


class Refused(FetchFailed):
    """The server does not give the file."""

    code = "refused"


class BadRedirect(FetchFailed):
    """The server redirects too often, or to an address that is not fetched."""

    code = "bad_redirect"


@dataclass(frozen=True, slots=True)
class Target:
    """A checked address. `host` is ASCII; `path` begins with a slash and holds the query."""

    host: str
    path: str

    @property
    def authority(self) -> str:
        """The host as an HTTP request names it: IPv6 in brackets (RFC 3986 §3.2.2)."""
        return f"[{self.host}]" if ":" in self.host else self.host


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was fetched: whose it was in the end, and its size in bytes."""

    host: str
    size: int


def look_up(host: str) -> list[Place]:
    """All addresses of a host. Raises OSError, UnicodeError."""
    found = socket.getaddrinfo(host, HTTPS_PORT, type=socket.SOCK_STREAM)
    return [(family, place) for family, _, _, _, place in found]


@dataclass(frozen=True, slots=True)
class Network:
    """How hosts are found and whom to believe. Tests bring their own."""

    look_up: Callable[[str], Sequence[Place]] = look_up
    is_allowed: Callable[[str], bool] = is_public
    trust: ssl.SSLContext = field(default_factory=ssl.create_default_context)


def target_of(url: str) -> Target:
    """What to ask of whom. Raises BadUrl."""
    if len(url) > MAX_URL or _BLANKS_AND_BACKSLASHES.search(url):
        raise BadUrl
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode("ascii")
        path = quote(parts.path or "/", safe=_PLAIN)
        query = quote(parts.query, safe=_PLAIN)
    except ValueError as error:  # UnicodeError is one
        raise BadUrl from error
    if parts.scheme != "https" or port not in {None, HTTPS_PORT} or "@" in parts.netloc:
        raise BadUrl
    if not _HOST.fullmatch(host):
        raise BadUrl
    return Target(host, f"{path}?{query}" if query else path)


def fetch(
    url: str,
    into: Path,
    *,
    max_bytes: int,
    deadline_seconds: float,
    network: Network | None = None,
) -> Fetched:
    """Write the file at `url` to `into`. Raises BadUrl, FetchFailed."""
    network = network or Network()
    deadline = _Deadline(deadline_seconds)
    target = target_of(url)
    for _ in range(MAX_REDIRECTS + 1):
        with _connected(target, network, deadline, budget=max_bytes + _OVERHEAD) as wire:
            answer = _ask(wire, target)
            if answer.status not in _REDIRECTS:
                return Fetched(target.host, _receive(answer, into, max_bytes))
        try:
            url = urljoin(url, answer.headers.get("Location", ""))
            target = target_of(url)
        except (BadUrl, ValueError) as error:
            raise BadRedirect from error
    raise BadRedirect


class _Deadline:
    """One moment for everything: look-up, connection, head and each part of the body."""

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds left, more than none. Raises TooSlow."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise TooSlow
        return left


class _Wire(io.RawIOBase):
    """A TLS connection that gives no byte after its deadline, and none beyond its budget.

    A time-out for each read would let a server send a byte a second for ever. This is as much of a
    socket as `http.client` asks for.
    """

    def __init__(self, tls: ssl.SSLSocket, deadline: _Deadline, budget: int) -> None:
        self._tls = tls
        self._deadline = deadline
        self._budget = budget

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._tls.settimeout(self._deadline.left())
        with _named():
            count = self._tls.recv_into(buffer)
        self._budget -= count
        if self._budget < 0:
            raise TooLarge
        return count

    def send(self, data: bytes) -> None:
        self._tls.settimeout(self._deadline.left())
        with _named():
            self._tls.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def close(self) -> None:
        self._tls.close()
        super().close()


@contextmanager
def _named() -> Iterator[None]:
    """What happens to a connection, as what it means here."""
    try:
        yield
    except TimeoutError as error:
        raise TooSlow from error
    except OSError as error:
        raise CutShort from error


def _connected(target: Target, network: Network, deadline: _Deadline, budget: int) -> _Wire:
    """A connection to an address that was checked, with the certificate of the named host."""
    places = _look_up_in_time(network.look_up, target.host, deadline)
    if not places or not all(network.is_allowed(str(place[0])) for _, place in places):
        raise Unreachable
    plain = _connect(places, deadline)
    try:
        plain.settimeout(deadline.left())
        tls = network.trust.wrap_socket(plain, server_hostname=target.host.removesuffix("."))
    except ssl.SSLCertVerificationError as error:
        raise NotTrusted from error
    except TimeoutError as error:
        raise TooSlow from error
    except (OSError, ValueError) as error:
        raise Unreachable from error
    finally:
        plain.close()  # once wrapped, it has given its connection away
    return _Wire(tls, deadline, budget)


def _look_up_in_time(
    look_up: Callable[[str], Sequence[Place]], host: str, deadline: _Deadline
) -> Sequence[Place]:
    """The system's resolver knows no time limit: ask it in a thread, and do not wait for that."""
    answers: SimpleQueue[Sequence[Place] | Exception] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put(look_up(host))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    Thread(target=ask, name="look-up", daemon=True).start()
    try:
        answer = answers.get(timeout=deadline.left())
    except Empty as error:
        raise TooSlow from error
    if isinstance(answer, Exception):
        raise Unreachable from answer
    return answer


def _connect(places: Sequence[Place], deadline: _Deadline) -> socket.socket:
    """A connection to the first of the addresses that answers."""
    for family, place in places:
        seconds = min(CONNECT_SECONDS, deadline.left())
        plain = socket.socket(family, socket.SOCK_STREAM)
        plain.settimeout(seconds)
        try:
            plain.connect(place)
        except OSError:
            plain.close()
        else:
            return plain
    raise Unreachable


def _ask(wire: _Wire, target: Target) -> HTTPResponse:
    """Send the request, read the head of the answer. No cookies, no proxy, no credentials."""
    request = (
        f"GET {target.path} HTTP/1.1\r\n"
        f"Host: {target.authority}\r\n"
        f"User-Agent: {USER_AGENT}\r\n"
        "Accept: image/*\r\n"
        "Accept-Encoding: identity\r\n"
        "Connection: close\r\n\r\n"
    )
    answer = HTTPResponse(wire, method="GET")  # type: ignore[arg-type]  # it only calls makefile
    try:
        wire.send(request.encode("ascii"))
        answer.begin()
    except (HTTPException, ValueError) as error:
        raise CutShort from error
    return answer


def _receive(answer: HTTPResponse, into: Path, max_bytes: int) -> int:
    """Write the body to `into`; its size. Raises Refused, Encoded, TooLarge, TooSlow, CutShort."""
    if answer.status != HTTPStatus.OK:
        raise Refused(f"The server answered {answer.status} instead of giving the file.")
    if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Encoded
    if answer.headers.get("Transfer-Encoding", "chunked").lower() != "chunked":
        raise Encoded
    if (answer.length or 0) > max_bytes:
        raise TooLarge
    size = 0
    try:
        with into.open("wb") as file:
            while block := answer.read(_BLOCK):
                size += len(block)
                if size > max_bytes:
                    raise TooLarge
                file.write(block)
    except (HTTPException, ValueError) as error:
        raise CutShort from error
    if answer.length:  # what was announced and did not come
        raise CutShort
    return size
