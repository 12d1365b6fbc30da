"""The panel on disputed labels: evidence, manifests, work in progress and the ruling."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from media.models import Asset
from moderation import disputes, services
from moderation.models import Case, Dispute, TargetKind
from moderation.targets import Target
from provenance.models import LineageEdge
from tests.helpers import pictures
from tests.helpers.issuers import issuer

pytestmark = pytest.mark.django_db
QUEUE = "/moderation/moderation/case/"
STATEMENT = "I drew it <b>by hand</b> over four evenings."


@pytest.fixture
def judge(moderator):
    client = Client()
    client.force_login(moderator.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def bring(upload):
    """Upload a picture as somebody; the Asset."""

    def bring(client, seed=1, **fields):
        return Asset.objects.get(pk=upload(client, seed, **fields)["id"])

    return bring


@pytest.fixture
def dispute(bring):
    """An author disputes the label of a picture of theirs, with so many proofs."""

    def dispute(client, seed=1, proofs=0, asset=None):
        return disputes.dispute(
            asset=asset or bring(client, seed),
            author=client.user,
            statement=STATEMENT,
            proofs=[bring(client, 1000 * seed + number) for number in range(1, proofs + 1)],
        )

    return dispute


def reported(asset, by, times=1):
    target = Target(TargetKind.ASSET, asset)
    case = services.report(reporter=by.user, target=target, reason="spam").case
    Case.objects.filter(pk=case.pk).update(reports_count=times)
    return case


def page_of(case):
    return reverse("moderation:moderation_case_change", args=[case.pk])


def picture_of(case, asset):
    return reverse("moderation:case_picture", args=[case.pk, asset.pk, 640])


def shown(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


# --- the queue ----------------------------------------------------------------------------------


def test_the_queue_marks_disputes_and_filters_by_them(judge, author, stranger, bring, dispute):
    disputed = dispute(author).case
    other = reported(bring(author, 2), stranger)
    page = shown(judge, QUEUE)
    assert page.count("disputed label</span>") == 1
    assert "over four evenings" in page
    filtered = shown(judge, f"{QUEUE}?reason=dispute")
    assert page_of(disputed) in filtered
    assert page_of(other) not in filtered


def test_an_answered_dispute_is_found_among_the_decided(judge, moderator, author, dispute):
    case = dispute(author).case
    services.decide(case=case, moderator=moderator.user, action="dismiss", reason="It stands.")
    assert "disputed label</span>" not in shown(judge, f"{QUEUE}?state=decided")
    assert page_of(case) in shown(judge, f"{QUEUE}?state=decided&reason=dispute")


def test_a_dispute_weighs_as_much_as_three_reports(judge, author, stranger, bring, dispute):
    twice = reported(bring(author, 2), stranger, times=2)
    disputed = dispute(author).case
    often = reported(bring(author, 4), stranger, times=4)
    cases = [often, disputed, twice]
    page = shown(judge, QUEUE)
    places = [page.index(page_of(case)) for case in cases]
    assert places == sorted(places)
    walked = shown(judge, page_of(disputed))
    assert f'rel="prev" data-key="k" href="{page_of(often)}"' in walked
    assert f'rel="next" data-key="j n" href="{page_of(twice)}"' in walked


def test_pages_ask_as_much_for_many_disputes_as_for_few(judge, author, stranger, bring, dispute):
    def asked(address):
        with CaptureQueriesContext(connection) as queries:
            assert judge.get(address).status_code == 200
        return len(queries)

    few, _ = dispute(author, 1, proofs=1), dispute(author, 2)
    small = asked(QUEUE), asked(page_of(few.case))
    many = [dispute(author, seed, proofs=3) for seed in range(3, 7)]
    assert (asked(QUEUE), asked(page_of(many[0].case))) == small


# --- a case -------------------------------------------------------------------------------------


def test_a_case_shows_the_statement_as_text_and_the_proofs(judge, author, dispute):
    made = dispute(author, proofs=2)
    page = shown(judge, page_of(made.case))
    assert "I drew it &lt;b&gt;by hand&lt;/b&gt; over four evenings." in page
    assert "The author disputes this label" in page
    for proof in made.proofs.all():
        address = picture_of(made.case, proof)
        assert address in page.replace("/256", "/640")
        assert judge.get(address)["Content-Type"] == "image/webp"


def test_a_case_opens_proofs_of_its_own_dispute_alone(judge, author, bring, dispute):
    one, other = dispute(author, 1, proofs=1), dispute(author, 2, proofs=1)
    for foreign in (other.proofs.get(), other.asset, bring(author, 3)):
        assert judge.get(picture_of(one.case, foreign)).status_code == 404


def test_the_case_of_a_post_shows_what_its_author_disputes_elsewhere(
    judge, author, stranger, dispute
):
    made = dispute(author, proofs=1)
    author.post("/api/v1/posts", {"assets": [str(made.asset_id)]})
    post = made.asset.posts.get()
    target = Target(TargetKind.POST, post)
    case = services.report(reporter=stranger.user, target=target, reason="wrong_label").case
    page = shown(judge, page_of(case))
    assert "over four evenings" in page
    assert f'href="{page_of(made.case)}">a case of its own' in page
    assert judge.get(picture_of(case, made.proofs.get())).status_code == 200
    assert "Rule on the label" not in page


def test_the_manifest_tree_shows_who_signed_what_inside_what(judge, author, bring, dispute):
    photo = issuer("Camera Works").sign(pictures.jpeg(1), source_type="digitalCapture")
    model = issuer("Dream Studio").sign(
        pictures.jpeg(2), source_type="trainedAlgorithmicMedia", generator="Dreamer"
    )
    edited = issuer("Edit House").sign(
        pictures.jpeg(3),
        source_type="compositeWithTrainedAlgorithmicMedia",
        parts=[("parentOf", photo, "image/jpeg"), ("componentOf", model, "image/jpeg")],
        actions=[{"action": "c2pa.color_adjustments"}],
    )
    whole = issuer("Print Shop").sign(pictures.jpeg(3), parts=[("parentOf", edited, "image/jpeg")])
    made = dispute(author, asset=bring(author, data=whole))
    page = shown(judge, page_of(made.case))
    tree = page[page.index("Content credentials") :]
    places = [
        tree.index(name) for name in ("Print Shop", "Edit House", "Camera Works", "Dream Studio")
    ]
    assert places == sorted(places)
    assert tree.count('<ul class="tree">') == 3
    for word in (
        "<code>digitalCapture</code>",
        "<code>trainedAlgorithmicMedia</code>",
        "<code>c2pa.color_adjustments</code>",
        "Dreamer 1",
        ">untrusted</span>",
        "Failed: issuer",
        "signingCredential.untrusted",
    ):
        assert word in tree
    assert "tampered" not in tree


def test_a_tampered_file_is_shown_as_such(judge, author, bring, dispute):
    signed = bytearray(issuer("Camera Works").sign(pictures.jpeg(1), source_type="digitalCapture"))
    signed[-200] ^= 1
    page = shown(judge, page_of(dispute(author, asset=bring(author, data=bytes(signed))).case))
    assert ">tampered</span>" in page
    assert "Failed: integrity" in page
    assert "assertion.dataHash.mismatch" in page


def test_a_case_shows_rule_mining_lineage_and_what_was_withdrawn(
    judge, moderator, author, stranger, bring, dispute
):
    parent = bring(stranger, 9)
    data = pictures.jpeg(8)
    made = dispute(author, asset=bring(author, data=data))
    LineageEdge.objects.create(child=made.asset.record, parent=parent.record, relation="drawn_over")
    decided = services.decide(
        case=made.case, moderator=moderator.user, action="dismiss", reason="It stands."
    )
    services.reverse(decision=decided, moderator=moderator.user, reason="Too quick.")
    page = shown(judge, page_of(made.case))
    assert "no_evidence, policy 1" in page
    assert "leaves open whether text and data mining is allowed" in page
    assert "drawn over a work by @stranger" in page
    assert '<tr class="withdrawn">' in page


# --- ruling -------------------------------------------------------------------------------------


def test_the_present_label_is_offered_first_as_one_that_stands(judge, author, dispute):
    page = shown(judge, page_of(dispute(author).case))
    assert '<option value="unknown" selected>The label stands: Origin unknown</option>' in page
    assert 'value="relabel" required checked' in page
    assert "Rule on the label" in page
    assert "Choose the origin" not in page


@pytest.mark.parametrize(("origin", "state"), [("unknown", "upheld"), ("ai_edited", "overturned")])
def test_ruling_in_the_panel_answers(judge, author, dispute, origin, state):
    made = dispute(author)
    said = {"action": "relabel", "origin": origin, "reason": "Looked at it.", "then": "stay"}
    assert judge.post(page_of(made.case), said)["Location"] == page_of(made.case)
    made.refresh_from_db()
    assert (made.state, made.asset.record.origin) == (state, origin)
    assert "The author disputed this label" in shown(judge, page_of(made.case))


def test_what_was_chosen_is_kept_when_the_reason_is_missing(judge, author, dispute):
    made = dispute(author)
    answer = judge.post(page_of(made.case), {"action": "relabel", "origin": "ai_edited"})
    assert answer.status_code == 400
    assert '<option value="ai_edited" selected>' in answer.content.decode()
    assert Dispute.objects.get().state == "open"
