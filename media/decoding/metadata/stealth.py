"""Text that generators hide in the lowest bits of the pixels.

Down the columns, from left to right: either the bits of alpha, or those of red, green and blue in
turn. First a word of 15 letters, then 32 bits that count the bits that follow, then UTF-8, plain or
gzipped. (As NovelAI and the web UIs' "stealth pnginfo" write it.)
"""

import zlib
from typing import NamedTuple

from PIL import Image

from media.decoding.limits import MAX_KNOWN_TEXT

HEAD_BITS = 15 * 8 + 32


class Carrier(NamedTuple):
    """Channels that carry text, and the words for plain and for gzipped text."""

    channels: str
    plain: bytes
    gzipped: bytes


CARRIERS = (
    Carrier("A", b"stealth_pnginfo", b"stealth_pngcomp"),
    Carrier("RGB", b"stealth_rgbinfo", b"stealth_rgbcomp"),
)


def texts(picture: Image.Image) -> list[str]:
    """The hidden texts of a picture as it was decoded. Raises ValueError for a damaged one."""
    found = []
    for carrier in CARRIERS:
        if not set(carrier.channels) <= set(picture.getbands()):
            continue
        word, length = _head(picture, carrier)
        if word in {carrier.plain, carrier.gzipped}:
            body = _bytes(picture, carrier, HEAD_BITS + length)[HEAD_BITS // 8 :]
            found.append(_text(body, length, gzipped=word == carrier.gzipped))
    return found


def _head(picture: Image.Image, carrier: Carrier) -> tuple[bytes, int]:
    head = _bytes(picture, carrier, HEAD_BITS)
    return head[:15], int.from_bytes(head[15:19])


def _bytes(picture: Image.Image, carrier: Carrier, bits: int) -> bytes:
    """The first bits, in whole bytes; fewer where the picture ends."""
    bits = min(bits, HEAD_BITS + 8 * MAX_KNOWN_TEXT)
    pixels = -(-bits // len(carrier.channels))
    columns = picture.crop((0, 0, min(-(-pixels // picture.height), picture.width), picture.height))
    if carrier.channels == "A":
        columns = columns.getchannel("A")
    elif columns.mode != "RGB":
        columns = columns.convert("RGB")
    # A column becomes a row, and the rows are then one line of values.
    values = columns.transpose(Image.Transpose.TRANSPOSE).tobytes()[: bits // 8 * 8]
    if len(values) < 8:
        return b""
    line = Image.frombytes("L", (len(values) // 8 * 8, 1), values)
    return line.point([255 * (value & 1) for value in range(256)], "1").tobytes()


def _text(body: bytes, length: int, *, gzipped: bool) -> str:
    if length % 8 or length // 8 > len(body):
        raise ValueError("the length does not fit")
    if gzipped:
        body = zlib.decompressobj(wbits=31).decompress(body, MAX_KNOWN_TEXT)
    return body.decode("utf-8", "replace")
