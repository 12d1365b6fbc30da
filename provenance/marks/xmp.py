"""The label written into what we make and serve: an XMP packet with IPTC's source type.

IPTC Photo Metadata Standard 2025.1: DigitalSourceType, AISystemUsed.
"""

import struct
import zlib
from xml.sax.saxutils import quoteattr

from provenance.vocabulary import SOURCE_TYPE_OF, Origin

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_KEYWORD = b"XML:com.adobe.xmp"


def packet(origin: Origin, *, system: str = "") -> bytes | None:
    """The packet for a work of `origin`; None when there is nothing to state."""
    source_type = SOURCE_TYPE_OF.get(origin)
    if source_type is None:
        return None
    used = f"\n   Iptc4xmpExt:AISystemUsed={quoteattr(system)}" if system else ""
    return f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
   xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
   Iptc4xmpExt:DigitalSourceType={quoteattr(source_type.uri)}{used}/>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>""".encode()


def mark_png(png: bytes, xmp: bytes) -> bytes:
    """`png` with `xmp` as an iTXt chunk after its header; the pixels are untouched.

    Raises ValueError if `png` is no PNG. PNG third edition, 11.3.3.4.
    """
    header_end = len(_PNG_SIGNATURE) + 25  # IHDR: length 4, type 4, data 13, checksum 4
    if not png.startswith(_PNG_SIGNATURE) or png[12:16] != b"IHDR":
        raise ValueError("not a PNG")
    body = b"iTXt" + _KEYWORD + b"\0\0\0\0\0" + xmp
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return png[:header_end] + chunk + png[header_end:]
