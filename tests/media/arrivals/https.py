"""A web server with TLS on loopback that says exactly what a test wants, byte for byte."""

import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from media.arrivals.fetching import Network

HOST = "pictures.test"
Speech = Callable[[ssl.SSLSocket], None]


@cache
def certificate() -> tuple[bytes, bytes]:
    """A certificate for HOST that is its own authority, and its key, both as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    today = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName(HOST), x509.IPAddress(ipaddress.ip_address("::1"))]
            ),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM), key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def says(head: str, body: bytes = b"") -> Speech:
    """An answer: the lines of `head`, a blank line, `body`."""
    answer = "\r\n".join(head.splitlines()).encode("latin-1") + b"\r\n\r\n" + body
    return lambda connection: connection.sendall(answer)


def file(body: bytes) -> Speech:
    return says(f"HTTP/1.1 200 OK\nContent-Length: {len(body)}", body)


def redirect(location: str, status: int = 302) -> Speech:
    return says(f"HTTP/1.1 {status} Elsewhere\nLocation: {location}\nContent-Length: 0")


@dataclass
class Server:
    """`answers` maps paths to what is said; `requests` holds the heads that came in."""

    port: int
    answers: dict[str, Speech] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    def network(self, **changed: object) -> Network:
        """A network in which every name leads here, and loopback is allowed."""
        trust = ssl.create_default_context(cadata=certificate()[0].decode())
        place = (socket.AF_INET, ("127.0.0.1", self.port))
        ways = {"look_up": lambda host: [place], "is_allowed": lambda address: True}
        return Network(**{"trust": trust, **ways, **changed})

    def drip(self, *parts: bytes) -> Speech:
        """Say `parts`, then a byte at a time until the other side has had enough."""

        def speak(connection: ssl.SSLSocket) -> None:
            connection.sendall(b"".join(parts))
            while not self.stopped.wait(0.02):
                connection.sendall(b"x")

        return speak


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """A server that ends with the block; `folder` takes its key."""
    pem = folder / "server.pem"
    pem.write_bytes(b"".join(certificate()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Server(listener.getsockname()[1])
        thread = threading.Thread(target=_serve, args=(listener, context, server))
        thread.start()
        try:
            yield server
        finally:
            server.stopped.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def _serve(listener: socket.socket, context: ssl.SSLContext, server: Server) -> None:
    while not server.stopped.is_set():
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        # Whoever hangs up in the middle is what many of the tests are about.
        with connection, suppress(OSError):
            connection.settimeout(10)
            with context.wrap_socket(connection, server_side=True) as tls:
                head = _head(tls)
                server.requests.append(head)
                path = head.split(" ")[1] if " " in head else ""
                server.answers.get(path, says("HTTP/1.1 404 Not Found\nContent-Length: 0"))(tls)


def _head(tls: ssl.SSLSocket) -> str:
    head = b""
    while b"\r\n\r\n" not in head and (more := tls.recv(4096)):
        head += more
    return head.decode("latin-1")
