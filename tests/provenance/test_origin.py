"""The verdict's algebra, by its rules and by property."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.origin import Fact, ai_ward, judge, what_a_match_says
from provenance.vocabulary import (
    AI_ORIGINS,
    HUMAN_ORIGINS,
    EvidenceKind,
    Flag,
    Grade,
    Integrity,
    Origin,
    SourceType,
    source_type_from,
)

facts = st.builds(
    Fact,
    kind=st.sampled_from([kind for kind in EvidenceKind if kind is not EvidenceKind.RULING]),
    claims=st.sampled_from(Origin),
    grade=st.sampled_from(Grade),
    integrity=st.sampled_from(Integrity),
    named=st.booleans(),
)
rulings = st.lists(
    st.builds(
        Fact,
        kind=st.just(EvidenceKind.RULING),
        claims=st.sampled_from(Origin),
        grade=st.just(Grade.DECLARED),
        sequence=st.integers(1, 1000),
    ),
    unique_by=lambda fact: fact.sequence,
    max_size=4,
)
ai_facts = facts.filter(lambda fact: fact.claims in AI_ORIGINS)


def fact(kind, claims, grade, integrity=Integrity.NONE, **more):
    return Fact(EvidenceKind(kind), Origin(claims), Grade(grade), integrity, **more)


GENERATED = fact("platform_generation", "algorithmic", "platform_proven")
DECLARED_HUMAN = fact("declaration", "human_captured", "declared")
DECLARED_AI = fact("declaration", "ai_generated", "declared")
METADATA_AI = fact("xmp_iptc", "ai_generated", "metadata")
CAMERA = fact("c2pa", "human_captured", "signed_trusted", Integrity.INTACT)


@given(st.lists(facts, max_size=6), rulings, st.randoms())
def test_the_order_of_evidence_never_matters(evidence, ruled, random):
    together = [*evidence, *ruled]
    shuffled = list(together)
    random.shuffle(shuffled)
    assert judge(together) == judge(shuffled)


@given(st.lists(facts, max_size=6), ai_facts)
def test_more_ai_evidence_never_makes_it_more_human(evidence, more):
    rank = {Flag.HUMAN: 0, Flag.UNKNOWN: 1, Flag.AI: 2}
    before, after = judge(evidence), judge([*evidence, more])
    assert rank[after.flag] >= rank[before.flag]
    assert after.flag is Flag.AI


@given(st.lists(facts, max_size=6))
def test_what_was_named_is_as_much_ai_and_contradicts_nothing(evidence):
    named = [replace(item, named=True) for item in evidence]
    before, after = judge(evidence), judge(named)
    assert not after.disputed
    assert replace(before, disputed=False) == after


@given(st.lists(facts, max_size=6))
def test_any_ai_claim_is_ai_and_without_claims_nothing_is_human(evidence):
    flag = judge(evidence).flag
    if any(item.claims in AI_ORIGINS for item in evidence):
        assert flag is Flag.AI
    elif not any(item.claims in HUMAN_ORIGINS for item in evidence):
        assert flag is Flag.UNKNOWN


@given(st.lists(facts, max_size=6))
def test_human_above_declared_needs_a_trusted_intact_signature(evidence):
    verdict = judge(evidence)
    if verdict.flag is Flag.HUMAN and verdict.grade is not Grade.DECLARED:
        assert verdict.grade is Grade.SIGNED_TRUSTED
        assert any(
            item.kind is EvidenceKind.C2PA
            and item.grade is Grade.SIGNED_TRUSTED
            and item.integrity is Integrity.INTACT
            for item in evidence
        )


@given(st.lists(facts, max_size=6), rulings.filter(bool))
def test_the_last_ruling_decides(evidence, ruled):
    verdict = judge([*evidence, *ruled])
    assert verdict.origin is max(ruled, key=lambda item: item.sequence).claims
    assert not verdict.disputed


@given(st.lists(facts, max_size=6), rulings, st.sampled_from(Origin))
def test_a_withdrawn_ruling_leaves_no_trace(evidence, ruled, claims):
    ruling = fact("ruling", claims, "declared", sequence=2000)
    back = fact("ruling", "unknown", "none", sequence=2001, withdraws=2000)
    assert judge([*evidence, *ruled, ruling, back]) == judge([*evidence, *ruled])


@pytest.mark.parametrize(
    ("evidence", "origin", "grade", "disputed"),
    [
        ([], "unknown", "none", False),
        ([GENERATED], "algorithmic", "platform_proven", False),
        ([DECLARED_HUMAN], "human_captured", "declared", False),
        ([DECLARED_HUMAN, METADATA_AI], "ai_generated", "metadata", True),
        ([DECLARED_AI, METADATA_AI], "ai_generated", "metadata", False),
        ([CAMERA], "human_captured", "signed_trusted", False),
        ([CAMERA, DECLARED_AI], "ai_generated", "declared", False),
        ([GENERATED, METADATA_AI], "algorithmic", "platform_proven", False),
        (
            [fact("c2pa", "human_captured", "signed_untrusted", Integrity.INTACT)],
            "human_captured",
            "declared",
            False,
        ),
        (
            [fact("c2pa", "human_captured", "signed_trusted", Integrity.TAMPERED)],
            "unknown",
            "none",
            False,
        ),
        (
            [fact("c2pa", "ai_edited", "signed_trusted", Integrity.TAMPERED)],
            "ai_edited",
            "metadata",
            False,
        ),
        (
            [
                fact("xmp_iptc", "ai_edited", "metadata"),
                fact("generator_metadata", "ai_generated", "metadata"),
            ],
            "ai_generated",
            "metadata",
            False,
        ),
    ],
)
def test_the_rules_by_example(evidence, origin, grade, disputed):
    verdict = judge(evidence)
    assert (verdict.origin, verdict.grade, verdict.disputed) == (origin, grade, disputed)


def test_an_open_dispute_shows():
    assert judge([METADATA_AI], dispute_open=True).disputed


@pytest.mark.parametrize("origin", sorted(AI_ORIGINS))
@pytest.mark.parametrize("grade", ["signed_untrusted", "metadata", "declared"])
def test_a_weakly_known_ai_work_cannot_poison_somebody_elses_picture(origin, grade):
    said = what_a_match_says(
        source_origin=origin,
        source_grade=Grade(grade),
        source_ruled=False,
        same_owner=False,
        exact=True,
    )
    assert said == (Origin.UNKNOWN, Grade.NONE)


@given(st.sampled_from(sorted(HUMAN_ORIGINS)), st.sampled_from(Grade), st.booleans(), st.booleans())
def test_a_copy_of_human_work_is_a_duplicate_and_not_evidence(origin, grade, ruled, own):
    said = what_a_match_says(
        source_origin=origin, source_grade=grade, source_ruled=ruled, same_owner=own, exact=True
    )
    assert said == (Origin.UNKNOWN, Grade.NONE)


def test_a_copy_of_generated_work_is_proven_if_exact_and_matched_if_not():
    for exact, grade in ((True, Grade.PLATFORM_PROVEN), (False, Grade.MATCHED)):
        said = what_a_match_says(
            source_origin=Origin.ALGORITHMIC,
            source_grade=Grade.PLATFORM_PROVEN,
            source_ruled=False,
            same_owner=False,
            exact=exact,
        )
        assert said == (Origin.ALGORITHMIC, grade)


@given(st.lists(st.tuples(st.sampled_from(Origin), st.sampled_from(Grade)), min_size=1))
def test_a_gallery_is_as_ai_as_its_most_ai_picture(works):
    most = max(works, key=lambda work: ai_ward(*work))
    flags = {origin.flag for origin, _ in works}
    expected = next(f for f in (Flag.AI, Flag.UNKNOWN, Flag.HUMAN) if f in flags)
    assert most[0].flag is expected


@pytest.mark.parametrize("term", list(SourceType))
def test_source_types_are_read_in_every_spelling(term):
    https = term.uri.replace("http:", "https:")
    for text in (term.value, term.uri, https, f"digsrctype:{term.value}"):
        assert source_type_from(text) is term


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nope",
        "http://example.com/trainedAlgorithmicMedia",
        "http://c2pa.org/digitalsourcetype/digitalCapture",
        "http://cv.iptc.org/newscodes/digitalsourcetype/empty",
    ],
)
def test_unlisted_source_types_are_nothing(text):
    assert source_type_from(text) is None
