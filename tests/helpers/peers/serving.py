"""A server of a few routes, on a port of its own, that remembers what it was asked."""

import json
import re
import threading
from collections.abc import Callable, Iterator
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


@contextmanager
def serving(peer: Peer) -> Iterator[Peer]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            given = peer.answer(
                Asked(self.command, parts.path, parse_qs(parts.query), headers, body)
            )
            try:
                self.send(given)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

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

        def send(self, given: Answer) -> None:
            if given.upgraded:
                self.upgrade(*given.upgraded)
                return
            self.send_response(given.status)
            headers = dict(given.headers)
            streamed = not isinstance(given.body, (bytes, dict, list, str, type(None)))
            body = given.body
            if not streamed and not isinstance(body, bytes):
                headers.setdefault("Content-Type", "application/json")
                body = json.dumps(body).encode()
            for name, value in headers.items():
                self.send_header(name, value)
            if streamed or given.cut:
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                for piece in body if streamed else [body]:
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                    self.wfile.flush()
                if given.cut:
                    self.close_connection = True
                else:
                    self.wfile.write(b"0\r\n\r\n")
            else:
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        do_GET = do_POST = do_PUT = answer  # noqa: N815  # the base class looks for these names

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
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
