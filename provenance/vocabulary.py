"""The words of provenance. Pure: knows neither Django's database nor the web.

IPTC terms: https://cv.iptc.org/newscodes/digitalsourcetype/
"""

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
    DECLARATION = "declaration"
    RULING = "ruling"
    PIXEL_HASH = "pixel_hash"
    C2PA = "c2pa"
    XMP_IPTC = "xmp_iptc"
    GENERATOR_METADATA = "generator_metadata"
    PERCEPTUAL = "perceptual"
    FEATURES = "features"
    WATERMARK = "watermark"


class SourceType(StrEnum):
    """IPTC digital source types, by their code."""

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

    @property
    def uri(self) -> str:
        return IPTC_BASE + self.value

    @property
    def origin(self) -> Origin:
        return _ORIGIN_OF.get(self, Origin.UNKNOWN)


IPTC_BASE = "http://cv.iptc.org/newscodes/digitalsourcetype/"

_ORIGIN_OF = {
    SourceType.DIGITAL_CAPTURE: Origin.HUMAN_CAPTURED,
    SourceType.COMPUTATIONAL_CAPTURE: Origin.HUMAN_CAPTURED,
    SourceType.NEGATIVE_FILM: Origin.HUMAN_CAPTURED,
    SourceType.POSITIVE_FILM: Origin.HUMAN_CAPTURED,
    SourceType.PRINT: Origin.HUMAN_CAPTURED,
    SourceType.DIGITAL_CREATION: Origin.HUMAN_CREATED,
    SourceType.HUMAN_EDITS: Origin.HUMAN_CREATED,
    SourceType.COMPOSITE_SYNTHETIC: Origin.AI_EDITED,
    SourceType.COMPOSITE_WITH_TRAINED: Origin.AI_EDITED,
    SourceType.TRAINED: Origin.AI_GENERATED,
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
KIND_CHOICES = [(item.value, item.value) for item in EvidenceKind]


def source_type_from(text: str) -> SourceType | None:
    """The IPTC term in an http or https address, a `digsrctype:` name or a bare code.

    None for anything that IPTC does not list: any string can be written into a file.
    """
    text = text.strip()
    code = text.removeprefix("digsrctype:")
    for base in (IPTC_BASE, IPTC_BASE.replace("http:", "https:")):
        code = code.removeprefix(base)
    return next((term for term in SourceType if term.value == code), None)
