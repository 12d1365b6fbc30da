"""Fetching from servers that mean well, and from servers that do not."""

import gzip
import socket
import threading

import pytest

from media.arrivals.addresses import is_public
from media.arrivals.fetching import FetchFailed, fetch
from tests.media.arrivals.https import HOST, file, redirect, says

BODY = bytes(range(256)) * 40
METADATA = "169.254.169.254"


@pytest.fixture
def get(server, tmp_path):
    """Fetch a path of the test's server; the bytes that were written."""

    def get(path="/picture", *, host=HOST, max_bytes=20_000, deadline=30.0, **network):
        into = tmp_path / "fetched"
        fetched = fetch(
            f"https://{host}{path}",
            into,
            max_bytes=max_bytes,
            deadline_seconds=deadline,
            network=server.network(**network),
        )
        assert (fetched.host, fetched.size) == (host.strip("[]"), into.stat().st_size)
        return into.read_bytes()

    return get


def code_of(get, *args, **kwargs):
    with pytest.raises(FetchFailed) as raised:
        get(*args, **kwargs)
    return raised.value.code


def test_a_file_is_fetched(server, get):
    server.answers["/picture?size=large"] = file(BODY)
    assert get("/picture?size=large") == BODY


def test_a_file_in_chunks_or_without_a_length_is_fetched(server, get):
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (BODY[:7], BODY[7:]))
    server.answers["/chunked"] = says(
        "HTTP/1.1 200 OK\nTransfer-Encoding: chunked", chunks + b"0\r\n\r\n"
    )
    server.answers["/endless"] = says("HTTP/1.1 200 OK", BODY)
    assert get("/chunked") == BODY
    assert get("/endless") == BODY


def test_the_request_tells_nothing_but_what_is_wanted(server, get, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")
    server.answers["/first"] = says(
        "HTTP/1.1 302 Found\nSet-Cookie: who=you\nLocation: /picture\nContent-Length: 0"
    )
    server.answers["/picture"] = file(BODY)
    assert get("/first") == BODY
    for request, path in zip(server.requests, ("/first", "/picture"), strict=True):
        assert request.splitlines()[:-1] == [
            f"GET {path} HTTP/1.1",
            f"Host: {HOST}",
            "User-Agent: Pentimento (image import)",
            "Accept: image/*",
            "Accept-Encoding: identity",
            "Connection: close",
        ]


def test_a_name_with_a_trailing_dot_has_the_certificate_of_the_name(server, get):
    server.answers["/picture"] = file(BODY)
    assert get(host=f"{HOST}.") == BODY


def test_ipv6_is_named_in_brackets(server, get):
    server.answers["/picture"] = file(BODY)
    assert get(host="[::1]") == BODY
    assert "Host: [::1]" in server.requests[0]


def test_a_certificate_for_another_name_is_refused_before_anything_is_asked(server, get):
    assert code_of(get, host="other.test") == "bad_certificate"
    assert server.requests == []


def test_a_certificate_of_nobody_we_know_is_refused(server, get):
    import ssl

    assert code_of(get, trust=ssl.create_default_context()) == "bad_certificate"


def test_a_name_is_looked_up_once_however_often_it_changes_its_mind(server, get):
    """DNS rebinding: public when it is checked, this machine when it is connected to."""
    asked, connected = [], []

    def rebinding(host):
        asked.append(host)
        address = "93.184.216.34" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, (address, server.port))]

    def guarded(self, place):
        connected.append(place[0])
        raise ConnectionRefusedError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        assert code_of(get, look_up=rebinding, is_allowed=is_public) == "unreachable"
    assert asked == [HOST]
    assert connected == ["93.184.216.34"]


def test_the_next_address_is_tried_when_one_does_not_answer(server, get):
    server.answers["/picture"] = file(BODY)
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        here = ("127.0.0.1", server.port)
        places = [(socket.AF_INET, deaf.getsockname()), (socket.AF_INET, here)]
        assert get(look_up=lambda host: places) == BODY


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed(server, get, status):
    server.answers["/first"] = redirect("/second", status)
    server.answers["/second"] = redirect(f"https://{HOST}/third", status)
    server.answers["/third"] = redirect(f"//{HOST}/picture", status)
    server.answers["/picture"] = file(BODY)
    assert get("/first") == BODY


def test_every_redirect_is_looked_up_and_checked_anew(server, get):
    """The first host is allowed; where it sends us is not."""
    server.answers["/picture"] = redirect(f"https://{METADATA}/latest/meta-data/")
    here = (socket.AF_INET, ("127.0.0.1", server.port))

    def look_up(host):
        return [here] if host == HOST else [(socket.AF_INET, (host, 443))]

    def is_allowed(address):
        return address == "127.0.0.1" or is_public(address)

    assert code_of(get, look_up=look_up, is_allowed=is_allowed) == "unreachable"


@pytest.mark.parametrize(
    "location",
    [
        f"http://{HOST}/picture",
        f"https://{HOST}:8443/picture",
        f"https://me@{HOST}/picture",
        "file:///etc/passwd",
        "https://[::1/",
        f"https://{HOST}/{'a' * 2000}",
        "/picture",  # itself, for ever
        "",
    ],
)
def test_redirects_to_what_is_not_fetched_and_loops_end(server, get, location):
    server.answers["/picture"] = redirect(location)
    assert code_of(get) == "bad_redirect"
    assert len(server.requests) <= 4


@pytest.mark.parametrize("status", [204, 206, 304, 401, 404, 500])
def test_any_other_status_is_a_refusal(server, get, status):
    server.answers["/picture"] = says(f"HTTP/1.1 {status} No\nContent-Length: 0")
    assert code_of(get) == "refused"


def test_a_file_that_drips_is_cut(server, get):
    server.answers["/picture"] = server.drip(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")
    assert code_of(get, deadline=0.5) == "too_slow"


def test_a_head_that_drips_is_cut(server, get):
    server.answers["/picture"] = server.drip(b"HTTP/1.1 200 OK\r\nX-Endless: ")
    assert code_of(get, deadline=0.5) == "too_slow"


def test_silence_is_cut(server, get):
    server.answers["/picture"] = lambda connection: server.stopped.wait(30)
    assert code_of(get, deadline=0.5) == "too_slow"


def test_a_server_that_does_not_greet_is_cut(get):
    with socket.create_server(("127.0.0.1", 0)) as mute:
        place = (socket.AF_INET, mute.getsockname())
        assert code_of(get, deadline=0.5, look_up=lambda host: [place]) == "too_slow"


def test_a_resolver_that_does_not_answer_is_cut(get):
    answered = threading.Event()

    def look_up(host):
        answered.wait(30)
        return []

    assert code_of(get, deadline=0.5, look_up=look_up) == "too_slow"
    answered.set()


def test_what_cannot_be_looked_up_or_reached_is_one_answer(get):
    def unknown(host):
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    found = set()
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        for network in (
            {"look_up": unknown},
            {"look_up": lambda host: []},
            {"look_up": lambda host: [(socket.AF_INET, deaf.getsockname())]},
            {"is_allowed": lambda address: False},
        ):
            with pytest.raises(FetchFailed) as raised:
                get(**network)
            found.add((raised.value.code, raised.value.detail))
    assert found == {("unreachable", "The address cannot be reached.")}


@pytest.mark.parametrize(
    "head",
    [
        "HTTP/1.1 200 OK\nContent-Length: 20001",
        "HTTP/1.1 200 OK",
        "HTTP/1.1 200 OK\nContent-Length: x",
    ],
)
def test_a_file_that_is_too_large_is_cut(server, get, head):
    server.answers["/picture"] = says(head, b"x" * 20_001)
    assert code_of(get) == "body_too_large"


def test_what_stands_around_a_file_counts_too(server, get):
    frame = b"1;" + b"x" * 60_000 + b"\r\nx\r\n"
    server.answers["/picture"] = says("HTTP/1.1 200 OK\nTransfer-Encoding: chunked", frame * 40)
    assert code_of(get) == "body_too_large"


@pytest.mark.parametrize(
    "header", ["Content-Encoding: gzip", "Content-Encoding: br", "Transfer-Encoding: gzip, chunked"]
)
def test_a_compressed_answer_is_refused(server, get, header):
    bomb = gzip.compress(b"\0" * 10_000_000)
    server.answers["/picture"] = says(f"HTTP/1.1 200 OK\n{header}", bomb)
    assert code_of(get) == "encoded"


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("HTTP/1.1 200 OK\nContent-Length: 10240", BODY[:-1]),
        ("HTTP/1.1 200 OK\nContent-Length: 10240", b""),
        ("HTTP/1.1 200 OK\nTransfer-Encoding: chunked", b"7\r\nabc"),
        ("HTTP/1.1 200 OK\nTransfer-Encoding: chunked", b"-5\r\nabc"),
        ("HTTP/1.1 200 OK\nTransfer-Encoding: chunked", b"seven\r\nabcdefg"),
        ("SSH-2.0-OpenSSH_9.9", b""),
        ("HTTP/1.1 two hundred", b""),
        ("HTTP/1.1 200 OK\n" + "X: y\n" * 200, b""),
        ("HTTP/1.1 200 OK\nX: " + "y" * 70_000, b""),
    ],
)
def test_what_ends_early_or_is_no_http_is_refused(server, get, head, body):
    server.answers["/picture"] = says(head, body)
    assert code_of(get) == "cut_short"


def test_a_server_that_hangs_up_is_refused(server, get):
    server.answers["/picture"] = lambda connection: None
    assert code_of(get) == "cut_short"
