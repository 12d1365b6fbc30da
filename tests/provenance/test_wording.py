"""Sentences say what was seen, and never tell silence as a person's work."""

import re

import pytest

from provenance.vocabulary import DataMining, EvidenceKind, Origin
from provenance.wording import reason, reasons

METADATA = EvidenceKind.GENERATOR_METADATA
XMP = EvidenceKind.XMP_IPTC


@pytest.mark.parametrize(
    ("kind", "claims", "detail", "sentence"),
    [
        (METADATA, "ai_generated", {}, "The file carries the settings of Painter."),
        (METADATA, "ai_edited", {}, "The file says that it was edited with Painter."),
        (
            METADATA,
            "ai_edited",
            {"hidden_in": "pixels"},
            "The settings of Painter are hidden in its pixels.",
        ),
        (
            METADATA,
            "unknown",
            {"state": "hint"},
            "It carries a job number of a service, which does not say how it was made.",
        ),
        (
            METADATA,
            "unknown",
            {"state": "unreadable", "part": "exif"},
            "Its EXIF metadata could not be read. What may be said there is not known.",
        ),
        (
            EvidenceKind.C2PA,
            "unknown",
            {"state": "unreadable"},
            "Its content credentials could not be read. What may be said there is not known.",
        ),
        (
            XMP,
            "ai_generated",
            {"state": "unreadable", "part": "xmp"},
            "Its XMP metadata is damaged, but still says: made with AI.",
        ),
        (
            XMP,
            "ai_generated",
            {"digital_source_type": "x", "ai_fields": ["AISystemUsed"]},
            "Its metadata states the source type: made with AI.",
        ),
        (
            XMP,
            "ai_generated",
            {"digital_source_type": None, "ai_fields": ["AISystemUsed"]},
            "Its metadata says that Painter was used.",
        ),
        (
            XMP,
            "unknown",
            {"digital_source_type": "x"},
            "Its metadata states a source type that leaves its origin open.",
        ),
        (
            XMP,
            "ai_generated",
            {"standard": "GB 45438-2025", "label": "3"},
            "It carries China's label of generated content: suspected to be generated.",
        ),
        (
            XMP,
            "unknown",
            {"data_mining": "prohibited"},
            "Its metadata prohibits text and data mining.",
        ),
    ],
)
def test_evidence_is_told_by_what_was_seen(kind, claims, detail, sentence):
    assert reason(kind, Origin(claims), generator="Painter", detail=detail) == sentence


@pytest.mark.parametrize("kind", [METADATA, XMP])
@pytest.mark.parametrize(
    "detail",
    [
        {},
        {"state": "unreadable", "part": "anything"},
        {"state": "hint"},
        {"standard": "GB 45438-2025", "label": None},
        {"digital_source_type": "x", "ai_fields": []},
        *({"data_mining": value.value} for value in DataMining),
    ],
)
def test_what_claims_nothing_is_never_told_as_a_persons_work(kind, detail):
    told = reason(kind, Origin.UNKNOWN, detail=detail).lower()
    assert not re.search(r"\b(human|person|hand|photograph|real|authentic)\b", told)


def test_evidence_that_says_nothing_of_the_origin_does_not_hide_that_nothing_is_known():
    mining = "Its metadata prohibits text and data mining."
    assert reasons([mining], disputed=False, no_evidence=True) == [
        mining,
        "Nothing is known about how it was made. That does not mean a person made it.",
    ]
