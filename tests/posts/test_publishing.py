"""Posts that wait for their time, posts that are edited, and what they said before."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import orjson
import pytest

from core.clock import now
from posts import publishing, services
from posts.cards import post_cards
from posts.models import Post, PostVersion
from posts.rows import read_posts
from posts.tasks import publish_due
from users.models import User

pytestmark = pytest.mark.django_db


def write(client, body="words", **fields):
    return client.post("/api/v1/posts", {"body": body, **fields})


def later(hours=1):
    return (now() + timedelta(hours=hours)).isoformat()


def is_due(post):
    Post.objects.filter(pk=post["id"]).update(publish_at=now() - timedelta(seconds=1))


def state(client, post):
    answer = client.get(f"/api/v1/posts/{post['id']}")
    return answer.json()["state"] if answer.status_code == 200 else answer.status_code


def test_a_post_waits_for_its_time(author, anonymous):
    moment = later()
    post = write(author, publish_at=moment).json()
    assert (post["state"], post["published_at"]) == ("scheduled", None)
    assert datetime.fromisoformat(post["publish_at"]) == datetime.fromisoformat(moment)
    publish_due()
    assert (state(author, post), state(anonymous, post)) == ("scheduled", 404)
    is_due(post)
    publish_due()
    shown = anonymous.get(f"/api/v1/posts/{post['id']}").json()
    assert (shown["state"], shown["publish_at"]) == ("published", None)
    assert [found["id"] for found in anonymous.get("/api/v1/feeds/explore").json()["results"]] == [
        post["id"]
    ]


def test_its_place_in_feeds_is_that_of_its_publication(author, anonymous):
    post = write(author, publish_at=later()).json()
    other = write(author).json()
    is_due(post)
    publish_due()
    found = anonymous.get("/api/v1/feeds/explore").json()["results"]
    assert [each["id"] for each in found] == [post["id"], other["id"]]


def test_a_time_may_be_set_changed_and_taken_back(author):
    post = write(author, state="draft").json()
    address = f"/api/v1/posts/{post['id']}"
    assert author.patch(address, {"publish_at": later()}).json()["state"] == "scheduled"
    assert author.patch(address, {"publish_at": later(2)}).json()["state"] == "scheduled"
    assert author.patch(address, {"body": "other words"}).json()["state"] == "scheduled"
    back = author.patch(address, {"publish_at": None}).json()
    assert (back["state"], back["publish_at"]) == ("draft", None)
    assert author.patch(address, {"publish_at": later()}).json()["state"] == "scheduled"
    assert author.post(f"{address}/publish").json()["state"] == "published"
    late = author.patch(address, {"publish_at": later()})
    assert (late.status_code, late.json()["code"]) == (409, "not_a_draft")


@pytest.mark.parametrize("moment", ["2020-01-01T00:00:00Z", "soon", 5, "2999-01-01T00:00:00Z"])
def test_a_time_is_to_come_and_within_a_year(author, moment):
    answer = write(author, publish_at=moment)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/publish_at")
    assert not Post.objects.exists()


def test_a_draft_has_no_time(author):
    answer = write(author, state="draft", publish_at=later())
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/publish_at")


@pytest.mark.parametrize("change", [{"limit": "suspended"}, {"is_active": False}])
def test_who_may_not_publish_does_not_publish_by_waiting(author, change):
    post = write(author, publish_at=later()).json()
    is_due(post)
    reason = {"decision_id": uuid4(), "reason_code": "spam"} if "limit" in change else {}
    User.objects.filter(username="author").update(**change, **reason)
    publish_due()
    assert Post.objects.get().state == "scheduled"
    User.objects.filter(username="author").update(limit="", is_active=True)
    publish_due()
    assert Post.objects.get().state == "published"


def test_a_deleted_post_is_not_published(author):
    post = write(author, publish_at=later()).json()
    is_due(post)
    assert author.delete(f"/api/v1/posts/{post['id']}").status_code == 204
    publish_due()
    assert Post.objects.get().state == "removed"


def edited(client, post, **changes):
    answer = client.patch(f"/api/v1/posts/{post['id']}", changes)
    assert answer.status_code == 200, answer.content
    return answer.json()


def history(client, post):
    found = client.get(f"/api/v1/posts/{post['id']}/history").json()["results"]
    return [(version["body"], version["tags"]) for version in found]


def test_what_a_post_said_before_is_kept(author, anonymous):
    post = write(author, "first", tags=["one"]).json()
    second = edited(author, post, body="second")
    edited(author, post, body="third", tags=["two", "one", "two"])
    assert history(anonymous, post) == [("second", ["one"]), ("first", ["one"])]
    versions = anonymous.get(f"/api/v1/posts/{post['id']}/history").json()["results"]
    assert [version["written_at"] for version in versions] == [
        second["edited_at"], post["published_at"],
    ]  # fmt: skip


def test_what_says_the_same_is_no_version(author):
    post = write(author, "first", tags=["one", "two"]).json()
    edited(author, post, body="first", tags=["two", "one"], allow_remix=False)
    edited(author, post, licence="cc_by")
    assert edited(author, post, visibility="unlisted")["edited_at"] is None
    assert history(author, post) == []


def test_drafts_have_no_history(author):
    post = write(author, "first", state="draft").json()
    edited(author, post, body="second")
    author.post(f"/api/v1/posts/{post['id']}/publish")
    assert history(author, post) == []


def test_nobody_reads_in_the_history_what_was_not_for_them(author, follower, anonymous):
    post = write(author, "for myself", visibility="private").json()
    edited(author, post, body="for followers", visibility="followers")
    edited(author, post, body="for all", visibility="public")
    edited(author, post, body="for all, corrected")
    everything = ["for all", "for followers", "for myself"]
    assert [body for body, _ in history(author, post)] == everything
    assert [body for body, _ in history(follower, post)] == everything[:2]
    assert [body for body, _ in history(anonymous, post)] == everything[:1]
    edited(author, post, visibility="private")
    assert anonymous.get(f"/api/v1/posts/{post['id']}/history").status_code == 404


def test_what_a_private_account_said_is_for_its_followers_when_it_opens(
    author, follower, anonymous
):
    author.patch("/api/v1/me", {"private": True})
    post = write(author, "for those who follow me").json()
    edited(author, post, body="said otherwise")
    author.patch("/api/v1/me", {"private": False})
    assert history(anonymous, post) == []
    assert [body for body, _ in history(follower, post)] == ["for those who follow me"]


def test_what_was_written_for_fewer_meanwhile_is_not_shown(author, stranger):
    post = write(author, "for all").json()
    rows = read_posts(stranger.user, [UUID(post["id"])])
    edited(author, post, body="for myself", visibility="private")
    assert post_cards(list(rows.values()), stranger.user) == []


def test_a_card_is_of_its_own_post_whatever_the_versions(author, stranger):
    """A table that is written anew may give a version a second time."""
    keys = [UUID(write(author, body).json()["id"]) for body in ("one", "two")]
    one, two = (read_posts(stranger.user, [key])[key] for key in keys)
    twins = [one, two._replace(version=one.version)]
    shown = [orjson.loads(orjson.dumps(card)) for card in post_cards(twins, stranger.user)]
    assert [card["body"] for card in shown] == ["one", "two"]


def test_a_deleted_post_has_no_history_left(author):
    post = write(author, "first").json()
    edited(author, post, body="second")
    author.delete(f"/api/v1/posts/{post['id']}")
    assert author.get(f"/api/v1/posts/{post['id']}/history").status_code == 404
    assert not PostVersion.objects.exists()


def test_a_licence_is_named(author, anonymous):
    post = write(author).json()
    assert post["licence"] == "all_rights_reserved"
    assert edited(author, post, licence="cc_by_sa")["licence"] == "cc_by_sa"
    assert write(author, licence="mine").json()["errors"][0]["pointer"] == "/licence"


def _meanwhile(monkeypatch, module, act):
    """Somebody else was quicker: `act` happens when the author's row is about to be locked."""
    lock, done = module.lock_person, []

    def late(user_id):
        if not done:
            done.append(act())
        lock(user_id)

    monkeypatch.setattr(module, "lock_person", late)


@pytest.mark.parametrize("change", ["taken back", "put off", "suspended"])
def test_what_is_taken_back_at_the_last_moment_is_not_published(author, monkeypatch, change):
    post = write(author, publish_at=later()).json()
    is_due(post)
    rows, people = Post.objects.filter(pk=post["id"]), User.objects.filter(username="author")
    suspended = {"limit": "suspended", "decision_id": uuid4(), "reason_code": "spam"}
    act = {
        "taken back": lambda: rows.update(state="draft", publish_at=None),
        "put off": lambda: rows.update(publish_at=now() + timedelta(days=30)),
        "suspended": lambda: people.update(**suspended),
    }[change]
    _meanwhile(monkeypatch, publishing, act)
    publish_due()
    assert rows.get().state == ("draft" if change == "taken back" else "scheduled")


def test_an_edit_that_comes_after_the_end_writes_nothing(author, monkeypatch):
    post = write(author).json()
    row = Post.objects.get(pk=post["id"])
    _meanwhile(monkeypatch, publishing, lambda: services.remove_post(post=row))
    answer = author.patch(f"/api/v1/posts/{post['id']}", {"body": "still here", "tags": ["sea"]})
    assert answer.status_code == 404
    row.refresh_from_db()
    assert (row.body, row.tags.count()) != ("still here", 1)
