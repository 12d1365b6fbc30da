"""What manifests are evidence of: the rules on plain values, and by property."""

from hypothesis import given
from hypothesis import strategies as st

from provenance.origin import Fact, judge
from provenance.readers.c2pa.claims import TRUSTED, failures_by_kind, observe
from provenance.readers.c2pa.store import (
    Action,
    Ingredient,
    Manifest,
    Store,
    Validation,
    private_assertions,
)
from provenance.vocabulary import AI_ORIGINS, Flag, Grade, SourceType

OK = Validation(success=frozenset({TRUSTED}))
UNTRUSTED = Validation(failure=frozenset({"signingCredential.untrusted"}))
CAPTURE = SourceType.DIGITAL_CAPTURE.uri
TRAINED = SourceType.TRAINED.uri


def store_of(*manifests, validation=OK, **more):
    return Store(
        state="present",
        active=manifests[0].label,
        validation=validation,
        manifests={manifest.label: manifest for manifest in manifests},
        **more,
    )


def verdict_of(store):
    return judge(
        Fact(kind=o.kind, claims=o.claims, grade=o.grade, integrity=o.integrity)
        for o in observe(store)
    )


codes = st.sampled_from(
    [
        TRUSTED,
        "signingCredential.untrusted",
        "signingCredential.expired",
        "assertion.dataHash.mismatch",
        "claimSignature.mismatch",
        "ingredient.manifest.missing",
        "cawg.ica.did_unavailable",
        "assertion.action.malformed",
        "something.nobody.knows",
    ]
)
validations = st.builds(Validation, st.frozensets(codes), st.frozensets(codes))
labels = st.sampled_from(["a", "b", "c", "d"])
ingredients = st.builds(
    Ingredient,
    relationship=st.sampled_from(["parentOf", "componentOf", "inputTo", "odd"]),
    manifest=st.none() | labels,
    recorded=validations,
    since=validations,
)
source_types = st.sampled_from([term.uri for term in SourceType] + ["http://example.com/nope", ""])
actions = st.builds(
    Action,
    action=st.sampled_from(["c2pa.created", "c2pa.opened", "c2pa.edited"]),
    agent=st.sampled_from(["", "Adobe Photoshop", "Adobe Firefly"]),
    description=st.sampled_from(["", "AI Generated Image", "cropped"]),
)


def manifests(label):
    return st.builds(
        Manifest,
        label=st.just(label),
        generator=st.sampled_from(["", "Camera", "Amazon_Bedrock"]),
        actions=st.lists(actions, max_size=3).map(tuple),
        source_types=st.lists(source_types, max_size=3).map(tuple),
        ingredients=st.lists(ingredients, max_size=3).map(tuple),
    )


@st.composite
def stores(draw):
    drawn = [draw(manifests(label)) for label in "abcd"]
    return store_of(*drawn, validation=draw(validations))


def reachable(store):
    """Labels of manifests that the pictures' parts lead to."""
    found, todo = set(), [store.active]
    while todo:
        label = todo.pop()
        if label in found or label not in store.manifests:
            continue
        found.add(label)
        todo += [
            item.manifest
            for item in store.manifests[label].ingredients
            if item.manifest and item.relationship in {"parentOf", "componentOf"}
        ]
    return found


@given(stores())
def test_no_store_with_an_ai_claim_in_it_is_human(store):
    said = {text for label in reachable(store) for text in store.manifests[label].source_types} & {
        term.uri for term in SourceType if term.origin in AI_ORIGINS
    }
    if said:
        assert verdict_of(store).flag is Flag.AI


@given(stores())
def test_a_trusted_human_verdict_needs_every_signer_trusted_and_nothing_tampered(store):
    verdict = verdict_of(store)
    if verdict.flag is Flag.HUMAN and verdict.grade is Grade.SIGNED_TRUSTED:
        assert TRUSTED in store.validation.success
        for label in reachable(store):
            for item in store.manifests[label].ingredients:
                if item.relationship in {"parentOf", "componentOf"}:
                    failures = failures_by_kind(item.recorded)["integrity"]
                    assert not failures + failures_by_kind(item.since)["integrity"]
                    assert TRUSTED in item.recorded.success | item.since.success


@given(stores(), manifests("x"))
def test_wrapping_never_makes_a_claim_worth_more(store, outer):
    """Somebody unknown signs around a store: nothing becomes trusted by it."""
    part = Ingredient("parentOf", store.active, recorded=OK, since=OK)
    wrapped = Store(
        state="present",
        active="x",
        validation=UNTRUSTED,
        manifests={**store.manifests, "x": Manifest("x", ingredients=(part,))},
    )
    assert verdict_of(wrapped).grade.weight <= Grade.SIGNED_UNTRUSTED.weight


def test_a_recorded_trust_does_not_count_against_a_recorded_doubt():
    both = Validation(success=frozenset({TRUSTED}), failure=UNTRUSTED.failure)
    shot = Manifest("b", source_types=(CAPTURE,))
    edit = Manifest("a", ingredients=(Ingredient("parentOf", "b", recorded=both),))
    assert verdict_of(store_of(edit, shot)).grade is not Grade.SIGNED_TRUSTED


def test_a_failing_identity_is_no_tampering():
    """Real files of Adobe's Content Authenticity read so wherever nothing is fetched."""
    failing = Validation(frozenset({TRUSTED}), frozenset({"cawg.ica.did_unavailable"}))
    verdict = verdict_of(store_of(Manifest("a", source_types=(CAPTURE,)), validation=failing))
    assert (verdict.integrity, verdict.grade) == ("intact", "signed_trusted")


def test_an_expired_certificate_is_a_matter_of_the_issuer():
    expired = Validation(failure=frozenset({"signingCredential.expired"}))
    verdict = verdict_of(store_of(Manifest("a", source_types=(CAPTURE,)), validation=expired))
    assert (verdict.integrity, verdict.grade) == ("intact", "declared")


def test_an_input_of_a_model_is_not_what_the_picture_is_made_of():
    made = Manifest("b", source_types=(TRAINED,))
    work = Manifest("a", ingredients=(Ingredient("inputTo", "b", since=OK),))
    assert verdict_of(store_of(work, made)).flag is Flag.UNKNOWN


def test_a_circle_of_parts_ends():
    one = Manifest("a", source_types=(CAPTURE,), ingredients=(Ingredient("parentOf", "b", OK),))
    two = Manifest("b", source_types=(CAPTURE,), ingredients=(Ingredient("parentOf", "a", OK),))
    assert verdict_of(store_of(one, two)).grade is not Grade.SIGNED_TRUSTED


def test_what_is_private_is_named_for_redaction_and_what_was_redacted_is_not():
    manifest = Manifest(
        "urn:c2pa:1", assertions=("c2pa.actions.v2", "stds.exif", "c2pa.hash.data", "com.x.place")
    )
    prefix = "self#jumbf=/c2pa/urn:c2pa:1/c2pa.assertions/"
    assert private_assertions(store_of(manifest)) == (prefix + "stds.exif", prefix + "com.x.place")
    again = store_of(manifest, redacted=frozenset({prefix + "stds.exif"}))
    assert private_assertions(again) == (prefix + "com.x.place",)


def test_doubled_parts_are_looked_at_once():
    """Twenty levels of two parts each are a million paths."""
    chain = [
        Manifest(
            str(level),
            source_types=(CAPTURE,),
            ingredients=(Ingredient("parentOf", str(level + 1), OK),) * 2 if level < 24 else (),
        )
        for level in range(25)
    ]
    verdict = verdict_of(store_of(*chain))
    assert (verdict.origin, verdict.grade) == ("human_captured", "signed_trusted")


def test_a_part_whose_certificate_ran_out_since_is_not_trusted():
    expired = Validation(OK.success, frozenset({"signingCredential.expired"}))
    shot = Manifest("b", source_types=(CAPTURE,))
    edit = Manifest("a", ingredients=(Ingredient("parentOf", "b", since=expired),))
    assert verdict_of(store_of(edit, shot)).grade is not Grade.SIGNED_TRUSTED
