"""IPTC's DigitalSourceType and 2025.1 AI fields in an XMP packet.

Namespace `Iptc4xmpExt`: http://iptc.org/std/Iptc4xmpExt/2008-02-29/ (IPTC Photo Metadata
Standard 2025.1). A packet that is not XML says `unreadable`, which is not `absent`.
"""

from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from provenance.evidence import Observation
from provenance.origin import ai_ward
from provenance.readers.raw import RawMetadata
from provenance.vocabulary import (
    AI_ORIGINS,
    EvidenceKind,
    Grade,
    Origin,
    SourceType,
    source_type_from,
)

EXT = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"
DETECTOR = "xmp-iptc"
_AI_FIELDS = (
    "AIPromptInformation",
    "AIPromptWriterName",
    "AISystemUsed",
    "AISystemVersionUsed",
)


def read(raw: RawMetadata) -> Iterator[Observation]:
    """At most one observation: what the packet says of how the picture was made."""
    if not raw.xmp:
        return
    try:
        root = fromstring(raw.xmp.strip().strip("\0").encode())
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        stated = _mentioned(raw.xmp)
        claims = stated.origin if stated and stated.origin in AI_ORIGINS else Origin.UNKNOWN
        yield _observe(claims, {"state": "unreadable"})
        return
    terms = [
        term for text in _values(root, "DigitalSourceType") if (term := source_type_from(text))
    ]
    stated = max(terms, key=_ai_first, default=None)
    system = next(_values(root, "AISystemUsed"), "")[:200]
    fields = [name for name in _AI_FIELDS if any(_values(root, name))]
    if stated is None and not fields:
        return
    claims = stated.origin if stated else Origin.AI_GENERATED
    if fields and claims not in AI_ORIGINS:
        claims = Origin.AI_EDITED
    detail: dict[str, object] = {
        "digital_source_type": stated.uri if stated else None,
        "ai_fields": fields,
    }
    yield _observe(claims, detail, generator=system)


def _ai_first(term: SourceType) -> tuple[int, int]:
    """Of several statements the one against interest is believed."""
    return ai_ward(term.origin, Grade.METADATA)


def _mentioned(text: str) -> SourceType | None:
    """The most AI-ward source type whose full address stands in a packet that is not XML."""
    return max((term for term in SourceType if term.uri in text), key=_ai_first, default=None)


def _observe(claims: Origin, detail: dict[str, object], generator: str = "") -> Observation:
    known = claims is not Origin.UNKNOWN
    return Observation(
        kind=EvidenceKind.XMP_IPTC,
        claims=claims,
        grade=Grade.METADATA if known else Grade.NONE,
        generator=generator,
        detail=detail,
        detector=DETECTOR,
    )


def _values(root: Element, name: str) -> Iterator[str]:
    """The property as an attribute, as an element, or as an element that points to a resource."""
    tag = EXT + name
    for element in root.iter():
        if value := element.get(tag):
            yield value
        if element.tag == tag:
            resource = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}resource"
            yield from filter(None, [element.get(resource), (element.text or "").strip()])
            yield from (text for inner in element.iter() if (text := (inner.text or "").strip()))
