"""Signed files, made by the SDK as strangers make them, read in the jail and judged."""

import pytest
from PIL import Image

from provenance import reading, trust
from provenance.origin import Fact, judge
from provenance.readers.raw import RawMetadata
from tests.helpers import pictures
from tests.helpers.issuers import issuer, leaf_of

pytestmark = pytest.mark.django_db
GPS = {
    "label": "stds.exif",
    "data": {
        "@context": {"exif": "http://ns.adobe.com/exif/1.0/"},
        "exif:GPSLatitude": "39,21.102N",
    },
    "kind": "Json",
}
FORMATS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WEBP",
    "image/gif": "GIF",
    "image/avif": "AVIF",
}


@pytest.fixture
def trusting():
    """Import the root of an issuer as a trust list; the issuer."""

    def trusting(organization, *, tier="c2pa", kind="anchors"):
        signer = issuer(organization)
        trust.import_list(
            name=organization.lower().replace(" ", "-"),
            kind=kind,
            tier=tier,
            source="https://lists.example.org/" + organization,
            content=leaf_of(signer.chain) if kind == "allowed" else signer.root,
        )
        return signer

    return trusting


@pytest.fixture
def examined(tmp_path):
    """(the C2PA evidence or None, the judgement) about a file of these bytes."""

    def examined(data):
        path = tmp_path / "file"
        path.write_bytes(data)
        believed = trust.policy()
        store = reading.read_credentials(path, believed)
        found = reading.findings(RawMetadata(), store, believed).observations
        facts = [
            Fact(kind=o.kind, claims=o.claims, grade=o.grade, integrity=o.integrity) for o in found
        ]
        return (found[0] if found else None), judge(facts)

    return examined


@pytest.mark.parametrize("media_type", FORMATS)
def test_a_trusted_camera_makes_a_photograph(trusting, examined, media_type):
    camera = trusting("Camera Works")
    plain = pictures.encoded(pictures.picture(1), FORMATS[media_type])
    evidence, verdict = examined(camera.sign(plain, media_type, source_type="digitalCapture"))
    assert (verdict.origin, verdict.grade) == ("human_captured", "signed_trusted")
    assert verdict.integrity == "intact"
    assert evidence.issuer == "Camera Works"
    assert evidence.detail["trust_tier"] == "c2pa"


def test_anybody_can_sign_a_capture_and_is_not_believed(examined):
    signed = issuer("Nobody").sign(pictures.jpeg(1), source_type="digitalCapture")
    evidence, verdict = examined(signed)
    assert (verdict.origin, verdict.grade) == ("human_captured", "declared")
    assert evidence.detail["state"] == "valid"


def test_anybody_who_signs_ai_is_believed(examined):
    signed = issuer("Nobody").sign(pictures.jpeg(1), source_type="trainedAlgorithmicMedia")
    _, verdict = examined(signed)
    assert (verdict.origin, verdict.grade) == ("ai_generated", "signed_untrusted")


def test_a_trusted_generator_is_a_fact(trusting, examined):
    signed = trusting("OpenAI").sign(pictures.jpeg(1), source_type="trainedAlgorithmicMedia")
    _, verdict = examined(signed)
    assert (verdict.origin, verdict.grade) == ("ai_generated", "signed_trusted")


def test_any_string_can_be_signed_and_says_nothing(trusting, examined):
    signed = trusting("Camera Works").sign(pictures.jpeg(1), source_type="http://example.com/nope")
    _, verdict = examined(signed)
    assert (verdict.origin, verdict.flag) == ("unknown", "unknown")


@pytest.mark.parametrize(
    ("organization", "fields"),
    [
        ("Microsoft Corporation", {"generator": "Microsoft_Responsible_AI/1.0"}),
        ("Adobe Inc.", {"generator": "Adobe_Firefly"}),
        ("Amazon", {"generator": "Amazon_Bedrock"}),
        ("OpenAI", {"generator": "ChatGPT"}),
    ],
)
def test_generators_that_state_no_source_type(trusting, examined, organization, fields):
    _, verdict = examined(trusting(organization).sign(pictures.jpeg(1), **fields))
    assert (verdict.origin, verdict.grade) == ("ai_generated", "signed_trusted")


def test_a_description_against_interest_is_believed(trusting, examined):
    action = {"action": "c2pa.edited", "description": "AI Generated Image"}
    signed = trusting("Microsoft Corporation").sign(
        pictures.jpeg(1), generator="Designer", actions=[action]
    )
    _, verdict = examined(signed)
    assert verdict.flag == "ai"


def test_an_edited_photograph_is_a_photograph_if_all_signers_are_trusted(trusting, examined):
    shot = trusting("Camera Works").sign(pictures.jpeg(1), source_type="digitalCapture")
    edited = trusting("Editor Inc").sign(
        pictures.jpeg(2), generator="Editor", parts=[("parentOf", shot, "image/jpeg")]
    )
    evidence, verdict = examined(edited)
    assert (verdict.origin, verdict.grade) == ("human_captured", "signed_trusted")
    assert [m["issuer"] for m in evidence.detail["manifests"]] == ["Editor Inc", "Camera Works"]


def test_an_edit_by_somebody_unknown_ends_the_chain(trusting, examined):
    shot = trusting("Camera Works").sign(pictures.jpeg(1), source_type="digitalCapture")
    edited = issuer("Nobody").sign(pictures.jpeg(2), parts=[("parentOf", shot, "image/jpeg")])
    _, verdict = examined(edited)
    assert verdict.grade != "signed_trusted"
    assert verdict.flag == "unknown"


def test_a_part_without_credentials_leaves_a_photograph_unproven(trusting, examined):
    shot = trusting("Camera Works").sign(pictures.jpeg(1), source_type="digitalCapture")
    collage = trusting("Editor Inc").sign(
        pictures.jpeg(2),
        parts=[("parentOf", shot, "image/jpeg"), ("componentOf", pictures.jpeg(3), "image/jpeg")],
    )
    _, verdict = examined(collage)
    assert verdict.grade != "signed_trusted"


def test_the_ai_claim_may_be_only_in_a_parent(trusting, examined):
    made = trusting("OpenAI").sign(pictures.jpeg(1), source_type="trainedAlgorithmicMedia")
    cropped = trusting("Editor Inc").sign(
        pictures.jpeg(2), parts=[("parentOf", made, "image/jpeg")]
    )
    evidence, verdict = examined(cropped)
    assert (verdict.origin, verdict.grade) == ("ai_generated", "signed_trusted")
    assert (evidence.issuer, evidence.detail["said_by"]) == ("OpenAI", "ingredient")


def test_the_detail_says_what_each_manifest_is_a_part_of(examined):
    shot = issuer("Camera Works").sign(pictures.jpeg(1), source_type="digitalCapture")
    drawn = issuer("Drawing App").sign(pictures.jpeg(2), source_type="digitalCreation")
    left = issuer("Left").sign(pictures.jpeg(3), parts=[("parentOf", shot, "image/jpeg")])
    right = issuer("Right").sign(pictures.jpeg(4), parts=[("parentOf", drawn, "image/jpeg")])
    whole = issuer("Whole").sign(
        pictures.jpeg(5),
        parts=[("parentOf", left, "image/jpeg"), ("componentOf", right, "image/jpeg")],
    )
    evidence, _ = examined(whole)
    manifests = evidence.detail["manifests"]
    within = {m["issuer"]: m["of"] and manifests[m["of"]]["issuer"] for m in manifests[1:]}
    assert manifests[0]["of"] is None
    assert within["Camera Works"] == "Left"
    assert within["Drawing App"] == "Right"


def test_an_ai_component_makes_an_edited_work(trusting, examined):
    made = trusting("OpenAI").sign(pictures.jpeg(1), source_type="trainedAlgorithmicMedia")
    shot = trusting("Camera Works").sign(pictures.jpeg(2), source_type="digitalCapture")
    collage = trusting("Editor Inc").sign(
        pictures.jpeg(3),
        parts=[("parentOf", shot, "image/jpeg"), ("componentOf", made, "image/jpeg")],
    )
    _, verdict = examined(collage)
    assert (verdict.origin, verdict.grade) == ("ai_edited", "signed_trusted")


def test_wrapping_somebodys_manifest_around_a_picture_proves_nothing(trusting, examined):
    """Else anybody could have any picture labelled with the weight of a trusted signature."""
    made = trusting("OpenAI").sign(pictures.jpeg(1), source_type="trainedAlgorithmicMedia")
    wrapped = issuer("Nobody").sign(pictures.jpeg(2), parts=[("parentOf", made, "image/jpeg")])
    _, verdict = examined(wrapped)
    assert (verdict.origin, verdict.grade) == ("ai_generated", "signed_untrusted")


def test_a_human_signature_over_an_ai_parent_does_not_launder_it(trusting, examined):
    made = issuer("Nobody").sign(pictures.jpeg(1), source_type="trainedAlgorithmicMedia")
    resigned = trusting("Editor Inc").sign(
        pictures.jpeg(2),
        source_type="digitalCreation",
        parts=[("parentOf", made, "image/jpeg")],
    )
    _, verdict = examined(resigned)
    assert verdict.flag == "ai"


# --- tampering ------------------------------------------------------------------------------------


def flipped(data, place):
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def tampered(kind, signed, other):
    if kind == "pixels":
        return flipped(signed, len(signed) - 40)
    if kind == "appended":
        return signed + b"foreign bytes"
    if kind == "transplanted":
        length = int.from_bytes(signed[22:24], "big")
        end = 22 + length
        assert signed[20:22] == b"\xff\xeb"
        return other[:20] + signed[20:end] + other[20:]
    if kind == "source type":
        return signed.replace(b"digitalCapture", b"digitalCapturf").replace(
            b"trainedAlgorithmicMedia", b"trainedAlgorithmicMedib"
        )
    return flipped(signed, signed.index(b"instanceID") + 14)


TAMPERING = ["pixels", "appended", "transplanted", "source type", "claim"]


@pytest.mark.parametrize("kind", TAMPERING)
def test_a_tampered_manifest_voids_its_human_claim(trusting, examined, kind):
    signed = trusting("Camera Works").sign(pictures.jpeg(1), source_type="digitalCapture")
    _, verdict = examined(tampered(kind, signed, pictures.jpeg(7)))
    assert verdict.integrity == "tampered"
    assert verdict.flag == "unknown"


@pytest.mark.parametrize("kind", ["pixels", "appended", "transplanted", "claim"])
def test_a_tampered_manifest_keeps_its_ai_claim_as_metadata(trusting, examined, kind):
    signed = trusting("OpenAI").sign(pictures.jpeg(1), source_type="trainedAlgorithmicMedia")
    _, verdict = examined(tampered(kind, signed, pictures.jpeg(7)))
    assert (verdict.origin, verdict.grade) == ("ai_generated", "metadata")
    assert verdict.integrity == "tampered"


def test_reencoding_strips_and_is_not_tampering(trusting, examined, tmp_path):
    signed = trusting("Camera Works").sign(pictures.jpeg(1), source_type="digitalCapture")
    path = tmp_path / "signed.jpg"
    path.write_bytes(signed)
    evidence, verdict = examined(pictures.encoded(Image.open(path), "JPEG"))
    assert evidence is None
    assert verdict.integrity == "none"


# --- what cannot be read --------------------------------------------------------------------------


def test_a_manifest_that_is_kept_elsewhere_is_not_fetched(examined):
    xmp = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf'
        b'-syntax-ns#"><rdf:Description xmlns:dcterms="http://purl.org/dc/terms/" dcterms:'
        b'provenance="http://127.0.0.1:9/manifest.c2pa"/></rdf:RDF></x:xmpmeta>'
    )
    evidence, verdict = examined(pictures.jpeg(1, xmp=xmp))
    assert evidence.detail == {"state": "remote"}
    assert verdict.flag == "unknown"


def test_a_broken_manifest_is_unreadable_which_is_not_absent(examined):
    signed = issuer("Nobody").sign(pictures.jpeg(1), source_type="digitalCapture")
    place = signed.index(b"c2pa.claim.v2")
    evidence, verdict = examined(signed[:place] + b"\xff" * 20 + signed[place + 20 :])
    assert evidence.detail["state"] == "unreadable"
    assert verdict.flag == "unknown"


@pytest.mark.parametrize("data", [b"", b"\xff\xd8\xff", b"GIF89a", b"nothing at all" * 100])
def test_what_is_no_picture_has_no_evidence_to_give(examined, data):
    _, verdict = examined(data)
    assert verdict.flag == "unknown"


# --- trust lists ----------------------------------------------------------------------------------


def test_several_lists_count_and_each_shows_its_tier(trusting, examined):
    trusting("Camera Works", tier="c2pa")
    old = trusting("Old Works", tier="interim")
    evidence, _ = examined(old.sign(pictures.jpeg(1), source_type="digitalCapture"))
    assert evidence.detail["trust_tier"] == "interim"


def test_a_single_certificate_can_be_allowed(trusting, examined):
    lone = trusting("Lone Works", tier="partner", kind="allowed")
    evidence, verdict = examined(lone.sign(pictures.jpeg(1), source_type="digitalCapture"))
    assert verdict.grade == "signed_trusted"
    assert evidence.detail["trust_tier"] == "partner"


def test_a_retired_list_counts_no_more(trusting, examined):
    camera = trusting("Camera Works")
    signed = camera.sign(pictures.jpeg(1), source_type="digitalCapture")
    trust.retire_list(name="camera-works")
    _, verdict = examined(signed)
    assert verdict.grade == "declared"


# --- names, lengths, odd bytes --------------------------------------------------------------------


@pytest.mark.parametrize(
    "generator",
    [
        "Editor de Imagen",
        "OpenAIR Camera",
        "Kendall E",
        "Grok Lens Co",
        "Adobe Photoshop",
        "Google",
    ],
)
def test_words_that_are_no_generators(trusting, examined, generator):
    signed = trusting("Editor Inc").sign(
        pictures.jpeg(1), source_type="digitalCapture", generator=generator
    )
    assert examined(signed)[1].flag == "human"


@pytest.mark.parametrize("said", ["Not AI-generated", "was not generated by AI", "no AI content"])
def test_a_denial_is_no_claim(trusting, examined, said):
    signed = trusting("Editor Inc").sign(
        pictures.jpeg(1),
        source_type="digitalCapture",
        actions=[{"action": "c2pa.edited", "description": said}],
    )
    assert examined(signed)[1].flag == "human"


def test_ai_at_the_end_of_a_long_history_is_seen(trusting, examined):
    steps = [
        {"action": "c2pa.edited", "softwareAgent": {"name": f"Tool {number}"}}
        for number in range(400)
    ]
    last = {"action": "c2pa.edited", "softwareAgent": {"name": "Adobe Firefly"}}
    signed = trusting("Editor Inc").sign(
        pictures.jpeg(1), source_type="digitalCapture", actions=[*steps, last]
    )
    assert examined(signed)[1].flag == "ai"


def test_nothing_human_is_claimed_of_what_is_too_long_to_be_seen_whole(trusting, examined):
    steps = [
        {"action": "c2pa.edited", "softwareAgent": {"name": f"Tool {number}"}}
        for number in range(700)
    ]
    signed = trusting("Editor Inc").sign(
        pictures.jpeg(1), source_type="digitalCapture", actions=steps
    )
    assert examined(signed)[1].flag == "unknown"


@pytest.mark.parametrize(
    "fields",
    [
        {"generator": "Cam\x00era"},
        {"source_type": "http://example.com/\x00"},
        {"actions": [{"action": "c2pa.edited", "description": "a\x00b\u2028c"}]},
    ],
)
def test_odd_characters_do_not_stand_in_the_way_of_an_upload(author, upload, fields):
    asset = upload(author, data=issuer("Nobody").sign(pictures.jpeg(1), **fields))
    assert asset["provenance"]["flag"] == "unknown"


@pytest.mark.parametrize(
    "address",
    [
        "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia/",
        "HTTP://CV.IPTC.ORG/newscodes/digitalSourceType/TrainedAlgorithmicMedia",
        "iptc:trainedAlgorithmicMedia",
    ],
)
def test_ai_is_understood_in_any_spelling(examined, address):
    assert examined(issuer("Nobody").sign(pictures.jpeg(1), source_type=address))[1].flag == "ai"


def test_a_name_that_anybody_can_give_themselves_is_not_told_as_a_fact(author, upload):
    signed = issuer("Leica Camera AG").sign(pictures.jpeg(1), source_type="digitalCapture")
    shown = upload(author, data=signed)["provenance"]
    assert shown["reasons"] == [
        "Its content credentials, signed by somebody who says they are Leica Camera AG, "
        "say: photograph."
    ]
    assert shown["label"] == "Photograph · says the file"
