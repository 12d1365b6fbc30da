"""The words of provenance. Pure: knows neither Django's database nor the web.

IPTC terms: https://cv.iptc.org/newscodes/digitalsourcetype/
C2PA adds two of its own, under http://c2pa.org/digitalsourcetype/ (C2PA specification, "Actions").
PLUS terms of data mining: https://ns.useplus.org/LDF/ldf-XMPSpecification
"""

import re
from enum import StrEnum


class Flag(StrEnum):
    """What people see: who made this."""

    HUMAN = "human"
    AI = "ai"
    UNKNOWN = "unknown"


class Origin(StrEnum):
    """How a work came about."""

    HUMAN_CAPTURED = "human_captured"
    HUMAN_CREATED = "human_created"
    AI_EDITED = "ai_edited"
    AI_GENERATED = "ai_generated"
    ALGORITHMIC = "algorithmic"
    UNKNOWN = "unknown"

    @property
    def flag(self) -> Flag:
        if self in AI_ORIGINS:
            return Flag.AI
        return Flag.HUMAN if self in HUMAN_ORIGINS else Flag.UNKNOWN


AI_ORIGINS = frozenset({Origin.AI_EDITED, Origin.AI_GENERATED, Origin.ALGORITHMIC})
HUMAN_ORIGINS = frozenset({Origin.HUMAN_CAPTURED, Origin.HUMAN_CREATED})


class Grade(StrEnum):
    """How much the deciding evidence is worth, strongest first."""

    PLATFORM_PROVEN = "platform_proven"
    SIGNED_TRUSTED = "signed_trusted"
    SIGNED_UNTRUSTED = "signed_untrusted"
    MATCHED = "matched"
    METADATA = "metadata"
    DECLARED = "declared"
    NONE = "none"

    @property
    def weight(self) -> int:
        """Greater is stronger."""
        return len(_STRONGEST_FIRST) - _STRONGEST_FIRST.index(self)


_STRONGEST_FIRST = list(Grade)


class Integrity(StrEnum):
    """What happened to the marks that a work carried."""

    INTACT = "intact"
    TAMPERED = "tampered"
    STRIPPED = "stripped"
    NONE = "none"


class EvidenceKind(StrEnum):
    """Where an observation comes from."""

    PLATFORM_GENERATION = "platform_generation"
    LINEAGE = "lineage"
    DECLARATION = "declaration"
    RULING = "ruling"
    PIXEL_HASH = "pixel_hash"
    C2PA = "c2pa"
    XMP_IPTC = "xmp_iptc"
    GENERATOR_METADATA = "generator_metadata"
    PERCEPTUAL = "perceptual"
    FEATURES = "features"
    WATERMARK = "watermark"


# How a work is recognised in a picture, the surest way first, and what does it.
DETECTORS = {
    EvidenceKind.PIXEL_HASH: "pixel-hash",
    EvidenceKind.PERCEPTUAL: "pdq",
    EvidenceKind.FEATURES: "orb",
    EvidenceKind.WATERMARK: "watermark",
}


class DataMining(StrEnum):
    """What is declared about text and data mining, from the least strict to the strictest."""

    UNSET = "unset"
    ALLOWED = "allowed"
    CONSTRAINED = "constrained"
    PROHIBITED = "prohibited"


def strictest(*values: DataMining) -> DataMining:
    """Of several declarations the one that allows least; `unset` where there is none."""
    return max(values, key=list(DataMining).index, default=DataMining.UNSET)


class SourceType(StrEnum):
    """IPTC's and C2PA's digital source types, by their code; retired terms stay in old files."""

    DIGITAL_CAPTURE = "digitalCapture"
    COMPUTATIONAL_CAPTURE = "computationalCapture"
    NEGATIVE_FILM = "negativeFilm"
    POSITIVE_FILM = "positiveFilm"
    PRINT = "print"
    DIGITAL_CREATION = "digitalCreation"
    HUMAN_EDITS = "humanEdits"
    COMPOSITE_SYNTHETIC = "compositeSynthetic"
    COMPOSITE_WITH_TRAINED = "compositeWithTrainedAlgorithmicMedia"
    TRAINED = "trainedAlgorithmicMedia"
    ALGORITHMIC = "algorithmicMedia"
    DATA_DRIVEN = "dataDrivenMedia"
    SCREEN_CAPTURE = "screenCapture"
    COMPOSITE = "composite"
    COMPOSITE_CAPTURE = "compositeCapture"
    VIRTUAL_RECORDING = "virtualRecording"
    ALGORITHMICALLY_ENHANCED = "algorithmicallyEnhanced"
    MINOR_HUMAN_EDITS = "minorHumanEdits"
    DIGITAL_ART = "digitalArt"
    SOFTWARE_IMAGE = "softwareImage"
    C2PA_EMPTY = "empty"
    C2PA_TRAINED_DATA = "trainedAlgorithmicData"

    @property
    def uri(self) -> str:
        return (C2PA_BASE if self in _OF_C2PA else IPTC_BASE) + self.value

    @property
    def origin(self) -> Origin:
        return _ORIGIN_OF.get(self, Origin.UNKNOWN)


IPTC_BASE = "http://cv.iptc.org/newscodes/digitalsourcetype/"
C2PA_BASE = "http://c2pa.org/digitalsourcetype/"
_OF_C2PA = frozenset({SourceType.C2PA_EMPTY, SourceType.C2PA_TRAINED_DATA})

# Terms that are not here say nothing of who made it: composites and screens may show anything,
# `softwareImage` ("created by software", retired in 2022) named no author, and `empty` is a blank
# canvas. The other retired terms mean what replaced them: `digitalArt` became `digitalCreation`,
# and `minorHumanEdits` became `humanEdits` (both in 2024).
_ORIGIN_OF = {
    SourceType.DIGITAL_CAPTURE: Origin.HUMAN_CAPTURED,
    SourceType.COMPUTATIONAL_CAPTURE: Origin.HUMAN_CAPTURED,
    SourceType.NEGATIVE_FILM: Origin.HUMAN_CAPTURED,
    SourceType.POSITIVE_FILM: Origin.HUMAN_CAPTURED,
    SourceType.PRINT: Origin.HUMAN_CAPTURED,
    SourceType.DIGITAL_CREATION: Origin.HUMAN_CREATED,
    SourceType.DIGITAL_ART: Origin.HUMAN_CREATED,
    SourceType.HUMAN_EDITS: Origin.HUMAN_CREATED,
    SourceType.MINOR_HUMAN_EDITS: Origin.HUMAN_CREATED,
    SourceType.COMPOSITE_SYNTHETIC: Origin.AI_EDITED,
    SourceType.COMPOSITE_WITH_TRAINED: Origin.AI_EDITED,
    SourceType.TRAINED: Origin.AI_GENERATED,
    SourceType.C2PA_TRAINED_DATA: Origin.AI_GENERATED,
    SourceType.ALGORITHMIC: Origin.ALGORITHMIC,
    SourceType.DATA_DRIVEN: Origin.ALGORITHMIC,
}

SOURCE_TYPE_OF = {
    Origin.HUMAN_CAPTURED: SourceType.DIGITAL_CAPTURE,
    Origin.HUMAN_CREATED: SourceType.DIGITAL_CREATION,
    Origin.AI_EDITED: SourceType.COMPOSITE_WITH_TRAINED,
    Origin.AI_GENERATED: SourceType.TRAINED,
    Origin.ALGORITHMIC: SourceType.ALGORITHMIC,
}

FLAG_CHOICES = [(item.value, item.value) for item in Flag]
ORIGIN_CHOICES = [(item.value, item.value) for item in Origin]
GRADE_CHOICES = [(item.value, item.value) for item in Grade]
INTEGRITY_CHOICES = [(item.value, item.value) for item in Integrity]
DATA_MINING_CHOICES = [(item.value, item.value) for item in DataMining]
KIND_CHOICES = [(item.value, item.value) for item in EvidenceKind]


def source_type_from(text: str) -> SourceType | None:
    """The term in an http or https address, a `digsrctype:` name or a bare code.

    None for anything that neither IPTC nor C2PA lists: any string can be written into a file. A
    term that says AI is understood in any spelling, because nobody says that by mistake.
    """
    written = text.strip().removeprefix("digsrctype:")
    if written.startswith("https:"):
        written = "http:" + written.removeprefix("https:")
    exact = (term for term in SourceType if written in {term.value, term.uri})
    loose = written.casefold().rstrip("/")
    if "://" in loose and not loose.startswith((IPTC_BASE, C2PA_BASE)):
        return next(exact, None)
    last = re.split(r"[/:#]", loose)[-1]
    against_interest = (
        term for term in SourceType if term.value.casefold() == last and term.origin in AI_ORIGINS
    )
    return next(exact, None) or next(against_interest, None)
