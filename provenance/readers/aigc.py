"""China's label of generated content, GB 45438-2025 (in force since 2025-09-01).

A JSON object whose `Label` is 1 where the content is generated, 2 where it may be (its user said
so) and 3 where a platform suspects it. All three count: whoever wrote one spoke against interest,
and the number stays in the evidence. Written into XMP (namespace of TC260), into a PNG text chunk
`AIGC`, or as `{"AIGC": {…}}` into EXIF's UserComment or a comment.
"""

import re
from collections.abc import Iterator

from provenance.evidence import Observation
from provenance.readers import packet
from provenance.readers.raw import RawMetadata
from provenance.readers.text import brief, inner, json_object
from provenance.vocabulary import EvidenceKind, Grade, Origin

DETECTOR = "aigc"
NAMESPACE = "http://www.tc260.org.cn/ns/AIGC/1.0/"
LABELS = frozenset({"1", "2", "3"})
_FIELDS = frozenset(
    {
        "Label",
        "ContentProducer",
        "ProduceID",
        "ReservedCode1",
        "ContentPropagator",
        "PropagateID",
        "ReservedCode2",
    }
)
# In a packet that is no XML quotes are still entities.
_LABEL_IN_PIECES = re.compile(r'Label(?:"|&quot;)\s*:\s*(?:"|&quot;)?([123])\b')


def read(raw: RawMetadata) -> Iterator[Observation]:
    """At most one observation: the label, as far as it can be read."""
    found = list(_labels(raw))
    if not found:
        return
    label = min(found, key=lambda fields: fields["Label"] or "unknown")
    known = bool(label["Label"])
    detail = {"standard": "GB 45438-2025", "label": label["Label"] or None}
    if producer := label.get("ContentProducer"):
        detail["producer"] = producer
    yield Observation(
        kind=EvidenceKind.XMP_IPTC,
        claims=Origin.AI_GENERATED if known else Origin.UNKNOWN,
        grade=Grade.METADATA if known else Grade.NONE,
        detail=detail,
        detector=DETECTOR,
    )


def _labels(raw: RawMetadata) -> Iterator[dict[str, str]]:
    if NAMESPACE in raw.xmp:
        packets = packet.parse(raw.xmp)
        for text in packets.values(f"{{{NAMESPACE}}}AIGC"):
            yield from _fields(json_object(text))
        for label in packets.values(f"{{{NAMESPACE}}}Label"):
            yield from _fields({"Label": label})
        for text in packets.broken:
            if cut := _LABEL_IN_PIECES.search(text):
                yield {"Label": cut[1]}
    yield from _fields(json_object(raw.text.get("AIGC", "")))
    for text in (raw.exif.get("UserComment", ""), raw.text.get("comment", "")):
        yield from _fields(inner(json_object(text), "AIGC"))


def _fields(written: dict[str, object]) -> Iterator[dict[str, str]]:
    """The label's fields, if `written` is one: the word AIGC alone is not. An odd `Label` is ""."""
    written = inner(written, "AIGC") or written
    if "Label" in written or len(_FIELDS & written.keys()) > 1:
        fields = {name: brief(written[name]) for name in _FIELDS & written.keys()}
        label = fields.get("Label", "")
        yield fields | {"Label": label if label in LABELS else ""}
