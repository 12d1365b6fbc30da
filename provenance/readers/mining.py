"""What a file declares about text and data mining.

No evidence about origin, but kept and shown. Sources: PLUS `DataMining` and `OtherConstraints`
(namespace http://ns.useplus.org/ldf/xmp/1.0/, part of the IPTC Photo Metadata Standard since
2023.1), TDMRep in XMP (W3C TDM Reservation Protocol, 2024-05-10), and the C2PA assertions
`cawg.training-mining` and, in older files, `c2pa.training-mining`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from provenance.evidence import Observation
from provenance.readers import packet
from provenance.readers.raw import RawMetadata
from provenance.readers.text import brief
from provenance.vocabulary import DataMining, EvidenceKind, Grade, Origin, strictest

DETECTOR = "data-mining"
PLUS = "{http://ns.useplus.org/ldf/xmp/1.0/}"
# The protocol's own text ends the namespace in a slash; writers in the field differ.
TDM = tuple(f"{{http://www.w3.org/ns/tdmrep{end}}}" for end in ("/", "#", ""))
# A prohibition that refers to constraints elsewhere may be lifted by them.
_CONSTRAINED = frozenset(
    {
        "DMI-PROHIBITED-SEECONSTRAINT",
        "DMI-PROHIBITED-SEEEMBEDDEDRIGHTSEXPR",
        "DMI-PROHIBITED-SEELINKEDRIGHTSEXPR",
    }
)
_RESERVATIONS = {"1": DataMining.PROHIBITED, "0": DataMining.ALLOWED}
_USES = {
    "allowed": DataMining.ALLOWED,
    "constrained": DataMining.CONSTRAINED,
    "notAllowed": DataMining.PROHIBITED,
}
_ENTRIES = frozenset({"data_mining", "ai_inference", "ai_training", "ai_generative_training"})


@dataclass(frozen=True, slots=True)
class MiningDeclaration:
    """`value`: the strictest statement. `term`: the exact PLUS term that was written, or "".

    `policy_url`: where terms of use can be asked for, an http(s) address or "".
    `other_constraints`: whether the file states constraints in words (PLUS `OtherConstraints`).
    """

    value: DataMining = DataMining.UNSET
    term: str = ""
    policy_url: str = ""
    other_constraints: bool = False


def declared_mining(raw: RawMetadata) -> MiningDeclaration:
    """What the XMP packets declare; of several statements the strictest."""
    if "DataMining" not in raw.xmp and "tdmrep" not in raw.xmp and "Constraints" not in raw.xmp:
        return MiningDeclaration()
    packets = packet.parse(raw.xmp)
    terms = [term for text in packets.values(PLUS + "DataMining") if (term := _plus_term(text))]
    reserved = [text for tdm in TDM for text in packets.values(tdm + "reservation")]
    policies = [text for tdm in TDM for text in packets.values(tdm + "policy")]
    stated = [_meaning(term) for term in terms]
    stated += [_RESERVATIONS[text] for text in reserved if text in _RESERVATIONS]
    return MiningDeclaration(
        value=strictest(*stated),
        term=max(terms, key=_strictness, default=""),
        policy_url=next(filter(None, map(_web_address, policies)), ""),
        other_constraints=any(packets.values(PLUS + "OtherConstraints")),
    )


def mining_of_assertion(data: Mapping[str, Any]) -> DataMining:
    """What a `training-mining` assertion of CAWG or C2PA allows; of its entries the strictest."""
    entries = data.get("entries", data)
    if not isinstance(entries, Mapping):
        return DataMining.UNSET
    uses = []
    for name, entry in entries.items():
        family, _, use = str(name).partition(".")
        if family in {"cawg", "c2pa"} and use in _ENTRIES and isinstance(entry, Mapping):
            uses.append(_USES.get(str(entry.get("use")), DataMining.UNSET))
    return strictest(*uses)


def read(raw: RawMetadata) -> Iterator[Observation]:
    """At most one observation; it claims nothing about the origin."""
    declared = declared_mining(raw)
    if declared == MiningDeclaration():
        return
    detail: dict[str, Any] = {"data_mining": declared.value.value}
    if declared.term:
        detail["term"] = declared.term
    if declared.policy_url:
        detail["policy_url"] = declared.policy_url
    if declared.other_constraints:
        detail["other_constraints"] = True
    yield Observation(
        kind=EvidenceKind.XMP_IPTC,
        claims=Origin.UNKNOWN,
        grade=Grade.NONE,
        detail=detail,
        detector=DETECTOR,
    )


def _plus_term(text: str) -> str:
    """The term's key, from its address in PLUS's vocabulary or as it stands; "" if it is none."""
    key = text.rpartition("/")[2].upper()
    return brief(key) if key.startswith("DMI-") else ""


def _meaning(term: str) -> DataMining:
    """A prohibition of some kinds of mining counts as one: what is made of a work is not split."""
    if term in _CONSTRAINED:
        return DataMining.CONSTRAINED
    if term.startswith("DMI-PROHIBITED"):
        return DataMining.PROHIBITED
    return DataMining.ALLOWED if term == "DMI-ALLOWED" else DataMining.UNSET


def _strictness(term: str) -> int:
    return list(DataMining).index(_meaning(term))


def _web_address(text: str) -> str:
    """`text` if it is an http(s) address that can be shown, else ""."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    shown = brief(text, 500)
    return shown if parts.scheme in {"http", "https"} and parts.netloc and shown == text else ""
