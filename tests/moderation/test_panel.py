"""The moderation panel: who gets in, what they see, and that deciding there changes the world."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from media.models import Asset
from moderation import services
from moderation.models import Case, Decision, TargetKind
from moderation.targets import Target
from posts import boards
from posts.models import Post
from users.models import User

pytestmark = pytest.mark.django_db

QUEUE = "/moderation/moderation/case/"
LOG = "/moderation/moderation/decision/"
PEOPLE = "/moderation/users/user/"
PASSWORD = "correct horse battery"


@pytest.fixture
def judge(moderator):
    """The moderator at the panel."""
    return at_the_panel(moderator.user)


@pytest.fixture
def post(author, publish):
    return Post.objects.get(pk=publish(author, body="Shot it myself")["id"])


@pytest.fixture
def case(post, stranger):
    return reported(post, stranger, reason="wrong_label", detail="Look at the hands")


def at_the_panel(user):
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def reported(post, by, reason="spam", detail=""):
    target = Target(TargetKind.POST, post)
    return services.report(reporter=by.user, target=target, reason=reason, detail=detail).case


def page_of(case):
    return reverse("moderation:moderation_case_change", args=[case.pk])


def decide(client, case, action="dismiss", reason="Looked at it.", **more):
    return client.post(page_of(case), {"action": action, "reason": reason, **more})


def undo(client, decision, reason="A slip."):
    address = reverse("moderation:decision_reverse", args=[decision.pk])
    return client.post(address, {"reason": reason}, follow=True)


# --- who gets in --------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["", "queue", "case", "log", "people", "picture", "reverse"])
@pytest.mark.parametrize("who", ["anonymous", "member", "suspended", "moderator"])
def test_only_moderators_in_good_standing_get_in(who, page, case, post, stranger, moderator):
    decision_id = post.pk  # any id: nobody gets as far as looking for it
    address = {
        "": "/moderation/",
        "queue": QUEUE,
        "case": page_of(case),
        "log": LOG,
        "people": PEOPLE,
        "picture": reverse("moderation:case_picture", args=[case.pk, post.assets.get().pk, 256]),
        "reverse": reverse("moderation:decision_reverse", args=[decision_id]),
    }[page]
    client = Client()
    if who == "member":
        client = at_the_panel(stranger.user)
    if who in {"suspended", "moderator"}:
        client = at_the_panel(moderator.user)
    if who == "suspended":
        User.objects.filter(pk=moderator.user.pk).update(limit="suspended", decision_id=case.pk)
    answer = client.get(address)
    if who == "moderator":
        inside = {"": 302, "reverse": 405}.get(page, 200)
        assert answer.status_code == inside
        assert "login" not in answer.headers.get("Location", "")
    else:
        assert answer.status_code == 302
        assert answer["Location"].startswith("/moderation/login/")


def test_staff_sign_in_with_name_and_password(moderator):
    client = Client()
    said = {"username": "judge", "password": PASSWORD, "next": QUEUE}
    assert client.post("/moderation/login/", said)["Location"] == QUEUE
    assert client.get(QUEUE).status_code == 200


@pytest.mark.parametrize("change", [{"is_staff": False}, {"limit": "suspended"}])
def test_others_do_not_sign_in(moderator, case, change):
    User.objects.filter(pk=moderator.user.pk).update(**change, decision_id=case.pk)
    client = Client()
    answer = client.post("/moderation/login/", {"username": "judge", "password": PASSWORD})
    assert answer.status_code == 200
    assert "_auth_user_id" not in client.session


def test_the_panel_loads_nothing_from_elsewhere(judge, case):
    policy = judge.get(page_of(case))["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy


def test_nobody_adds_changes_or_deletes_rows_by_hand(judge, case):
    decide(judge, case)
    decision = Decision.objects.get()
    for address in (f"{QUEUE}add/", f"{QUEUE}{case.pk}/delete/", f"{LOG}add/", f"{PEOPLE}add/"):
        assert judge.post(address, {"post": "yes"}).status_code == 403
    assert judge.post(f"{LOG}{decision.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Case.objects.count() == Decision.objects.count() == 1


# --- the queue ----------------------------------------------------------------------------------


def test_the_queue_shows_what_is_needed_and_blurs_the_pictures(judge, case):
    shown = judge.get(QUEUE).content.decode()
    assert "Post by @author" in shown
    assert "The AI label is wrong" in shown
    assert "1 case" in shown
    assert "0 upheld" in shown
    assert "Photograph · says the uploader" in shown
    assert "veil-switch" in shown
    assert "checked" not in shown


def test_the_queue_is_sorted_and_holds_only_what_waits(
    judge, moderator, author, stranger, join, publish
):
    second, first, gone = (
        reported(Post.objects.get(pk=publish(author, seed)["id"]), stranger) for seed in (1, 2, 3)
    )
    reported(Post.objects.get(pk=first.target_id), join("another"))
    services.decide(case=gone, moderator=moderator.user, action="dismiss", reason="Fine.")
    shown = judge.get(QUEUE).content.decode()
    assert shown.index(str(first.pk)) < shown.index(str(second.pk))
    assert str(gone.pk) not in shown
    assert str(gone.pk) in judge.get(f"{QUEUE}?state=decided").content.decode()


@pytest.mark.parametrize(
    ("query", "there"),
    [
        ("?kind=post", True),
        ("?kind=user", False),
        ("?reason=wrong_label", True),
        ("?reason=spam", False),
        ("?state=appealed", False),
        ("?state=all&kind=post&reason=wrong_label", True),
        ("?q=author", True),
        ("?q=nobody", False),
    ],
)
def test_the_queue_filters(judge, case, query, there):
    assert (page_of(case) in judge.get(QUEUE + query).content.decode()) is there


def test_an_empty_queue_says_so(judge):
    assert "The queue is empty" in judge.get(QUEUE).content.decode()


def test_the_queue_asks_as_much_for_twelve_cases_as_for_three(
    judge, author, stranger, publish, django_assert_num_queries
):
    def fill(seeds):
        for seed in seeds:
            reported(Post.objects.get(pk=publish(author, seed, tags=["a"])["id"]), stranger)

    fill(range(3))
    with CaptureQueriesContext(connection) as queries:
        judge.get(QUEUE)
    few = len(queries)
    fill(range(3, 12))
    with django_assert_num_queries(few):
        judge.get(QUEUE)


# --- a case -------------------------------------------------------------------------------------


def test_a_case_shows_pictures_evidence_reports_and_history(judge, case, post):
    shown = judge.get(page_of(case)).content.decode()
    assert "Shot it myself" in shown
    assert "Look at the hands" in shown
    assert "@stranger" in shown
    assert "The uploader declared it: photograph." in shown
    assert "human_captured" in shown
    assert "veil-switch" in shown
    assert 'name="origin"' in shown


def test_a_hidden_picture_is_still_shown_to_moderators_alone(judge, author, stranger, upload):
    asset = Asset.objects.get(pk=upload(author)["id"])
    target = Target(TargetKind.ASSET, asset)
    case = services.report(reporter=stranger.user, target=target, reason="sexual").case
    decide(judge, case, "hide")
    answer = judge.get(reverse("moderation:case_picture", args=[case.pk, asset.pk, 640]))
    assert answer["Content-Type"] == "image/webp"
    assert "private" in answer["Cache-Control"]


def test_a_case_opens_no_other_pictures(judge, case, author, upload):
    other = upload(author, 7)["id"]
    address = reverse("moderation:case_picture", args=[case.pk, other, 640])
    assert judge.get(address).status_code == 404


@pytest.mark.parametrize("kind", ["user", "comment", "asset"])
def test_every_kind_of_target_can_be_looked_at(judge, kind, post, author, stranger):
    from posts.services import comment

    thing = {
        "user": lambda: author.user,
        "comment": lambda: comment(post=post, author=author.user, body="You are trash"),
        "asset": post.assets.get,
    }[kind]()
    target = Target(TargetKind(kind), thing)
    case = services.report(reporter=stranger.user, target=target, reason="harassment").case
    assert judge.get(page_of(case)).status_code == 200
    assert page_of(case) in judge.get(QUEUE).content.decode()


def test_what_people_wrote_stays_text(judge, author, stranger, publish):
    evil = "<script>alert(1)</script>"
    post = Post.objects.get(pk=publish(author, body=evil)["id"])
    case = reported(post, stranger, detail=evil)
    decide(judge, case, "hide", reason=evil)
    for address in (QUEUE, f"{QUEUE}?state=all", page_of(case), LOG):
        assert evil not in judge.get(address).content.decode()


@pytest.mark.parametrize("address", ["nonsense", "00000000-0000-7000-8000-000000000000"])
def test_no_such_case_is_404(judge, address):
    assert judge.get(f"{QUEUE}{address}/change/").status_code == 404


# --- deciding -----------------------------------------------------------------------------------


def test_hiding_hides_is_logged_and_goes_on_to_the_next(
    judge, moderator, case, post, author, stranger, publish, anonymous
):
    following = reported(Post.objects.get(pk=publish(author, 5)["id"]), stranger)
    answer = decide(judge, case, "hide", "This is advertising.", then="next")
    assert answer["Location"] == page_of(following)
    assert anonymous.get(f"/api/v1/posts/{post.pk}").status_code == 404
    made = Decision.objects.get()
    assert (made.action, made.reason, made.moderator) == (
        "hide",
        "This is advertising.",
        moderator.user,
    )
    shown = judge.get(answer["Location"]).content.decode()
    assert "Undo" in shown
    assert "Undo" not in judge.get(answer["Location"]).content.decode()
    assert "This is advertising." in judge.get(LOG).content.decode()


def test_the_last_case_leads_back_to_the_queue(judge, case):
    assert decide(judge, case, then="next")["Location"] == QUEUE


def test_the_filters_are_kept_from_case_to_case(judge, case, author, stranger, publish):
    reported(Post.objects.get(pk=publish(author, 5)["id"]), stranger, reason="spam")
    third = reported(Post.objects.get(pk=publish(author, 6)["id"]), stranger, reason="wrong_label")
    said = {"action": "dismiss", "reason": "Fine.", "then": "next"}
    answer = judge.post(f"{page_of(case)}?reason=wrong_label", said)
    assert answer["Location"] == f"{page_of(third)}?reason=wrong_label"


def test_relabelling_changes_the_label(judge, case, post, anonymous):
    decide(judge, case, "relabel", "The mark is visible.", origin="ai_generated")
    assert anonymous.get(f"/api/v1/posts/{post.pk}").json()["provenance"]["flag"] == "ai"


@pytest.mark.parametrize("origin", [{}, {"origin": ""}, {"origin": "martian"}])
def test_relabelling_needs_an_origin(judge, case, origin):
    answer = decide(judge, case, "relabel", **origin)
    assert answer.status_code == 400
    assert 'class="refusal"' in answer.content.decode()
    assert not Decision.objects.exists()


def test_an_origin_left_chosen_does_not_spoil_another_action(judge, case):
    decide(judge, case, "dismiss", origin="ai_generated")
    assert Decision.objects.get().origin == ""


@pytest.mark.parametrize(
    "said", [{}, {"action": "hide"}, {"action": "hide", "reason": "  "}, {"reason": "Because"}]
)
def test_a_decision_names_what_and_why(judge, case, said):
    assert judge.post(page_of(case), said).status_code == 400
    assert not Decision.objects.exists()


def test_the_second_moderator_is_told_that_it_was_decided(judge, case, join):
    decide(judge, case, "hide")
    late = decide(at_the_panel(join("late_one", is_staff=True).user), case, "dismiss")
    assert late.status_code == 409
    assert "decided meanwhile" in late.content.decode()
    assert Decision.objects.get().action == "hide"


def test_nobody_judges_themselves(join, publish, stranger):
    staff = join("partisan", is_staff=True)
    case = reported(Post.objects.get(pk=publish(staff)["id"]), stranger)
    answer = decide(at_the_panel(staff.user), case)
    assert answer.status_code == 403
    assert "do not decide about themselves" in answer.content.decode()
    assert not Decision.objects.exists()


def test_hiding_an_account_is_refused_in_place(judge, author, stranger):
    target = Target(TargetKind.USER, author.user)
    case = services.report(reporter=stranger.user, target=target, reason="spam").case
    answer = decide(judge, case, "hide")
    assert answer.status_code == 400
    assert "suspended, not hidden" in answer.content.decode()


def test_suspending_suspends_the_author(judge, case, author):
    decide(judge, case, "suspend")
    assert author.post("/api/v1/posts", {"body": "Still here"}).status_code == 403


# --- taking back --------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["hide", "suspend", "relabel"])
def test_reversing_restores_what_was(judge, case, post, author, anonymous, action):
    before = anonymous.get(f"/api/v1/posts/{post.pk}").json()["provenance"]["flag"]
    decide(judge, case, action, **({"origin": "ai_generated"} if action == "relabel" else {}))
    answer = undo(judge, Decision.objects.get())
    assert "What was before is restored" in answer.content.decode()
    seen = anonymous.get(f"/api/v1/posts/{post.pk}")
    assert seen.json()["provenance"]["flag"] == before
    author.user.refresh_from_db()
    assert not author.user.suspended


def test_reversing_twice_is_refused_in_place(judge, case):
    decide(judge, case, "hide")
    made = Decision.objects.get()
    undo(judge, made)
    assert "was reversed or superseded already" in undo(judge, made).content.decode()
    assert Decision.objects.count() == 2


def test_reversing_says_why(judge, case):
    decide(judge, case, "hide")
    answer = undo(judge, Decision.objects.get(), reason=" ")
    assert "Say why the decision is taken back." in answer.content.decode()
    assert Decision.objects.count() == 1


# --- people -------------------------------------------------------------------------------------


def test_moderators_find_people_and_change_nothing(judge, author):
    assert "author@example.org" in judge.get(f"{PEOPLE}?q=author@ex").content.decode()
    answer = judge.post(f"{PEOPLE}{author.user.pk}/change/", {"is_staff": "on"})
    assert answer.status_code == 403
    author.user.refresh_from_db()
    assert not author.user.is_staff


def test_superusers_say_who_is_staff_and_nothing_else(join, author):
    chief = at_the_panel(join("chief", is_staff=True, is_superuser=True).user)
    said = {"is_staff": "on", "username": "renamed", "is_superuser": "on"}
    assert chief.post(f"{PEOPLE}{author.user.pk}/change/", said).status_code == 302
    author.user.refresh_from_db()
    assert author.user.is_staff
    assert (author.user.username, author.user.is_superuser) == ("author", False)


def test_a_board_is_laid_before_a_moderator_with_its_words(judge, author, stranger):
    board = boards.create_board(owner=author.user, name="Rude name", description="Rude words")
    boards.create_section(board=board, name="Rude part")
    target = Target(TargetKind.BOARD, board)
    case = services.report(reporter=stranger.user, target=target, reason="spam", detail="").case
    assert "Board by @author" in judge.get(QUEUE).content.decode()
    page = judge.get(page_of(case)).content.decode()
    assert all(words in page for words in ("Rude name", "Rude words", "Rude part"))
    assert decide(judge, case, "hide").status_code == 302
    board.refresh_from_db()
    assert board.limit == "hidden"
