"""A server of a few routes, on a port of its own, that remembers what it was asked."""

import json
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

#: The first byte of a WebSocket's closing frame.
CLOSING = 0x88


@dataclass
class Asked:
    """A request. `parts`: of a multipart body, by name."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def parts(self) -> dict[str, bytes]:
        head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode()
        message = BytesParser(policy=HTTP).parsebytes(head + self.body)
        return {
            part.get_param("name", header="content-disposition"): part.get_payload(decode=True)
            for part in message.iter_parts()
        }


@dataclass
class Answer:
    """`body`: JSON, bytes, or pieces that are sent one after another; `cut` ends it too early.

    `upgraded`: the proof of a WebSocket's key, and the list that the open socket joins.
    """

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    upgraded: tuple[str, list[Any]] | None = None


@dataclass
class Peer:
    """Routes are (method, pattern of the path) → what answers an Asked."""

    routes: dict[tuple[str, str], Callable[..., Any]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    url: str = ""

    def answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        for (method, pattern), handle in self.routes.items():
            if method == asked.method and (found := re.fullmatch(pattern, asked.path)):
                answer = handle(asked, *found.groups())
                return answer if isinstance(answer, Answer) else Answer(answer)
        return Answer({"error": "no such route"}, 404)

    def paths(self) -> list[str]:
        return [f"{asked.method} {asked.path}" for asked in self.asked]


class Handler(BaseHTTPRequestHandler):
    """Hands requests to `peer`, which a subclass for each server has."""

    peer: Peer
    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.command, parts.path, parse_qs(parts.query), headers, body)
        given = self.peer.answer(asked)
        try:
            self.send(given)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def send(self, given: Answer) -> None:
        if given.upgraded:
            self.upgrade(*given.upgraded)
            return
        headers, body = dict(given.headers), given.body
        streamed = not isinstance(body, (bytes, dict, list, str, type(None)))
        if not streamed and not isinstance(body, bytes):
            headers.setdefault("Content-Type", "application/json")
            body = json.dumps(body).encode()
        chunked = streamed or given.cut
        length = {"Transfer-Encoding": "chunked"} if chunked else {"Content-Length": len(body)}
        self.send_response(given.status)
        for name, value in (headers | length).items():
            self.send_header(name, str(value))
        self.end_headers()
        if chunked:
            self.send_chunks(body if streamed else [body], cut=given.cut)
        else:
            self.wfile.write(body)

    def send_chunks(self, pieces: Iterable[bytes], *, cut: bool) -> None:
        for piece in pieces:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.flush()
        if cut:
            self.close_connection = True
        else:
            self.wfile.write(b"0\r\n\r\n")

    def upgrade(self, accept: str, sockets: list[Any]) -> None:
        self.send_response(101)
        for name, value in (("Upgrade", "websocket"), ("Connection", "Upgrade")):
            self.send_header(name, value)
        self.send_header("Sec-WebSocket-Accept", accept)
        self.end_headers()
        sockets.append(self.connection)
        while (frame := self.connection.recv(4096)) and frame[0] != CLOSING:
            pass
        self.connection.sendall(bytes([CLOSING, 0]))
        self.close_connection = True

    do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815  # the base class looks for these names

    def log_message(self, *args: Any) -> None:
        pass


@contextmanager
def serving(peer: Peer) -> Iterator[Peer]:
    handler = type("PeerHandler", (Handler,), {"peer": peer})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    peer.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield peer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
