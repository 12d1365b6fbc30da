"""IPTC's DigitalSourceType and 2025.1 AI fields in XMP packets.

Namespace `Iptc4xmpExt`: http://iptc.org/std/Iptc4xmpExt/2008-02-29/ (IPTC Photo Metadata
Standard 2025.1). A packet that is not XML says `unreadable`, which is not `absent`.
"""

from collections.abc import Iterator

from provenance.evidence import Observation
from provenance.origin import ai_ward
from provenance.readers import packet
from provenance.readers.packet import IPTC_EXT, Packets
from provenance.readers.raw import RawMetadata
from provenance.readers.text import brief
from provenance.readers.unreadable import unreadable
from provenance.vocabulary import (
    AI_ORIGINS,
    EvidenceKind,
    Grade,
    Origin,
    SourceType,
    source_type_from,
)

DETECTOR = "xmp-iptc"
# The prompt and its writer are named, never quoted: whoever sees the work sees the detail.
_AI_FIELDS = (
    "AIPromptInformation",
    "AIPromptWriterName",
    "AISystemUsed",
    "AISystemVersionUsed",
)


def read(raw: RawMetadata) -> Iterator[Observation]:
    """What the packets say of how the picture was made, and that one of them is no XML."""
    packets = packet.parse(raw.xmp)
    if packets.broken:
        yield unreadable("xmp", claims=_made_out(packets.broken))
    stated = stated_source_type(packets)
    fields = [name for name in _AI_FIELDS if any(packets.values(IPTC_EXT + name))]
    if stated is None and not fields:
        return
    claims = stated.origin if stated else Origin.AI_GENERATED
    if fields and claims not in AI_ORIGINS:
        claims = Origin.AI_EDITED
    detail: dict[str, object] = {
        "digital_source_type": stated.uri if stated else None,
        "ai_fields": fields,
    }
    if version := brief(next(packets.values(IPTC_EXT + "AISystemVersionUsed"), "")):
        detail["version"] = version
    yield Observation(
        kind=EvidenceKind.XMP_IPTC,
        claims=claims,
        grade=Grade.NONE if claims is Origin.UNKNOWN else Grade.METADATA,
        generator=brief(next(packets.values(IPTC_EXT + "AISystemUsed"), ""), 200),
        detail=detail,
        detector=DETECTOR,
    )


def stated_source_type(packets: Packets) -> SourceType | None:
    """The source type that the packets state; of several the one against interest is believed."""
    texts = packets.values(IPTC_EXT + "DigitalSourceType")
    terms = [term for text in texts if (term := source_type_from(text))]
    return max(terms, key=_ai_first, default=None)


def _ai_first(term: SourceType) -> tuple[int, int]:
    return ai_ward(term.origin, Grade.METADATA)


def _made_out(broken: tuple[str, ...]) -> Origin:
    """The AI origin whose source type's full address stands in a packet that is not XML."""
    addresses = {term: term.uri.removeprefix("http") for term in SourceType}
    mentioned = [
        term for term, address in addresses.items() if any(address in text for text in broken)
    ]
    stated = max(mentioned, key=_ai_first, default=None)
    return stated.origin if stated and stated.origin in AI_ORIGINS else Origin.UNKNOWN
