"""Which addresses of the internet may be fetched from: those that anybody could reach."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

# IANA, "IPv4 Special-Purpose Address Registry"; named here because `is_global` has changed with
# Python's versions, and because multicast is global to it.
_REFUSED_V4 = [
    ip_network(block)
    for block in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # carriers' private networks; Alibaba's metadata service
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's host, in a public range
        "169.254.0.0/16",  # link-local: the metadata service of most clouds
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments; Oracle's metadata service
        "192.0.2.0/24",
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved; broadcast
    )
]
# All public IPv6 is inside (RFC 4291 §2.4); IPv4-mapped, NAT64, local and multicast are outside.
_PUBLIC_V6 = ip_network("2000::/3")
_REFUSED_V6 = [
    ip_network(block)
    for block in (
        "2001::/23",  # protocol assignments; Teredo, which carries an IPv4 address
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which carries an IPv4 address
        "3fff::/20",  # documentation
    )
]


def is_public(text: str) -> bool:
    """Whether `text`, a numeric address as the resolver gives it, is open to the whole internet.

    What merely carries an IPv4 address inside (mapped, 6to4, Teredo, NAT64) is not, whatever it
    carries: where such a packet ends is for routers of ours to say.
    """
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if not address.is_global:
        return False
    match address:
        case IPv4Address():
            return not any(address in block for block in _REFUSED_V4)
        case IPv6Address():
            return address in _PUBLIC_V6 and not any(address in block for block in _REFUSED_V6)
