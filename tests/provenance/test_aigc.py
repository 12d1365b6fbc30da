"""China's label of generated content: where it may stand, and what is none."""

import json

import pytest

from provenance.readers import aigc
from provenance.readers.everything import read_all
from provenance.readers.raw import RawMetadata
from provenance.vocabulary import EvidenceKind, Grade, Origin
from tests.helpers.generated import packet

LABEL = json.dumps({"Label": "1", "ContentProducer": "doubao", "ProduceID": "PRIVATE"})
WRAPPED = '{"AIGC": ' + LABEL + "}"
ESCAPED = LABEL.replace('"', "&quot;")


def only(**raw):
    (item,) = read_all(RawMetadata(**raw))
    return item


@pytest.mark.parametrize(
    "raw",
    [
        {"xmp": packet(f"<TC260:AIGC>{ESCAPED}</TC260:AIGC>")},
        {"xmp": packet("", f'TC260:AIGC="{ESCAPED}"')},
        {"text": {"AIGC": LABEL}},
        {"text": {"AIGC": WRAPPED}},
        {"text": {"comment": WRAPPED}},
        {"exif": {"UserComment": WRAPPED}},
    ],
)
def test_chinas_label_is_read_wherever_it_may_stand(raw):
    found = only(**raw)
    assert (found.kind, found.claims) == (EvidenceKind.XMP_IPTC, Origin.AI_GENERATED)
    assert found.detail == {"standard": "GB 45438-2025", "label": "1", "producer": "doubao"}


@pytest.mark.parametrize("label", [1, "1", "2", 3])
def test_possible_and_suspected_count_as_generated(label):
    found = only(text={"AIGC": json.dumps({"Label": label})})
    assert found.claims is Origin.AI_GENERATED
    assert found.detail["label"] == str(label)


def test_the_surest_of_several_labels_is_told():
    found = only(text={"AIGC": '{"Label": "3"}'}, exif={"UserComment": WRAPPED})
    assert found.detail["label"] == "1"


def test_a_label_without_its_number_claims_nothing():
    found = only(text={"AIGC": '{"ContentProducer": "x", "ProduceID": "y", "Label": "yes"}'})
    assert (found.claims, found.grade) == (Origin.UNKNOWN, Grade.NONE)
    assert found.detail["label"] is None


def test_a_label_in_a_cut_packet_is_read():
    text = packet(f"<TC260:AIGC>{ESCAPED}</TC260:AIGC>").partition("ProduceID")[0]
    (found,) = aigc.read(RawMetadata(xmp=text))
    assert found.claims is Origin.AI_GENERATED


@pytest.mark.parametrize(
    "raw",
    [
        {"text": {"AIGC": "a talk about AIGC"}},
        {"text": {"AIGC": '{"note": 1}'}},
        {"text": {"comment": LABEL}},
        {"exif": {"UserComment": '{"AIGC": "Label 1"}'}},
        {"xmp": packet("<TC260:AIGC>words</TC260:AIGC>")},
    ],
)
def test_the_word_alone_is_no_label(raw):
    assert read_all(RawMetadata(**raw)) == []
