"""The verdict in plain words. Pure: takes plain values, gives sentences."""

from collections.abc import Iterable

from provenance.vocabulary import EvidenceKind, Grade, Origin

_LABELS = {
    Origin.HUMAN_CAPTURED: "Photograph",
    Origin.HUMAN_CREATED: "Made by hand",
    Origin.AI_EDITED: "Edited with AI",
    Origin.AI_GENERATED: "Made with AI",
    Origin.ALGORITHMIC: "Made by an algorithm",
    Origin.UNKNOWN: "Origin unknown",
}
_HOW_SURE = {
    Grade.PLATFORM_PROVEN: "made here",
    Grade.SIGNED_TRUSTED: "signed by a trusted issuer",
    Grade.SIGNED_UNTRUSTED: "signed by an unknown issuer",
    Grade.MATCHED: "recognised",
    Grade.METADATA: "says the file",
    Grade.DECLARED: "says the uploader",
}
_REASONS = {
    EvidenceKind.PLATFORM_GENERATION: "It was generated on this platform by {generator}.",
    EvidenceKind.DECLARATION: "The uploader declared it: {claims}.",
    EvidenceKind.RULING: "A moderator ruled: {claims}.",
    EvidenceKind.C2PA: "Its content credentials, signed by {issuer}, say: {claims}.",
    EvidenceKind.XMP_IPTC: "Its metadata states the source type: {claims}.",
    EvidenceKind.GENERATOR_METADATA: "The file carries the settings of {generator}.",
    EvidenceKind.PIXEL_HASH: "Its pixels are exactly those of an earlier work: {claims}.",
    EvidenceKind.PERCEPTUAL: "It looks the same as an earlier work: {claims}.",
    EvidenceKind.FEATURES: "Parts of it are those of an earlier work: {claims}.",
    EvidenceKind.WATERMARK: "It carries the invisible mark of an earlier work: {claims}.",
}


def label(origin: Origin, grade: Grade, *, ruled: bool) -> str:
    """A short label for a badge, for example "Made by an algorithm · made here"."""
    if origin is Origin.UNKNOWN:
        return _LABELS[origin]
    how = "ruled by a moderator" if ruled else _HOW_SURE.get(grade, "")
    return f"{_LABELS[origin]} · {how}" if how else _LABELS[origin]


def reason(kind: EvidenceKind, claims: Origin, *, generator: str = "", issuer: str = "") -> str:
    """One piece of evidence as a sentence."""
    if claims is Origin.UNKNOWN and kind is EvidenceKind.PIXEL_HASH:
        return "The same picture was uploaded here before."
    said = _LABELS[claims][0].lower() + _LABELS[claims][1:]
    return _REASONS[kind].format(
        claims=said, generator=generator or "a generator", issuer=issuer or "an unknown issuer"
    )


def reasons(sentences: Iterable[str], *, disputed: bool) -> list[str]:
    """All sentences, with the conflict named and the absence of evidence not mistaken."""
    told = list(dict.fromkeys(sentences))
    if disputed:
        told.append("The uploader and the evidence disagree.")
    return told or ["Nothing is known about how it was made. That does not mean a person made it."]
