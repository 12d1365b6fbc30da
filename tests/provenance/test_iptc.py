"""IPTC's statements in XMP, and packets that cannot be read."""

import pytest

from provenance.marks import xmp
from provenance.marks.mark import Mark
from provenance.readers.everything import read_all
from provenance.readers.raw import RawMetadata
from provenance.vocabulary import EvidenceKind, Grade, Origin, SourceType
from tests.helpers.generated import IPTC, in_list, packet, source_type

DST = "Iptc4xmpExt:DigitalSourceType"
TRAINED = IPTC + "trainedAlgorithmicMedia"


def said(**raw):
    return {(item.generator, item.claims.value) for item in read_all(RawMetadata(**raw))}


def only(**raw):
    (item,) = read_all(RawMetadata(**raw))
    return item


def bare(body):
    """A packet without the element around its RDF, which may be left out."""
    return packet(body).partition('"adobe:ns:meta/">')[2].partition("</x:xmpmeta>")[0]


@pytest.mark.parametrize(
    ("origin", "claims"),
    [("ai_generated", "ai_generated"), ("algorithmic", "algorithmic"), ("ai_edited", "ai_edited")],
)
def test_our_own_mark_is_read_back(origin, claims):
    mark = xmp.packet(Mark(origin=Origin(origin), system='x/"y" <z>')).decode()
    assert said(xmp=mark) == {('x/"y" <z>', claims)}


@pytest.mark.parametrize(
    "term", [TRAINED, TRAINED.replace("http:", "https:"), "trainedAlgorithmicMedia"]
)
@pytest.mark.parametrize(
    "write",
    [
        lambda term: packet("", f'{DST}="{term}"'),
        lambda term: packet(f"<{DST}>{term}</{DST}>"),
        lambda term: packet(f'<{DST} rdf:resource="{term}"/>'),
        lambda term: packet(f"<{DST}><rdf:Bag><rdf:li>{term}</rdf:li></rdf:Bag></{DST}>"),
        lambda term: packet(f"<{DST}><rdf:Seq><rdf:li rdf:resource='{term}'/></rdf:Seq></{DST}>"),
        lambda term: packet(in_list(DST, term)),
        lambda term: packet("") + packet(f"<{DST}>{term}</{DST}>"),
        lambda term: packet("").partition("<?xpacket end")[0] + packet("", f'{DST}="{term}"'),
        lambda term: 2 * (bare(f"<{DST}>{term}</{DST}>") + "\n"),
    ],
)
def test_a_source_type_is_found_however_it_is_written(write, term):
    found = only(xmp=write(term))
    assert (found.kind, found.claims) == (EvidenceKind.XMP_IPTC, Origin.AI_GENERATED)
    assert found.detail == {"digital_source_type": TRAINED, "ai_fields": []}


@pytest.mark.parametrize("term", list(SourceType))
def test_every_term_claims_its_origin(term):
    found = only(xmp=packet(f"<{DST}>{term.uri}</{DST}>"))
    assert found.claims is term.origin
    assert (found.grade is Grade.NONE) == (term.origin is Origin.UNKNOWN)


@pytest.mark.parametrize(
    ("term", "origin"),
    [
        ("http://c2pa.org/digitalsourcetype/trainedAlgorithmicData", Origin.AI_GENERATED),
        ("https://c2pa.org/digitalsourcetype/empty", Origin.UNKNOWN),
        (IPTC + "digitalArt", Origin.HUMAN_CREATED),
        (IPTC + "minorHumanEdits", Origin.HUMAN_CREATED),
        (IPTC + "softwareImage", Origin.UNKNOWN),
    ],
)
def test_retired_terms_and_those_of_c2pa_have_an_origin(term, origin):
    assert only(xmp=packet(f"<{DST}>{term}</{DST}>")).claims is origin


def test_of_several_statements_the_one_against_interest_is_believed():
    both = source_type("digitalCapture") + source_type("trainedAlgorithmicMedia")
    assert said(xmp=packet(both)) == {("", "ai_generated")}


def test_ai_fields_make_it_ai_even_under_a_capture():
    body = source_type("digitalCapture")
    body += "<Iptc4xmpExt:AISystemUsed>Fixer</Iptc4xmpExt:AISystemUsed>"
    assert said(xmp=packet(body)) == {("Fixer", "ai_edited")}


def test_the_prompt_and_its_writer_are_named_and_not_quoted():
    body = in_list("Iptc4xmpExt:AIPromptInformation", "PRIVATE cat")
    body += in_list("Iptc4xmpExt:AIPromptWriterName", "PRIVATE person")
    body += "<Iptc4xmpExt:AISystemVersionUsed>2.1</Iptc4xmpExt:AISystemVersionUsed>"
    found = only(xmp=packet(body))
    assert found.claims is Origin.AI_GENERATED
    assert found.detail == {
        "digital_source_type": None,
        "ai_fields": ["AIPromptInformation", "AIPromptWriterName", "AISystemVersionUsed"],
        "version": "2.1",
    }


@pytest.mark.parametrize(
    "text",
    ["<x:xmpmeta", "\0", "no xml", '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><a>&c;</a>'],
)
def test_a_packet_that_is_no_xml_is_unreadable_and_not_absent(text):
    found = only(xmp=f"?{text}")
    assert found.detail == {"state": "unreadable", "part": "xmp"}
    assert (found.claims, found.grade) == (Origin.UNKNOWN, Grade.NONE)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_packet_that_was_cut_still_says_what_it_says(scheme):
    address = TRAINED.replace("http", scheme, 1)
    assert said(xmp=f"<x><y>{address}") == {("", "ai_generated")}


def test_a_cut_packet_never_says_human():
    assert said(xmp=f"<x><y>{IPTC}digitalCapture") == {("", "unknown")}


def test_one_broken_packet_does_not_hide_the_other():
    text = packet("<broken>") + packet(source_type("trainedAlgorithmicMedia"))
    assert said(xmp=text) == {("", "unknown"), ("", "ai_generated")}


@pytest.mark.parametrize(
    ("part", "kind"),
    [("exif", EvidenceKind.GENERATOR_METADATA), ("xmp", EvidenceKind.XMP_IPTC)],
)
def test_a_part_that_the_decoder_could_not_read_is_told(part, kind):
    found = only(unreadable=(part, part))
    assert found.detail == {"state": "unreadable", "part": part}
    assert (found.kind, found.claims, found.grade) == (kind, Origin.UNKNOWN, Grade.NONE)
