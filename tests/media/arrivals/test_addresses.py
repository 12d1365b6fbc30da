"""Which addresses may be fetched from: everything that is not the public internet is refused."""

import socket

import pytest

from media.arrivals import fetching
from media.arrivals.addresses import is_public
from media.arrivals.fetching import BadUrl, Network, Unreachable, fetch, target_of

# What a resolver may answer.
FORBIDDEN = [
    "0.0.0.0",  # noqa: S104  # nobody binds to it
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.100.100.200",
    "100.127.255.255",
    "127.0.0.1",
    "127.0.0.2",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "::ffff:169.254.169.254",
    "::ffff:8.8.8.8",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::169.254.169.254",
    "64:ff9b:1::7f00:1",
    "100::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "3fff::1",
    "4000::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%lo",
    "fe80::1%1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "not an address",
    "",
]
PUBLIC = ["1.1.1.1", "8.8.8.8", "93.184.216.34", "192.0.1.1", "2606:4700:4700::1111", "2a00::1"]

# What a person may type to mean this machine; the resolver makes 127.0.0.1 or the like of it.
SPELLINGS = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0x0.0x0.0x1",
    "0x7F.1",
    "017700000001",
    "0177.0.0.1",
    "0177.0.0.01",
    "00000177.1",
    "127.0.0.1.",
    "0",
    "0.0.0.0",  # noqa: S104  # nobody binds to it
    "0x0",
    "00",
    "2852039166",  # 169.254.169.254
    "0xA9FEA9FE",
    "0251.0376.0251.0376",
    "169.254.43518",
    "3232235777",  # 192.168.1.1
    "10.1",
    "①②⑦.⓪.⓪.①",
    "１２７。０。０。１",
    "127．0．0．1",
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[0000:0000:0000:0000:0000:0000:0000:0001]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::FFFF:A9FE:A9FE]",
    "[64:ff9b::127.0.0.1]",
    "[2002:7f00:1::]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "ⓛocalhost",
]

# What is refused before anybody is asked.
MALFORMED = [
    "",
    "pictures.test/a.jpg",
    "//pictures.test/a.jpg",
    "http://pictures.test/a.jpg",
    "HTTP://pictures.test/",
    "ftp://pictures.test/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    "data:image/png;base64,AAAA",
    "javascript:alert(1)",
    "https:",
    "https://",
    "https:///a.jpg",
    "https:pictures.test",
    "https://:443/",
    "https://pictures.test:80/",
    "https://pictures.test:8443/",
    "https://pictures.test:0/",
    "https://pictures.test:65536/",
    "https://pictures.test:４４３/",
    "https://pictures.test:443:443/",
    "https://user@pictures.test/",
    "https://user:secret@pictures.test/",
    "https://pictures.test:443@127.0.0.1/",
    "https://@127.0.0.1/",
    "https://127.0.0.1\\@pictures.test/",
    "https://127.0.0.1\t.pictures.test/",
    "https://pictures.test/a\r\nX-Header: 1",
    "https://pictures.test/a b",
    " https://pictures.test/",
    "https://pictures.test/\0",
    "https://pictures..test/",
    "https://.pictures.test/",
    "https://./",
    "https://%31%32%37.0.0.1/",
    "https://127.0.0.1%23.pictures.test/",
    "https://pictures.test¨/",
    "https://[::1/",
    "https://[fe80::1%25lo]/",
    "https://[fe80::1%lo]/",
    "https://[127.0.0.1",
    "https://" + "a" * 64 + ".test/",
    "https://" + "a." * 200 + "test/",
    "https://pictures.test/" + "a" * 2000,
]


@pytest.mark.parametrize("address", FORBIDDEN)
def test_an_address_that_is_not_public_is_refused(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_allowed(address):
    assert is_public(address)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_spelling_of_a_private_address_is_connected_to(spelling, tmp_path, monkeypatch):
    monkeypatch.setattr(fetching, "_connect", lambda *given: pytest.fail(f"connected: {given}"))
    with pytest.raises(Unreachable):
        fetch(f"https://{spelling}/", tmp_path / "file", max_bytes=1, deadline_seconds=30)


@pytest.mark.parametrize("url", MALFORMED)
def test_what_is_no_plain_https_address_is_refused(url):
    with pytest.raises(BadUrl):
        target_of(url)


@pytest.mark.parametrize(
    ("url", "host", "path"),
    [
        ("https://pictures.test", "pictures.test", "/"),
        ("https://PICTURES.test:443/a.jpg", "pictures.test", "/a.jpg"),
        ("https://pictures.test:/a.jpg#part", "pictures.test", "/a.jpg"),
        ("https://pictures.test?size=1", "pictures.test", "/?size=1"),
        ("https://bücher.test/ä%20é?ü=ö", "xn--bcher-kva.test", "/%C3%A4%20%C3%A9?%C3%BC=%C3%B6"),
        ("https://pictures.test./a", "pictures.test.", "/a"),
        ("https://[2a00::1]/a", "2a00::1", "/a"),
    ],
)
def test_what_is_asked_of_whom(url, host, path):
    target = target_of(url)
    assert (target.host, target.path) == (host, path)


@pytest.mark.parametrize("hidden", ["127.0.0.1", "10.0.0.1", "169.254.169.254"])
def test_one_private_address_among_public_ones_is_enough_to_refuse(hidden, tmp_path, monkeypatch):
    """What `10.0.0.1.nip.example` and hosts with two faces answer."""
    monkeypatch.setattr(fetching, "_connect", lambda *given: pytest.fail(f"connected: {given}"))
    places = [(socket.AF_INET, (address, 443)) for address in ("93.184.216.34", hidden)]
    network = Network(look_up=lambda host: places)
    with pytest.raises(Unreachable):
        fetch(
            "https://two.test/", tmp_path / "f", max_bytes=1, deadline_seconds=30, network=network
        )
