"""Parts of a file that could not be read. "Unreadable" is not "absent": it is said."""

from collections.abc import Iterator

from provenance.evidence import Observation
from provenance.readers.raw import RawMetadata
from provenance.readers.text import brief
from provenance.vocabulary import EvidenceKind, Grade, Origin

DETECTOR = "unreadable"
_KINDS = {"xmp": EvidenceKind.XMP_IPTC, "c2pa": EvidenceKind.C2PA}


def read(raw: RawMetadata) -> Iterator[Observation]:
    """One observation for each part that the decoder could not read."""
    for part in dict.fromkeys(raw.unreadable):
        yield unreadable(part)


def unreadable(part: str, *, claims: Origin = Origin.UNKNOWN) -> Observation:
    """That `part` could not be read; `claims` is what can be made out in it all the same."""
    return Observation(
        kind=_KINDS.get(part, EvidenceKind.GENERATOR_METADATA),
        claims=claims,
        grade=Grade.NONE if claims is Origin.UNKNOWN else Grade.METADATA,
        detail={"state": "unreadable", "part": brief(part, 40)},
        detector=DETECTOR,
    )
