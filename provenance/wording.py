"""The verdict in plain words. Pure: takes plain values, gives sentences."""

from collections.abc import Iterable, Mapping
from typing import Any

from provenance.vocabulary import DataMining, EvidenceKind, Grade, Origin

_LABELS = {
    Origin.HUMAN_CAPTURED: "Photograph",
    Origin.HUMAN_CREATED: "Made by hand",
    Origin.AI_EDITED: "Edited with AI",
    Origin.AI_GENERATED: "Made with AI",
    Origin.ALGORITHMIC: "Made by an algorithm",
    Origin.UNKNOWN: "Origin unknown",
}
_BADGES = {
    Grade.PLATFORM_PROVEN: "made here",
    Grade.SIGNED_TRUSTED: "signed by a trusted issuer",
    Grade.SIGNED_UNTRUSTED: "signed by an unknown issuer",
    Grade.MATCHED: "recognised",
    Grade.METADATA: "says the file",
    Grade.DECLARED: "says the uploader",
}
# Of uploads whose authors name what they were made of.
_DRAWN_OVER = {
    Origin.AI_EDITED: "AI draft, human finish",
    Origin.ALGORITHMIC: "An algorithm’s draft, human finish",
}
_MADE_OF = {
    Origin.AI_EDITED: "Made of work with AI",
    Origin.ALGORITHMIC: "Made of an algorithm’s work",
}
_MADE_FROM = {
    "variation_of": "is a variation of",
    "edit_of": "was edited from",
    "drawn_over": "was drawn over",
    "upscaled_from": "was enlarged from",
    "collage_of": "was put together from",
}
_REASONS = {
    EvidenceKind.PLATFORM_GENERATION: "It was generated on this platform by {generator}.",
    EvidenceKind.LINEAGE: "The uploader says that it was made from another work: {claims}.",
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
_DUPLICATES = {
    EvidenceKind.PIXEL_HASH: "The same picture was uploaded here before.",
    EvidenceKind.PERCEPTUAL: "A picture that looks the same was uploaded here before.",
    EvidenceKind.FEATURES: "Parts of it were uploaded here before.",
    EvidenceKind.WATERMARK: "It carries the invisible mark of a work that was made here.",
}
_PARTS = {"xmp": "XMP metadata", "exif": "EXIF metadata", "c2pa": "content credentials"}
_MINING = {
    DataMining.UNSET: "Its metadata leaves open whether text and data mining is allowed.",
    DataMining.ALLOWED: "Its metadata allows text and data mining.",
    DataMining.CONSTRAINED: "Its metadata allows text and data mining only under conditions.",
    DataMining.PROHIBITED: "Its metadata prohibits text and data mining.",
}
_CHINAS_LABEL = {
    "1": "It carries China's label of generated content.",
    "2": "It carries China's label of generated content: possibly generated.",
    "3": "It carries China's label of generated content: suspected to be generated.",
    None: "It carries China's label of generated content, which could not be read.",
}


_HOW_SURE = {
    Grade.PLATFORM_PROVEN: "As sure as can be: it was made here, and we kept the record.",
    Grade.SIGNED_TRUSTED: "Very sure: an issuer that we trust signed it, and the seal is intact.",
    Grade.SIGNED_UNTRUSTED: "Fairly sure: it is signed, but by an issuer that we do not know.",
    Grade.MATCHED: "Quite sure: we recognised a work whose origin we know.",
    Grade.METADATA: "Less sure: the file says so, and what a file says can be changed.",
    Grade.DECLARED: "Not verified: it rests on somebody’s word alone.",
    Grade.NONE: "Not at all: there is nothing to go by.",
}


def how_sure(grade: Grade) -> str:
    """How far a verdict of this grade can be relied on, as a sentence."""
    return _HOW_SURE[grade]


def name_of(origin: Origin) -> str:
    """An origin in words, for example "Made with AI"."""
    return _LABELS[origin]


def label(origin: Origin, grade: Grade, *, rule: str = "", relation: str = "") -> str:
    """A short label for a badge, for example "Made by an algorithm · made here".

    `rule`: the verdict's; it says whose word a declared origin is. `relation`: to the work that
    an upload was made of, if that decides.
    """
    if origin is Origin.UNKNOWN:
        return _LABELS[origin]
    if rule.endswith(EvidenceKind.LINEAGE):
        names = _DRAWN_OVER if relation == "drawn_over" else _MADE_OF
        return f"{names.get(origin, _LABELS[origin])} · {_BADGES[Grade.DECLARED]}"
    how = _BADGES.get(grade, "")
    if rule == "ruling":
        how = "ruled by a moderator"
    elif grade is Grade.DECLARED and not rule.endswith(EvidenceKind.DECLARATION):
        how = _BADGES[Grade.METADATA]
    return f"{_LABELS[origin]} · {how}" if how else _LABELS[origin]


def reason(
    kind: EvidenceKind,
    claims: Origin,
    *,
    generator: str = "",
    issuer: str = "",
    detail: Mapping[str, Any] | None = None,
) -> str:
    """One piece of evidence as a sentence. `detail` is the evidence's own."""
    if claims is Origin.UNKNOWN and kind in _DUPLICATES:
        return _DUPLICATES[kind]
    said = _LABELS[claims][0].lower() + _LABELS[claims][1:]
    sentence = _of_detail(kind, claims, detail or {}) or _REASONS[kind]
    signer = issuer or "an unknown issuer"
    if issuer and (detail or {}).get("vouched_for") is False:
        signer = f"somebody who says they are {issuer}"
    return sentence.format(claims=said, generator=generator or "a generator", issuer=signer)


def mining(declared: DataMining) -> str:
    """What a file declares about being mined, as a sentence."""
    return _MINING[declared]


def reasons(
    sentences: Iterable[str],
    *,
    disputed: bool,
    declared_human: bool = False,
    no_evidence: bool = False,
) -> list[str]:
    """All sentences, with the conflict named and the absence of evidence not mistaken.

    `declared_human`: one of them is the uploader's word that no machine made it. `no_evidence`:
    none of them says anything of the origin.
    """
    told = list(dict.fromkeys(sentences))
    if disputed and declared_human:
        told.append("The uploader and the evidence disagree.")
    elif disputed:
        told.append("Its author disputes the label.")
    if no_evidence or not told:
        told.append("Nothing is known about how it was made. That does not mean a person made it.")
    return told


def _of_detail(kind: EvidenceKind, claims: Origin, detail: Mapping[str, Any]) -> str | None:
    """The sentence of evidence whose detail says more than its kind does."""
    if detail.get("state") == "unreadable":
        part = _PARTS.get(str(detail.get("part", kind.value)), "metadata")
        if claims is Origin.UNKNOWN:
            return f"Its {part} could not be read. What may be said there is not known."
        return f"Its {part} is damaged, but still says: {{claims}}."
    if detail.get("state") == "hint":
        return "It carries a job number of a service, which does not say how it was made."
    if "data_mining" in detail and claims is Origin.UNKNOWN:
        return _MINING.get(detail["data_mining"])
    if kind is EvidenceKind.LINEAGE and detail.get("relation") in _MADE_FROM:
        work = "an algorithm’s work" if claims is Origin.ALGORITHMIC else "a work with AI in it"
        return f"The uploader says that it {_MADE_FROM[detail['relation']]} {work}."
    if kind is EvidenceKind.C2PA:
        return _of_credentials(claims, detail)
    if kind is EvidenceKind.XMP_IPTC:
        return _of_metadata(claims, detail)
    if kind is EvidenceKind.GENERATOR_METADATA and detail.get("hidden_in") == "pixels":
        return "The settings of {generator} are hidden in its pixels."
    if kind is EvidenceKind.GENERATOR_METADATA and claims is Origin.AI_EDITED:
        return "The file says that it was edited with {generator}."
    return None


def _of_credentials(claims: Origin, detail: Mapping[str, Any]) -> str | None:
    if detail.get("state") == "remote":
        return "It says that its content credentials are kept elsewhere. They were not fetched."
    if detail.get("failures", {}).get("integrity"):
        broken = "Its content credentials, signed by {issuer}, do not fit the file any more"
        return f"{broken}." if claims is Origin.UNKNOWN else f"{broken}; they said: {{claims}}."
    if claims is Origin.UNKNOWN:
        return "Its content credentials, signed by {issuer}, do not say how it was made."
    if detail.get("said_by") == "ingredient":
        return "Something that it was made of says, signed by {issuer}: {claims}."
    return None


def _of_metadata(claims: Origin, detail: Mapping[str, Any]) -> str | None:
    if "standard" in detail:
        return _CHINAS_LABEL.get(detail.get("label"))
    if detail.get("ai_fields") and not detail.get("digital_source_type"):
        return "Its metadata says that {generator} was used."
    if claims is Origin.UNKNOWN:
        return "Its metadata states a source type that leaves its origin open."
    return None
