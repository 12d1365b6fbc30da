"""Reports become cases, cases are decided, decisions are told, reversed and appealed."""

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError, InternalError

from moderation.models import Case, Decision, Report
from users.models import User

pytestmark = pytest.mark.django_db
CASES = "/api/v1/moderation/cases"


def report(client, target, **fields):
    return client.post("/api/v1/reports", {"target": target, "reason": "spam", **fields})


def decide(client, case, action, **fields):
    body = {"action": action, "reason": "Because.", **fields}
    return client.post(f"{CASES}/{case}/decisions", body)


@pytest.fixture
def reported(author, stranger, publish):
    """A post of the author's that the stranger reported: (post, id of the case)."""
    post = publish(author)
    assert report(stranger, f"post:{post['id']}").status_code == 201
    return post, str(Case.objects.get().pk)


def texts(client, kind):
    rows = client.get("/api/v1/notifications").json()["results"]
    return [row["text"] for row in rows if row["type"] == kind]


def test_reports_of_one_thing_make_one_case(author, stranger, follower, moderator, publish):
    post = publish(author)
    for client in (stranger, stranger, follower):
        assert report(client, f"post:{post['id']}").status_code == 201
    (case,) = moderator.get(CASES).json()["results"]
    assert len(case["reports"]) == 2
    assert case["author"]["username"] == "author"
    assert case["history"] == {"posts": 1, "cases": 1, "upheld": 0}
    assert case["images"][0]["evidence"][0]["kind"] == "declaration"


def test_every_kind_of_thing_can_be_reported(author, stranger, moderator, publish):
    post = publish(author)
    url = f"/api/v1/posts/{post['id']}/comments"
    comment = author.post(url, {"body": "rude"}).json()["id"]
    asset = post["assets"][0]["id"]
    board = author.post("/api/v1/boards", {"name": "Rude"}).json()["id"]
    for target in (f"asset:{asset}", "user:author", f"comment:{comment}", f"board:{board}"):
        assert report(stranger, target).status_code == 201, target
    kinds = {case["target_kind"] for case in moderator.get(CASES).json()["results"]}
    assert kinds == {"asset", "user", "comment", "board"}


def test_a_hidden_board_is_its_owners_alone(author, stranger, moderator, anonymous, settle):
    board = author.post("/api/v1/boards", {"name": "Rude", "description": "words"}).json()["id"]
    report(stranger, f"board:{board}")
    (case,) = moderator.get(CASES).json()["results"]
    assert case["author"]["username"] == "author"
    assert decide(moderator, case["id"], "hide").status_code == 201
    assert anonymous.get(f"/api/v1/boards/{board}").status_code == 404
    (limit,) = author.get(f"/api/v1/boards/{board}").json()["limits"]
    assert (limit["limit"], limit["reason_code"]) == ("hidden", "spam")
    settle()
    assert any("decided about your board" in text for text in texts(author, "decision"))


@pytest.mark.parametrize(
    "target",
    ["", "post", "post:", "post:x", "post:00000000-0000-7000-8000-000000000000", "moon:1",
     "user:nobody_here", "post:\u0000", ":", "x" * 81],
)  # fmt: skip
def test_what_cannot_be_seen_cannot_be_reported(stranger, target):
    answer = report(stranger, target)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/target"
    assert not Report.objects.exists()


def test_a_hidden_post_is_reported_as_if_absent(author, stranger, publish):
    post = publish(author, visibility="private")
    hidden = report(stranger, f"post:{post['id']}")
    absent = report(stranger, "post:00000000-0000-7000-8000-000000000000")
    assert hidden.json() == absent.json()


def test_nobody_reports_themselves(author, publish):
    assert report(author, f"post:{publish(author)['id']}").json()["code"] == "own_content"


def test_only_staff_see_cases(author, anonymous, reported):
    _, case = reported
    for client, status in ((author, 403), (anonymous, 401)):
        assert client.get(CASES).status_code == status
        assert client.get(f"{CASES}/{case}").status_code == status
        assert decide(client, case, "hide").status_code == status


def test_dismissing_changes_nothing_and_tells_the_reporter(
    author, stranger, moderator, reported, settle
):
    post, case = reported
    assert decide(moderator, case, "dismiss", reason="Nothing wrong.").status_code == 201
    settle()
    assert stranger.get(f"/api/v1/posts/{post['id']}").status_code == 200
    assert "Nothing wrong." in texts(stranger, "report")[0]
    assert texts(author, "decision") == []
    assert moderator.get(CASES).json()["results"] == []


def test_hiding_hides_and_tells_both_why(author, stranger, moderator, anonymous, reported, settle):
    post, case = reported
    old = post["assets"][0]["urls"]["320"]
    decide(moderator, case, "hide", reason="It is spam.")
    settle()
    assert stranger.get(f"/api/v1/posts/{post['id']}").status_code == 404
    assert anonymous.get(old).status_code == 404
    mine = author.get(f"/api/v1/posts/{post['id']}").json()
    assert mine["limits"][0]["reason_code"] == "spam"
    assert "It is spam." in texts(author, "decision")[0]
    assert "It is spam." in texts(stranger, "report")[0]


def test_reversing_restores(author, stranger, moderator, reported):
    post, case = reported
    decision = decide(moderator, case, "hide").json()
    url = f"/api/v1/moderation/decisions/{decision['id']}/reverse"
    assert moderator.post(url, {"reason": "A mistake."}).status_code == 201
    assert stranger.get(f"/api/v1/posts/{post['id']}").status_code == 200
    assert moderator.post(url, {"reason": "Again."}).json()["code"] == "cannot_be_reversed"
    (waiting,) = moderator.get(CASES).json()["results"]
    assert (waiting["id"], waiting["state"]) == (case, "open")
    assert decide(moderator, case, "dismiss").status_code == 201


def test_a_dismissal_can_be_taken_back_and_its_author_hears_nothing(
    author, stranger, moderator, reported, settle
):
    _, case = reported
    decision = decide(moderator, case, "dismiss").json()
    url = f"/api/v1/moderation/decisions/{decision['id']}/reverse"
    assert moderator.post(url, {"reason": "Too quick."}).status_code == 201
    settle()
    assert texts(author, "decision") == []
    assert "Too quick." in texts(stranger, "report")[0]
    assert len(moderator.get(CASES).json()["results"]) == 1


def test_an_appeal_that_is_granted_ends_the_case(author, moderator, join, reported):
    _, case = reported
    decision = decide(moderator, case, "hide").json()
    author.post(f"/api/v1/decisions/{decision['id']}/appeal", {"statement": "Please."})
    other = join("second_judge", is_staff=True)
    url = f"/api/v1/moderation/decisions/{decision['id']}/reverse"
    assert other.post(url, {"reason": "You are right."}).status_code == 201
    assert moderator.get(CASES).json()["results"] == []
    (told,) = [d for d in author.get("/api/v1/me/decisions").json()["results"] if d["reversed"]]
    assert told["id"] == decision["id"]


def test_who_reported_does_not_reverse(stranger, moderator, reported):
    _, case = reported
    decision = decide(moderator, case, "hide").json()
    User.objects.filter(username="stranger").update(is_staff=True)
    url = f"/api/v1/moderation/decisions/{decision['id']}/reverse"
    assert stranger.post(url, {"reason": "x"}).json()["code"] == "not_impartial"


def test_relabelling_is_evidence_and_can_be_taken_back(author, moderator, reported, settle):
    post, case = reported
    url = f"/api/v1/posts/{post['id']}"
    decision = decide(moderator, case, "relabel", origin="ai_generated").json()
    settle()
    shown = author.get(url).json()["provenance"]
    assert (shown["flag"], shown["origin"], shown["disputed"]) == ("ai", "ai_generated", False)
    assert "moderator" in shown["label"]
    assert author.get("/api/v1/feeds/explore?flag=human").json()["results"] == []
    assert len(texts(author, "label")) == 1
    moderator.post(
        f"/api/v1/moderation/decisions/{decision['id']}/reverse", {"reason": "No, it is not."}
    )
    assert author.get(url).json()["provenance"] == post["provenance"]
    assert len(author.get("/api/v1/feeds/explore?flag=human").json()["results"]) == 1


def test_suspending_silences_but_leaves_reading_and_appealing(
    author, stranger, moderator, reported, settle
):
    post, case = reported
    decision = decide(moderator, case, "suspend").json()
    settle()
    refused = author.post("/api/v1/posts", {"body": "still here"})
    assert (refused.status_code, refused.json()["code"]) == (403, "account_suspended")
    assert author.get("/api/v1/feeds/home").status_code == 200
    assert author.get("/api/v1/me").json()["suspended"] is True
    assert stranger.get(f"/api/v1/posts/{post['id']}").status_code == 404
    (told,) = author.get("/api/v1/me/decisions").json()["results"]
    assert told["action"] == "suspend"
    url = f"/api/v1/decisions/{decision['id']}/appeal"
    assert author.post(url, {"statement": "It was not me."}).status_code == 201
    assert author.post(url, {"statement": "Really."}).json()["code"] == "appealed_already"
    (waiting,) = moderator.get(CASES).json()["results"]
    assert waiting["state"] == "appealed"


def test_an_appeal_is_decided_by_somebody_else(author, moderator, join, reported):
    _, case = reported
    decision = decide(moderator, case, "hide").json()
    author.post(f"/api/v1/decisions/{decision['id']}/appeal", {"statement": "Please."})
    assert decide(moderator, case, "dismiss").json()["code"] == "not_impartial"
    other = join("second_judge", is_staff=True)
    assert decide(other, case, "dismiss").status_code == 201


def test_moderators_do_not_judge_themselves_or_their_reports(author, moderator, join, publish):
    post = publish(moderator)
    report(author, f"post:{post['id']}")
    case = Case.objects.get()
    assert decide(moderator, case.pk, "dismiss").json()["code"] == "not_impartial"
    other = join("reporting_judge", is_staff=True)
    report(other, f"post:{post['id']}")
    assert decide(other, case.pk, "hide").json()["code"] == "not_impartial"


def test_a_case_is_decided_once(moderator, join, reported):
    _, case = reported
    other = join("second_judge", is_staff=True)
    assert decide(moderator, case, "hide").status_code == 201
    assert decide(other, case, "dismiss").json()["code"] == "already_decided"
    assert Decision.objects.count() == 1


@pytest.mark.parametrize(
    "body",
    [
        {"action": "hide"},
        {"action": "hide", "reason": ""},
        {"action": "burn", "reason": "x"},
        {"action": "reverse", "reason": "x"},
        {"action": "relabel", "reason": "x"},
        {"action": "hide", "reason": "x", "origin": "unknown"},
        {"action": "relabel", "reason": "x", "origin": "divine"},
        {},
    ],
)
def test_bad_decisions_are_400_and_change_nothing(moderator, stranger, reported, body):
    post, case = reported
    assert moderator.post(f"{CASES}/{case}/decisions", body).status_code == 400
    assert stranger.get(f"/api/v1/posts/{post['id']}").status_code == 200
    assert not Decision.objects.exists()


def test_an_account_is_not_hidden_but_suspended(author, stranger, moderator):
    report(stranger, "user:author")
    case = Case.objects.get().pk
    assert decide(moderator, case, "hide").json()["code"] == "cannot_be_hidden"
    assert decide(moderator, case, "relabel", origin="unknown").json()["code"] == (
        "nothing_to_relabel"
    )
    assert decide(moderator, case, "suspend").status_code == 201


def test_the_database_refuses_to_change_a_decision(moderator, reported):
    decide(moderator, reported[1], "dismiss")
    for statement in (
        "UPDATE moderation_decision SET reason = ''",
        "DELETE FROM moderation_decision",
    ):
        with (
            pytest.raises((IntegrityError, InternalError), match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_foreign_decisions_cannot_be_appealed(author, stranger, moderator, reported):
    decision = decide(moderator, reported[1], "hide").json()
    answer = stranger.post(f"/api/v1/decisions/{decision['id']}/appeal", {"statement": "x"})
    assert answer.status_code == 404
