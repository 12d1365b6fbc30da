"""What files declare about text and data mining."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.readers.everything import read_all
from provenance.readers.mining import MiningDeclaration, declared_mining, mining_of_assertion
from provenance.readers.raw import RawMetadata
from provenance.vocabulary import DataMining, Grade, Origin, strictest
from tests.helpers.generated import in_list, packet

VOCABULARY = "http://ns.useplus.org/ldf/vocab/"


@pytest.mark.parametrize(
    ("term", "value"),
    [
        ("DMI-UNSPECIFIED", DataMining.UNSET),
        ("DMI-ALLOWED", DataMining.ALLOWED),
        ("DMI-PROHIBITED-AIMLTRAINING", DataMining.PROHIBITED),
        ("DMI-PROHIBITED-GENAIMLTRAINING", DataMining.PROHIBITED),
        ("DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING", DataMining.PROHIBITED),
        ("DMI-PROHIBITED", DataMining.PROHIBITED),
        ("DMI-PROHIBITED-SEECONSTRAINT", DataMining.CONSTRAINED),
        ("DMI-PROHIBITED-SEEEMBEDDEDRIGHTSEXPR", DataMining.CONSTRAINED),
        ("DMI-PROHIBITED-SEELINKEDRIGHTSEXPR", DataMining.CONSTRAINED),
    ],
)
@pytest.mark.parametrize("prefix", [VOCABULARY, VOCABULARY.replace("http:", "https:"), ""])
def test_every_term_of_plus_has_a_meaning(prefix, term, value):
    raw = RawMetadata(xmp=packet(f"<plus:DataMining>{prefix}{term}</plus:DataMining>"))
    declared = declared_mining(raw)
    assert (declared.value, declared.term) == (value, term)
    (found,) = read_all(raw)
    assert found.detail == {"data_mining": value.value, "term": term}
    assert (found.claims, found.grade) == (Origin.UNKNOWN, Grade.NONE)


def test_a_reservation_and_its_policy_are_read():
    text = packet("", 'tdm:reservation="1" tdm:policy="https://example.org/terms"')
    declared = declared_mining(RawMetadata(xmp=text))
    assert (declared.value, declared.policy_url) == (
        DataMining.PROHIBITED,
        "https://example.org/terms",
    )


@pytest.mark.parametrize("end", ["#", ""])
def test_the_protocols_other_namespaces_are_read(end):
    text = packet("", 'tdm:reservation="0"').replace("tdmrep/", f"tdmrep{end}")
    assert declared_mining(RawMetadata(xmp=text)).value is DataMining.ALLOWED


@pytest.mark.parametrize("policy", ["javascript:alert(1)", "terms", "http://", "https://[", "//x"])
def test_a_policy_that_is_no_web_address_is_left_out(policy):
    text = packet("", f'tdm:reservation="1" tdm:policy="{policy}"')
    assert declared_mining(RawMetadata(xmp=text)).policy_url == ""


def test_the_strictest_of_several_declarations_holds():
    terms = f"<rdf:Bag><rdf:li>{VOCABULARY}DMI-ALLOWED</rdf:li>"
    terms += f"<rdf:li>{VOCABULARY}DMI-PROHIBITED</rdf:li></rdf:Bag>"
    text = packet(f"<plus:DataMining>{terms}</plus:DataMining>", 'tdm:reservation="0"')
    declared = declared_mining(RawMetadata(xmp=text))
    assert (declared.value, declared.term) == (DataMining.PROHIBITED, "DMI-PROHIBITED")


def test_constraints_in_words_are_mentioned_and_not_quoted():
    text = packet(in_list("plus:OtherConstraints", "ask PRIVATE first"))
    (found,) = read_all(RawMetadata(xmp=text))
    assert found.detail == {"data_mining": "unset", "other_constraints": True}


@pytest.mark.parametrize("text", ["", packet(""), packet("about DataMining and tdmrep")])
def test_silence_about_mining_is_no_declaration(text):
    assert declared_mining(RawMetadata(xmp=text)) == MiningDeclaration()
    assert read_all(RawMetadata(xmp=text)) == []


@pytest.mark.parametrize(
    ("data", "value"),
    [
        ({"entries": {"cawg.ai_generative_training": {"use": "notAllowed"}}}, "prohibited"),
        ({"entries": {"c2pa.ai_generative_training": {"use": "notAllowed"}}}, "prohibited"),
        ({"cawg.data_mining": {"use": "allowed"}}, "allowed"),
        (
            {
                "entries": {
                    "c2pa.ai_training": {"use": "allowed"},
                    "c2pa.data_mining": {"use": "constrained", "constraint_info": "ask"},
                }
            },
            "constrained",
        ),
        ({"entries": {"c2pa.ai_inference": {"use": "perhaps"}}}, "unset"),
        ({"entries": {"other.data_mining": {"use": "notAllowed"}}}, "unset"),
        ({"entries": {"cawg.data_mining": "notAllowed"}}, "unset"),
        ({"entries": [1]}, "unset"),
        ({}, "unset"),
    ],
)
def test_an_assertion_means_its_strictest_entry(data, value):
    assert mining_of_assertion(data) is DataMining(value)


@given(st.lists(st.sampled_from(DataMining)), st.sampled_from(DataMining))
def test_more_declarations_are_never_laxer(values, another):
    order = list(DataMining)
    assert order.index(strictest(*values, another)) >= order.index(strictest(*values))
