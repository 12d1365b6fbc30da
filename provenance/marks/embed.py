"""Putting an XMP packet into a finished file without touching its pixels.

Only into files that we encoded ourselves: nothing here is made for a stranger's bytes.
"""

import struct
import zlib

_JPEG_HEADER = b"http://ns.adobe.com/xap/1.0/\0"
_MAX_SEGMENT = 65_533
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_KEYWORD = b"XML:com.adobe.xmp"
_WEBP_XMP_FLAG = 0x04
_WEBP_ALPHA_FLAG = 0x10


def embed_xmp(data: bytes, packet: bytes, media_type: str) -> bytes:
    """`data` with `packet`. Raises ValueError for a file that is not what `media_type` says."""
    writers = {"image/jpeg": _into_jpeg, "image/png": _into_png, "image/webp": _into_webp}
    return writers[media_type](data, packet)


def _into_jpeg(data: bytes, packet: bytes) -> bytes:
    """An APP1 segment after the start and JFIF's APP0 (XMP part 3, 1.1.3)."""
    body = _JPEG_HEADER + packet
    if not data.startswith(b"\xff\xd8") or len(body) > _MAX_SEGMENT:
        raise ValueError("not a JPEG, or a packet that is too long for one")
    place = 2
    if data[2:4] == b"\xff\xe0":
        place += 2 + int(struct.unpack(">H", data[4:6])[0])
    segment = b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
    return data[:place] + segment + data[place:]


def _into_png(data: bytes, packet: bytes) -> bytes:
    """An iTXt chunk after the header (PNG third edition, 11.3.3.4)."""
    header_end = len(_PNG_SIGNATURE) + 25  # IHDR: length 4, type 4, data 13, checksum 4
    if not data.startswith(_PNG_SIGNATURE) or data[12:16] != b"IHDR":
        raise ValueError("not a PNG")
    body = b"iTXt" + _PNG_KEYWORD + b"\0\0\0\0\0" + packet
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return data[:header_end] + chunk + data[header_end:]


def _into_webp(data: bytes, packet: bytes) -> bytes:
    """An `XMP ` chunk at the end; a simple file becomes an extended one (WebP container, 2.7)."""
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        raise ValueError("not a WebP")
    body = data[12 : 8 + int(struct.unpack("<I", data[4:8])[0])]
    if body[:4] == b"VP8X":
        body = body[:8] + bytes([body[8] | _WEBP_XMP_FLAG]) + body[9:]
    else:
        body = _chunk(b"VP8X", _extended_header(body)) + body
    body += _chunk(b"XMP ", packet)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def _extended_header(body: bytes) -> bytes:
    """Flags, and width and height less one in 24 bits each, from the picture's own header."""
    payload = body[8:]
    alpha = 0
    if body[:4] == b"VP8L" and payload[:1] == b"\x2f":
        bits = int(struct.unpack("<I", payload[1:5])[0])
        width, height = bits & 0x3FFF, bits >> 14 & 0x3FFF
        alpha = _WEBP_ALPHA_FLAG if bits >> 28 & 1 else 0
    elif body[:4] == b"VP8 " and payload[3:6] == b"\x9d\x01\x2a":
        sides = struct.unpack("<HH", payload[6:10])
        width, height = (int(side & 0x3FFF) - 1 for side in sides)
    else:
        raise ValueError("not a WebP picture")
    flags = _WEBP_XMP_FLAG | alpha
    return struct.pack("<I", flags) + width.to_bytes(3, "little") + height.to_bytes(3, "little")


def _chunk(kind: bytes, payload: bytes) -> bytes:
    return kind + struct.pack("<I", len(payload)) + payload + b"\0" * (len(payload) % 2)
