"""An author disputes a label, shows work in progress, and a moderator's ruling answers."""

import io
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from PIL import Image

from media.models import Asset
from moderation.models import Case, Dispute
from provenance.models import Evidence
from tests.helpers import pictures
from tests.helpers.issuers import issuer

pytestmark = pytest.mark.django_db
CASES = "/api/v1/moderation/cases"
MINE = "/api/v1/me/disputes"
NOBODYS = "00000000-0000-7000-8000-000000000000"
STATEMENT = "I painted this over four evenings; here are the layers."


def dispute(client, asset, assets=(), statement=STATEMENT):
    url = f"/api/v1/assets/{asset}/disputes"
    return client.post(url, {"statement": statement, "assets": list(assets)})


def decide(client, case, action, **fields):
    body = {"action": action, "reason": "The layers show it.", **fields}
    answer = client.post(f"{CASES}/{case}/decisions", body)
    assert answer.status_code == 201, answer.content
    return answer.json()


def reverse(client, decision):
    url = f"/api/v1/moderation/decisions/{decision['id']}/reverse"
    answer = client.post(url, {"reason": "Too quick."})
    assert answer.status_code == 201, answer.content
    return answer.json()


def sheet(client, asset):
    return client.get(f"/api/v1/assets/{asset}/provenance").json()


def label(client, asset):
    shown = sheet(client, asset)
    return shown["origin"], shown["verdict"]["rule"], shown["disputed"]


def told(client, settle):
    settle()
    rows = client.get("/api/v1/notifications").json()["results"]
    return [row["text"] for row in rows if row["type"] == "decision"]


def disputed_by(client):
    return client.get(MINE).json()["results"]


@pytest.fixture
def signed_as_ai():
    """A painting whose file says, in somebody's credentials, that a model made it."""
    return issuer("Somebody").sign(pictures.jpeg(3), source_type="trainedAlgorithmicMedia")


@pytest.fixture
def asset(author, upload, signed_as_ai):
    """The id of an image that its author declares human and the evidence says is AI."""
    shown = upload(author, data=signed_as_ai, declared_origin="human_created")
    assert shown["provenance"]["disputed"] is True
    assert shown["provenance"]["flag"] == "ai"
    return shown["id"]


@pytest.fixture
def proofs(author, upload):
    return [upload(author, seed)["id"] for seed in (31, 32)]


@pytest.fixture
def disputed(author, asset, proofs):
    """The id of the case of a dispute with two proofs."""
    assert dispute(author, asset, proofs).status_code == 201
    return str(Case.objects.get().pk)


# --- the way through ----------------------------------------------------------------------------


def test_the_sheet_offers_the_way_on_to_its_owner_alone(author, stranger, asset, publish):
    post = publish(author, 8)
    shown = post["assets"][0]["id"]
    assert sheet(stranger, shown)["dispute_url"] is None
    offered = sheet(author, asset)["dispute_url"]
    assert offered.endswith(f"/api/v1/assets/{asset}/disputes")
    assert author.post(offered, {"statement": STATEMENT}).status_code == 201
    assert sheet(author, asset)["dispute_url"] is None


def test_a_label_is_disputed_ruled_on_and_the_author_told(author, moderator, asset, proofs, settle):
    answer = dispute(author, asset, proofs)
    assert answer.status_code == 201
    made = answer.json()
    assert (made["state"], made["label"], made["decision"]) == ("open", "ai_generated", None)
    assert made["assets"] == proofs

    (case,) = moderator.get(CASES).json()["results"]
    assert case["target"] == f"asset:{asset}"
    assert case["reports"] == []
    assert {row["kind"] for row in case["images"][0]["evidence"]} == {"declaration", "c2pa"}
    (shown,) = case["disputes"]
    assert shown["statement"] == STATEMENT
    assert [proof["id"] for proof in shown["assets"]] == proofs

    decision = decide(moderator, case["id"], "relabel", origin="human_created")
    assert label(author, asset) == ("human_created", "ruling", False)
    (mine,) = disputed_by(author)
    assert mine["state"] == "overturned"
    assert mine["decision"]["id"] == decision["id"]
    assert mine["decision"]["reason"] == "The layers show it."
    assert mine["answered_at"]
    assert moderator.get(CASES).json()["results"] == []
    (text,) = told(author, settle)
    assert text == ("A moderator decided about your asset: it was relabelled. The layers show it.")


@pytest.mark.parametrize(
    ("action", "fields", "words"),
    [
        ("dismiss", {}, "asset: its label stands."),
        ("hide", {}, "asset: it was hidden and its label stands."),
        ("suspend", {}, "asset: your account was suspended and its label stands."),
        ("relabel", {"origin": "ai_generated"}, "asset: its label stands."),
    ],
)
def test_a_label_that_stands_is_ruled_and_told(
    author, moderator, asset, disputed, settle, action, fields, words
):
    decide(moderator, disputed, action, **fields)
    assert label(author, asset) == ("ai_generated", "ruling", False)
    (mine,) = disputed_by(author)
    assert mine["state"] == "upheld"
    assert Evidence.objects.filter(kind="ruling", claims="ai_generated").count() == 1
    (text,) = told(author, settle)
    assert words in text
    assert text.endswith("The layers show it.")


def test_a_label_without_a_conflict_is_disputed_until_there_is_an_answer(author, moderator, upload):
    asset = upload(author, 5)["id"]
    assert label(author, asset) == ("unknown", "no_evidence", False)
    dispute(author, asset)
    assert label(author, asset) == ("unknown", "no_evidence", True)
    decide(moderator, Case.objects.get().pk, "relabel", origin="human_captured")
    assert label(author, asset) == ("human_captured", "ruling", False)


def test_a_dispute_joins_the_case_that_waits(author, stranger, moderator, publish):
    asset = publish(author)["assets"][0]["id"]
    stranger.post("/api/v1/reports", {"target": f"asset:{asset}", "reason": "wrong_label"})
    dispute(author, asset)
    case = Case.objects.get()
    decide(moderator, case.pk, "dismiss")
    assert disputed_by(author)[0]["state"] == "upheld"
    assert stranger.get("/api/v1/me/reports").json()["results"][0]["state"] == "decided"


def test_suspended_people_may_dispute(author, asset):
    author.user.limit, author.user.decision_id = "suspended", NOBODYS
    author.user.save()
    assert dispute(author, asset).status_code == 201
    assert disputed_by(author)[0]["asset"] == asset


def test_a_dispute_is_no_mark_against_its_author(author, moderator, disputed):
    decide(moderator, disputed, "relabel", origin="human_created")
    case = moderator.get(f"{CASES}/{disputed}").json()
    assert (case["history"]["cases"], case["history"]["upheld"]) == (0, 0)


# --- who may, and when --------------------------------------------------------------------------


def test_a_visible_work_of_somebody_else_is_forbidden_and_a_hidden_one_absent(
    author, stranger, publish, asset
):
    visible = publish(author, 8)["assets"][0]["id"]
    assert dispute(stranger, visible).status_code == 403
    hidden, absent = dispute(stranger, asset), dispute(stranger, NOBODYS)
    assert hidden.status_code == absent.status_code == 404
    assert hidden.json() | {"instance": ""} == absent.json() | {"instance": ""}
    assert not Dispute.objects.exists()


def test_a_stranger_learns_nothing(author, stranger, moderator, upload, signed_as_ai, proofs):
    asset = upload(author, data=signed_as_ai, declared_origin="human_created")["id"]
    author.post("/api/v1/posts", {"assets": [asset]})
    before = stranger.get(f"/api/v1/assets/{asset}/provenance").content
    dispute(author, asset, proofs)
    assert stranger.get(f"/api/v1/assets/{asset}/provenance").content == before
    assert stranger.get(MINE).json()["results"] == []
    decide(moderator, Case.objects.get().pk, "dismiss")
    after = stranger.get(f"/api/v1/assets/{asset}/provenance").content.decode()
    for secret in (STATEMENT, *proofs, "The layers show it."):
        assert secret not in after


@pytest.mark.parametrize("whose", ["stranger's", "nobody's"])
def test_foreign_and_absent_proofs_are_refused_alike(
    author, stranger, asset, proofs, upload, whose
):
    other = upload(stranger, 40)["id"] if whose == "stranger's" else NOBODYS
    answer = dispute(author, asset, [*proofs, other])
    assert answer.status_code == 400
    (problem,) = answer.json()["errors"]
    assert (problem["pointer"], problem["code"]) == ("/assets", "unknown_asset")
    assert not Dispute.objects.exists()


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/statement"),
        ({"statement": ""}, "/statement"),
        ({"statement": "x" * 2001}, "/statement"),
        ({"statement": "x", "assets": [NOBODYS] * 11}, "/assets"),
        ({"statement": "x", "assets": ["soup"]}, "/assets/0"),
    ],
)
def test_bad_disputes_are_400(author, asset, body, pointer):
    answer = author.post(f"/api/v1/assets/{asset}/disputes", body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_one_dispute_at_a_time_and_none_after_a_ruling(author, moderator, asset, disputed):
    again = dispute(author, asset)
    assert (again.status_code, again.json()["code"]) == (409, "disputed_already")
    decide(moderator, disputed, "dismiss")
    ruled = dispute(author, asset)
    assert (ruled.status_code, ruled.json()["code"]) == (409, "ruled_already")
    assert "appeal" in ruled.json()["detail"]
    assert sheet(author, asset)["dispute_url"] is None


def test_the_answer_can_be_appealed_also_when_it_was_a_dismissal(
    author, moderator, join, asset, disputed
):
    decision = decide(moderator, disputed, "dismiss")
    (mine,) = author.get("/api/v1/me/decisions").json()["results"]
    assert mine["id"] == decision["id"]
    said = author.post(f"/api/v1/decisions/{decision['id']}/appeal", {"statement": "Look again."})
    assert said.status_code == 201
    other = join("other_judge", is_staff=True)
    reverse(other, decision)
    assert disputed_by(author)[0]["state"] == "open"
    assert [case["id"] for case in other.get(CASES).json()["results"]] == [disputed]
    decide(other, disputed, "relabel", origin="human_created")
    assert label(author, asset) == ("human_created", "ruling", False)
    assert disputed_by(author)[0]["state"] == "overturned"


def test_moderators_do_not_answer_their_own_disputes(moderator, upload):
    asset = upload(moderator, 4)["id"]
    dispute(moderator, asset)
    body = {"action": "dismiss", "reason": "Mine."}
    answer = moderator.post(f"{CASES}/{Case.objects.get().pk}/decisions", body)
    assert answer.json()["code"] == "not_impartial"


@pytest.mark.django_db(transaction=True)
def test_of_two_disputes_at_once_one_is_made(author, asset):
    def attempt(_):
        try:
            return dispute(author, asset).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(attempt, range(4))) == [201, 409, 409, 409]
    assert Dispute.objects.count() == Case.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_dispute_and_a_ruling_at_once_leave_no_dispute_open(author, stranger, moderator, publish):
    """The picture is ruled on in the case of its post, which is not the case of the dispute."""
    post = publish(author)
    asset = post["assets"][0]["id"]
    stranger.post("/api/v1/reports", {"target": f"post:{post['id']}", "reason": "wrong_label"})
    case = Case.objects.get().pk

    def disputing():
        try:
            return dispute(author, asset).status_code
        finally:
            connection.close()

    def ruling():
        try:
            return decide(moderator, case, "relabel", origin="ai_generated")
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        made, ruled = pool.submit(disputing), pool.submit(ruling)
        assert made.result() in {201, 409}
        assert ruled.result()
    assert not Dispute.objects.filter(state="open").exists()
    assert label(author, asset) == ("ai_generated", "ruling", False)


@pytest.mark.parametrize(
    "change",
    [
        {"state": "upheld"},
        {"state": "overturned", "answered_at": timezone.now()},
        {"answered_at": timezone.now()},
        {"state": "forgotten"},
    ],
)
def test_the_database_refuses_an_answer_without_a_decision(disputed, change):
    with pytest.raises(IntegrityError), transaction.atomic():
        Dispute.objects.update(**change)


def test_the_database_refuses_a_second_open_dispute(author, asset, disputed):
    second = Dispute(
        asset_id=asset, author=author.user, case_id=disputed, statement="x", label="unknown"
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        second.save()


# --- what the answer does -----------------------------------------------------------------------


@pytest.mark.parametrize("action", ["dismiss", "hide", "suspend", "relabel"])
def test_a_reversal_withdraws_the_ruling_and_asks_again(
    author, moderator, asset, proofs, disputed, action
):
    more = {"origin": "human_created"} if action == "relabel" else {}
    decision = decide(moderator, disputed, action, **more)
    reverse(moderator, decision)
    assert label(author, asset) == ("ai_generated", "ai_evidence:c2pa", True)
    (mine,) = disputed_by(author)
    assert (mine["state"], mine["decision"], mine["answered_at"]) == ("open", None, None)
    (case,) = moderator.get(CASES).json()["results"]
    assert (case["id"], case["state"]) == (disputed, "open")
    assert author.delete(f"/api/v1/assets/{proofs[0]}").status_code == 409
    decide(moderator, disputed, "relabel", origin="human_created")
    assert disputed_by(author)[0]["state"] == "overturned"


def test_the_author_hears_of_a_reversal_that_asks_again(author, moderator, disputed, settle):
    reverse(moderator, decide(moderator, disputed, "dismiss"))
    assert "the earlier decision was reversed. Too quick." in told(author, settle)[0]


def test_proofs_stay_while_it_is_open_and_are_released_by_the_answer(
    author, moderator, proofs, disputed
):
    first, second = (f"/api/v1/assets/{proof}" for proof in proofs)
    assert author.delete(first).json()["code"] == "asset_in_use"
    decision = decide(moderator, disputed, "dismiss")
    assert author.delete(first).status_code == 204
    reverse(moderator, decision)
    assert author.delete(second).json()["code"] == "asset_in_use"
    decide(moderator, disputed, "dismiss")
    assert author.delete(second).status_code == 204
    assert set(Asset.objects.filter(pk__in=proofs).values_list("uses", flat=True)) == {0}


@pytest.mark.parametrize(
    ("action", "origin"), [("relabel", "human_created"), ("dismiss", "ai_generated")]
)
def test_the_ruling_sticks_to_the_authors_reuploads_and_to_nobody_elses(
    author, stranger, moderator, upload, signed_as_ai, disputed, action, origin
):
    more = {"origin": origin} if action == "relabel" else {}
    decide(moderator, disputed, action, **more)
    again = upload(author, data=signed_as_ai, declared_origin="human_created")
    assert label(author, again["id"]) == (origin, "ruling", False)
    assert dispute(author, again["id"]).json()["code"] == "ruled_already"
    theirs = upload(stranger, data=signed_as_ai, declared_origin="human_created")["id"]
    shown = sheet(stranger, theirs)
    assert (shown["origin"], shown["disputed"]) == ("ai_generated", True)
    assert shown["verdict"]["rule"] != "ruling"
    assert shown["dispute_url"]


def test_the_ruling_sticks_to_a_smaller_copy_of_the_authors(
    author, moderator, upload, signed_as_ai, disputed
):
    decide(moderator, disputed, "relabel", origin="human_created")
    smaller = Image.open(io.BytesIO(signed_as_ai)).resize((256, 192))
    again = upload(author, data=pictures.encoded(smaller, "PNG"))
    assert label(author, again["id"]) == ("human_created", "ruling", False)


def test_relabelling_a_post_answers_the_disputes_of_its_pictures(
    author, stranger, moderator, asset, disputed, settle
):
    post = author.post("/api/v1/posts", {"assets": [asset]}).json()["id"]
    stranger.post("/api/v1/reports", {"target": f"post:{post}", "reason": "wrong_label"})
    of_post = Case.objects.get(target_kind="post")
    decision = decide(moderator, of_post.pk, "relabel", origin="human_created")
    (mine,) = disputed_by(author)
    assert (mine["state"], mine["decision"]["id"]) == ("overturned", decision["id"])
    assert moderator.get(CASES).json()["results"] == []
    assert len(told(author, settle)) == 1

    reverse(moderator, decision)
    assert disputed_by(author)[0]["state"] == "open"
    waiting = {case["id"] for case in moderator.get(CASES).json()["results"]}
    assert waiting == {disputed, str(of_post.pk)}


def test_a_post_that_is_not_relabelled_leaves_the_dispute_open(
    author, stranger, moderator, asset, disputed
):
    post = author.post("/api/v1/posts", {"assets": [asset]}).json()["id"]
    stranger.post("/api/v1/reports", {"target": f"post:{post}", "reason": "spam"})
    decide(moderator, Case.objects.get(target_kind="post").pk, "hide")
    assert disputed_by(author)[0]["state"] == "open"
    assert [case["id"] for case in moderator.get(CASES).json()["results"]] == [disputed]


def test_reports_still_wait_when_the_dispute_beside_them_was_answered_elsewhere(
    author, stranger, moderator, asset, disputed
):
    post = author.post("/api/v1/posts", {"assets": [asset]}).json()["id"]
    for target in (f"asset:{asset}", f"post:{post}"):
        stranger.post("/api/v1/reports", {"target": target, "reason": "spam"})
    of_post = Case.objects.get(target_kind="post").pk
    decide(moderator, of_post, "relabel", origin="human_created")
    assert [case["id"] for case in moderator.get(CASES).json()["results"]] == [disputed]


def test_a_dispute_is_not_left_in_the_case_of_a_granted_appeal(
    author, stranger, moderator, join, asset
):
    author.post("/api/v1/posts", {"assets": [asset]})
    stranger.post("/api/v1/reports", {"target": f"asset:{asset}", "reason": "spam"})
    decision = decide(moderator, Case.objects.get().pk, "hide")
    author.post(f"/api/v1/decisions/{decision['id']}/appeal", {"statement": "It is no spam."})
    assert dispute(author, asset).status_code == 201
    other = join("other_judge", is_staff=True)
    reverse(other, decision)
    (waiting,) = other.get(CASES).json()["results"]
    assert waiting["state"] == "open"
    decide(other, waiting["id"], "dismiss")
    assert disputed_by(author)[0]["state"] == "upheld"
