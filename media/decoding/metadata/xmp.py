"""XMP packets as text."""


def as_text(packet: bytes) -> str:
    """UTF-8, or UTF-16 as its zero bytes show (XMP part 1, 7.1)."""
    head = packet[:4]
    if b"\0" not in head and head[:2] not in {b"\xfe\xff", b"\xff\xfe"}:
        return packet.decode("utf-8", "replace")
    little = head[:2] == b"\xff\xfe" or head[1:2] == b"\0"
    return packet.decode("utf-16-le" if little else "utf-16-be", "replace").lstrip("\ufeff")
