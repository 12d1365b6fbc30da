"""The XMP packet of a file that we make: what it is, what made it, what may be done with it.

IPTC Photo Metadata Standard 2025.1 (DigitalSourceType, AISystemUsed, AIPromptInformation); PLUS
License Data Format 2.0 (DataMining); XMP part 2, 8.4 (WebStatement).
"""

from xml.sax.saxutils import quoteattr

from provenance.marks.mark import Mark
from provenance.vocabulary import DataMining

_PLUS = "http://ns.useplus.org/ldf/vocab/DMI-"
_DATA_MINING = {
    DataMining.ALLOWED: f"{_PLUS}ALLOWED",
    DataMining.CONSTRAINED: f"{_PLUS}PROHIBITED-SEECONSTRAINT",
    DataMining.PROHIBITED: f"{_PLUS}PROHIBITED",
}
_NAMESPACES = {
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "xmpRights": "http://ns.adobe.com/xap/1.0/rights/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "plus": "http://ns.useplus.org/ldf/xmp/1.0/",
}
TOOL = "Pentimento"


def packet(mark: Mark) -> bytes:
    """The packet as UTF-8. Properties with nothing to say are left out."""
    properties = {
        "xmp:CreatorTool": TOOL,
        "xmpRights:WebStatement": mark.page,
        "Iptc4xmpExt:DigitalSourceType": mark.stated.uri if mark.stated else "",
        "Iptc4xmpExt:AISystemUsed": mark.system,
        "Iptc4xmpExt:AIPromptInformation": mark.prompt,
        "plus:DataMining": _DATA_MINING.get(mark.data_mining, ""),
    }
    lines = [f"xmlns:{prefix}={quoteattr(uri)}" for prefix, uri in _NAMESPACES.items()]
    lines += [
        f"{name}={quoteattr(_printable(value))}" for name, value in properties.items() if value
    ]
    attributes = "\n   ".join(lines)
    return f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
   {attributes}/>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>""".encode()


def _printable(text: str) -> str:
    """Without the characters that XML 1.0 does not know (2.2)."""
    return "".join(c for c in text if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff"))
