"""Being told while it happens: what the event stream says, and to whom."""

import asyncio

import pytest

from core.bells import listen, ring
from notifications import live
from notifications.models import Notification
from notifications.services import channel
from users import services as graph
from users.models import User

pytestmark = pytest.mark.django_db
ALL = live.UUID(int=0)


def person(client):
    return User.objects.get(pk=client.get("/api/v1/me").json()["id"])


@pytest.fixture
def liked(author, stranger, publish, settle):
    """The post of `author`, which `stranger` likes as often as is asked for."""
    post = publish(author)
    kinds = iter(["like", "love", "wow", "inspired"])

    def like():
        stranger.put(f"/api/v1/posts/{post['id']}/reactions/{next(kinds)}")
        settle()

    return like


def test_of_the_past_only_the_count_is_told(author, liked):
    liked()
    news = live._news(person(author).pk, None)
    assert news["told"] == []
    assert news["unread"] == 1
    liked()
    later = live._news(person(author).pk, news["seen"])
    assert [told["type"] for told in later["told"]] == ["reaction"]
    assert later["unread"] == 1, "they are told together"
    assert live._news(person(author).pk, later["seen"])["told"] == []


def test_who_comes_back_is_told_what_they_missed_in_order(author, stranger, liked, settle):
    for _ in range(3):
        liked()
    graph.follow(follower=person(stranger), followee=person(author))
    settle()
    listed = author.get("/api/v1/notifications").json()["results"]
    told = live._news(person(author).pk, live.Seen(ALL, frozenset()))["told"]
    assert [row["type"] for row in told] == ["reaction", "follow"]
    assert [row["id"] for row in told] == [row["id"] for row in reversed(listed)]


def test_who_is_late_is_told_once_after_others_that_were_quicker(author, stranger, liked):
    liked()
    seen = live._news(person(author).pk, None)["seen"]
    early = live.UUID(int=seen.last.int - (500 << 80))
    told_late = Notification.objects.create(
        pk=early,
        recipient=person(author),
        type="follow",
        actor=person(stranger),
        target_kind="user",
        target_id=person(stranger).pk,
        dedup="follow:late",
        about="follow",
    )
    news = live._news(person(author).pk, seen)
    assert [told["id"] for told in news["told"]] == [str(told_late.pk)]
    assert news["seen"].last == seen.last
    assert live._news(person(author).pk, news["seen"])["told"] == []


@pytest.mark.parametrize(
    ("given", "seen"), [("", None), ("x", None), (str(ALL), ALL), ("f" * 32, None)]
)
def test_what_nobody_can_have_seen_was_not_seen(rf, given, seen):
    request = rf.get("/api/v1/notifications/events", headers={"Last-Event-ID": given})
    assert live._last_seen(request) == seen


def test_what_one_may_not_meet_any_more_is_not_told(author, stranger, liked):
    before = live._news(person(author).pk, None)["seen"]
    liked()
    graph.block(blocker=person(author), blocked=person(stranger))
    assert live._news(person(author).pk, before)["told"] == []


def test_it_ends_with_the_account(author):
    user = person(author)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert live._news(user.pk, None) is None


def test_a_ticket_opens_this_stream_once_and_no_other(author, rf):
    ticket = author.post("/api/v1/notifications/ticket").json()["ticket"]
    request = rf.get("/api/v1/notifications/events", {"ticket": ticket})
    assert live.viewer_of(request, "job:1") is None
    assert live.viewer_of(request, live.STREAM) == person(author)
    assert live.viewer_of(request, live.STREAM) is None


def test_without_a_token_nobody_listens(client):
    assert client.get("/api/v1/notifications/events").status_code == 401
    answer = client.post("/api/v1/notifications/events")
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET"


def test_the_bell_rings_for_who_is_told(author, liked, django_capture_on_commit_callbacks):
    async def heard(act):
        async with listen(channel(user.pk)) as bell:
            await bell.wait(0.2)
            await asyncio.to_thread(act)
            return await bell.wait(2)

    user = person(author)
    with django_capture_on_commit_callbacks() as rung:
        liked()
    assert len(rung) >= 1
    assert asyncio.run(heard(rung[-1])) == {}
    assert asyncio.run(heard(lambda: ring(channel(ALL), {}))) is None
