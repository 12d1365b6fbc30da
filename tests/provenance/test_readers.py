"""Whatever is written in a file: no reader fails, and what it says can be stored and shown."""

import json
import logging

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from provenance.evidence import Observation
from provenance.readers import everything, mining
from provenance.readers.everything import read_all
from provenance.readers.mining import mining_of_assertion
from provenance.readers.raw import RawMetadata
from provenance.vocabulary import AI_ORIGINS, DataMining, Flag, Grade
from tests.helpers.generated import EDITS, IPTC, PICTURES, packet, source_type

DST = "Iptc4xmpExt:DigitalSourceType"
TRAINED = IPTC + "trainedAlgorithmicMedia"


NAMES = sorted(
    {name for _, raw in [*PICTURES.values(), *EDITS.values()] for name in raw.get("text", {})}
    | {"AIGC", "comment", "hf-job-id"}
)
TAGS = ["Make", "Model", "Software", "Artist", "ImageDescription", "UserComment", "MakerNote"]
SAMPLES = [
    text
    for _, raw in [*PICTURES.values(), *EDITS.values()]
    for text in [
        *raw.get("text", {}).values(),
        *raw.get("exif", {}).values(),
        *raw.get("stealth", ()),
        raw.get("xmp", ""),
    ]
]
KEYS = ["nodes", "links", "class_type", "inputs", "id", "type", "image", "sui_image_params"]
KEYS += ["Label", "AIGC", "model", "seed", "steps", "version", "c", "uc", "entries", "mode"]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner, max_size=6)
    ),
    max_leaves=12,
)
anything = st.one_of(
    st.text(max_size=300),
    json_values.map(json.dumps),
    st.sampled_from(SAMPLES),
    st.tuples(st.sampled_from(SAMPLES), st.integers(0, 900)).map(lambda cut: cut[0][: cut[1]]),
)
raws = st.builds(
    RawMetadata,
    text=st.dictionaries(st.sampled_from(NAMES), anything, max_size=4),
    exif=st.dictionaries(st.sampled_from(TAGS), anything, max_size=4),
    xmp=anything,
    unreadable=st.lists(st.text(max_size=100), max_size=3).map(tuple),
    stealth=st.lists(anything, max_size=2).map(tuple),
)


def check(found: Observation) -> None:
    stored = json.dumps(found.detail, allow_nan=False)
    assert len(stored) < 8_000
    assert "\\u0000" not in stored
    (stored + found.generator).encode()
    assert "\0" not in found.generator
    assert len(found.generator) <= 200
    assert (found.claims in AI_ORIGINS) <= (found.grade is Grade.METADATA)


@settings(deadline=None)
@given(raws)
@example(RawMetadata(text={"prompt": '{"1": {"class_type": "\\ud800", "inputs": 1}}'}))
@example(RawMetadata(text={"parameters": '{"sui_image_params": {"model": "\\u0000\\ud800x"}}'}))
def test_no_text_makes_a_reader_fail_or_say_what_cannot_be_stored(raw):
    for name, reader in everything.READERS.items():
        for found in reader(raw):
            check(found)
            assert found.detector, name


@settings(deadline=None)
@given(json_values)
def test_no_assertion_makes_mining_fail(value):
    if isinstance(value, dict):
        assert mining_of_assertion(value) in DataMining


@settings(deadline=None)
@given(raws)
def test_metadata_that_is_read_twice_says_the_same(raw):
    assert read_all(raw) == read_all(raw)


@settings(deadline=None)
@given(
    st.dictionaries(st.sampled_from(NAMES), anything),
    st.dictionaries(st.sampled_from(TAGS), anything),
)
def test_the_settings_of_generators_never_say_human(text, exif):
    assert all(item.claims.flag is not Flag.HUMAN for item in read_all(RawMetadata(text, exif)))


DEEP = 200_000


@pytest.mark.parametrize(
    "raw",
    [
        {"text": {"prompt": '{"a":' * DEEP}},
        {"stealth": ('{"a":[' + "[" * DEEP,)},
        {"stealth": ('{"a":' + "[" * 700 + "]" * 700 + "}",)},
        {"xmp": "<a>" * DEEP},
        {"xmp": "<a>" * DEEP + "</a>" * DEEP},
        {"xmp": "<x:xmpmeta>" * DEEP},
        {"xmp": packet(f"<{DST}>" * 18_000 + f"</{DST}>" * 18_000)},
        {"text": {"parameters": "Steps: 1, Operations: " * 40_000}},
        {"text": {"parameters": 'Steps: 1, Seed: 1, Operations: "' * 30_000}},
        {"text": {"Description": "Job ID: 01234567-" * 60_000}},
        {"text": {"Dream": " -s 1" * DEEP}},
        {"text": {"prompt": "{" + '"class_type": "K",' * 50_000}},
        {"text": {"prompt": "{" + "".join(f'"class_type": "K{n}",' for n in range(40_000))}},
        {"xmp": "http://www.tc260.org.cn/ns/AIGC/1.0/" + 'Label": ' * 100_000},
        {"exif": {"UserComment": '{"seed": ' + "9" * 900_000 + "}"}},
    ],
)
def test_hostile_texts_are_read_without_failing(raw):
    for reader in everything.READERS.values():
        for found in reader(RawMetadata(**raw)):
            check(found)


def test_a_reader_that_fails_is_told_and_hides_nothing_else(monkeypatch, caplog):
    def stumbling(raw):
        yield from mining.read(raw)
        raise RuntimeError("a defect")

    monkeypatch.setitem(everything.READERS, "mining", stumbling)
    text = packet(source_type("trainedAlgorithmicMedia"), 'tdm:reservation="1"')
    with caplog.at_level(logging.ERROR):
        found = read_all(RawMetadata(xmp=text))
    assert [item.detail for item in found] == [
        {"digital_source_type": TRAINED, "ai_fields": []},
        {"data_mining": "prohibited"},
        {"state": "unreadable", "part": "mining"},
    ]
    assert "mining" in caplog.text
