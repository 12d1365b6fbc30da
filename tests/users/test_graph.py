"""Following, asking, blocking and muting."""

from datetime import datetime, timedelta

import pytest

from core.clock import now
from users import services
from users.models import Follow, Mute, User

pytestmark = pytest.mark.django_db


def relation(client, name):
    return client.get(f"/api/v1/users/{name}").json()["relation"]


def counts(client):
    return client.get("/api/v1/me").json()["counts"]


def test_following_twice_is_following_once(author, follower):
    answer = follower.put("/api/v1/users/author/follow")
    assert answer.json()["relation"]["follow"] == "following"
    assert counts(author)["followers"] == 1
    assert counts(follower)["following"] == 1


def test_unfollowing_twice_is_unfollowing_once(author, follower):
    for _ in range(2):
        assert follower.delete("/api/v1/users/author/follow").status_code == 200
    assert counts(author)["followers"] == 0
    assert counts(follower)["following"] == 0


def test_a_mute_may_end_by_itself(author, follower, publish, monkeypatch):
    publish(author, 1)
    later = now() + timedelta(hours=1)
    answer = follower.put("/api/v1/users/author/mute", {"until": later.isoformat()})
    held = answer.json()["relation"]
    assert (held["mute"], datetime.fromisoformat(held["mute_until"])) == (True, later)
    assert follower.get("/api/v1/feeds/home").json()["results"] == []
    Mute.objects.update(until=now() - timedelta(seconds=1))
    assert relation(follower, "author")["mute"] is False
    assert len(follower.get("/api/v1/feeds/home").json()["results"]) == 1
    assert follower.put("/api/v1/users/author/mute").json()["relation"]["mute_until"] is None
    assert follower.get("/api/v1/feeds/home").json()["filtered"]["muted"] == 1


@pytest.mark.parametrize("until", ["2020-01-01T00:00:00Z", "soon", 5, {}])
def test_a_mute_ends_in_the_future(author, follower, until):
    answer = follower.put("/api/v1/users/author/mute", {"until": until})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/until")
    assert relation(follower, "author")["mute"] is False


def test_a_private_account_is_asked(author, stranger):
    author.patch("/api/v1/me", {"private": True})
    assert stranger.put("/api/v1/users/author/follow").json()["relation"]["follow"] == "requested"
    assert counts(author)["followers"] == 0
    asked = author.get("/api/v1/me/follow-requests").json()["results"]
    assert [person["username"] for person in asked] == ["stranger"]
    assert author.post("/api/v1/me/follow-requests/stranger/accept").status_code == 200
    assert relation(stranger, "author")["follow"] == "following"
    assert counts(author)["followers"] == 1


def test_a_request_can_be_rejected_once(author, stranger):
    author.patch("/api/v1/me", {"private": True})
    stranger.put("/api/v1/users/author/follow")
    assert author.post("/api/v1/me/follow-requests/stranger/reject").status_code == 200
    assert author.post("/api/v1/me/follow-requests/stranger/accept").status_code == 404
    assert relation(stranger, "author")["follow"] == "none"


def test_opening_a_private_account_accepts_who_waits(author, stranger):
    author.patch("/api/v1/me", {"private": True})
    stranger.put("/api/v1/users/author/follow")
    author.patch("/api/v1/me", {"private": False})
    assert relation(stranger, "author")["follow"] == "following"
    assert counts(author)["followers"] == 1


def test_the_lists_of_a_private_account_are_its_followers(author, follower, stranger):
    author.patch("/api/v1/me", {"private": True})
    assert stranger.get("/api/v1/users/author/followers").status_code == 404
    assert follower.get("/api/v1/users/author/followers").status_code == 200


def test_a_block_parts_both_and_hides_the_blocker(author, follower):
    assert author.put("/api/v1/users/follower/block").json()["relation"]["block"] is True
    assert not Follow.objects.exists()
    assert counts(author)["followers"] == counts(follower)["following"] == 0
    hidden = follower.get("/api/v1/users/author")
    absent = follower.get("/api/v1/users/nobody_at_all")
    assert hidden.status_code == absent.status_code == 404
    assert {**hidden.json(), "instance": ""} == {**absent.json(), "instance": ""}
    assert follower.put("/api/v1/users/author/follow").status_code == 404
    assert author.get("/api/v1/users/follower").status_code == 200


def test_the_blocker_cannot_follow_before_unblocking(author, follower):
    author.put("/api/v1/users/follower/block")
    assert author.put("/api/v1/users/follower/follow").json()["code"] == "blocked"
    author.delete("/api/v1/users/follower/block")
    assert author.put("/api/v1/users/follower/follow").status_code == 200


@pytest.mark.parametrize("verb", ["follow", "block", "mute"])
def test_nobody_does_it_to_themselves(author, verb):
    answer = author.put(f"/api/v1/users/author/{verb}")
    assert (answer.status_code, answer.json()["code"]) == (400, "self_reference")


@pytest.mark.parametrize("verb", ["follow", "block", "mute"])
def test_anonymous_people_relate_to_nobody(author, anonymous, verb):
    assert anonymous.put(f"/api/v1/users/author/{verb}").status_code == 401


def test_a_follower_can_be_removed(author, follower):
    assert author.delete("/api/v1/me/followers/follower").status_code == 204
    assert relation(follower, "author")["follow"] == "none"


def test_lists_are_paged_without_skips_or_repeats(author, join):
    names = [f"fan{number}" for number in range(5)]
    for name in names:
        join(name).put("/api/v1/users/author/follow")
    seen, url = [], "/api/v1/users/author/followers?limit=2"
    while url:
        page = author.get(url).json()
        seen += [person["username"] for person in page["results"]]
        url = page["next"]
    assert seen == names[::-1]


def test_muting_hides_nothing_from_the_profile(author, stranger):
    assert stranger.put("/api/v1/users/author/mute").json()["relation"]["mute"] is True
    assert stranger.get("/api/v1/users/author").status_code == 200


def test_the_database_itself_refuses_impossible_people(db):
    from django.db import IntegrityError, transaction

    for fields in ({"username": "UPPER"}, {"username": "ok_name", "email": "Upper@example.org"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            User.objects.bulk_create([User(**{"email": "x@example.org", **fields})])


def test_who_is_blocked_may_block_too_and_both_lift_it(author, stranger):
    author.put("/api/v1/users/stranger/block")
    assert stranger.get("/api/v1/users/author").status_code == 404
    answer = stranger.put("/api/v1/users/author/block")
    assert answer.json()["relation"]["block"] is True
    author.delete("/api/v1/users/stranger/block")
    assert author.put("/api/v1/users/stranger/follow").status_code == 404
    assert stranger.delete("/api/v1/users/author/block").json()["relation"]["block"] is False
    assert author.put("/api/v1/users/stranger/follow").status_code == 200


def test_whom_one_muted_one_hears_again_whatever_they_did(author, stranger):
    stranger.put("/api/v1/users/author/mute", {})
    author.put("/api/v1/users/stranger/block")
    assert stranger.put("/api/v1/users/author/mute", {}).status_code == 200
    assert stranger.delete("/api/v1/users/author/mute").json()["relation"]["mute"] is False
    assert stranger.delete("/api/v1/users/author/mute").status_code == 404


def test_one_finds_whom_one_blocked_and_muted(author, stranger, follower):
    until = (now() + timedelta(days=1)).isoformat()
    author.put("/api/v1/users/stranger/block")
    author.put("/api/v1/users/follower/mute", {"until": until})
    (blocked,) = author.get("/api/v1/me/blocks").json()["results"]
    (muted,) = author.get("/api/v1/me/mutes").json()["results"]
    assert (blocked["username"], muted["username"]) == ("stranger", "follower")
    assert datetime.fromisoformat(muted["until"]) == datetime.fromisoformat(until)
    assert stranger.get("/api/v1/me/blocks").json()["results"] == []


def test_of_who_blocked_one_too_only_the_name_is_listed(author, stranger):
    author.patch("/api/v1/me", {"display_name": "Ada"})
    stranger.put("/api/v1/users/author/mute", {})
    author.put("/api/v1/users/stranger/block")
    stranger.put("/api/v1/users/author/block")
    (listed,) = stranger.get("/api/v1/me/blocks").json()["results"]
    assert (listed["username"], listed["display_name"]) == ("author", "author")
    assert stranger.get("/api/v1/me/mutes").json()["results"] == []


def test_who_asks_while_an_account_opens_is_let_in(author, stranger, monkeypatch):
    author.patch("/api/v1/me", {"private": True})
    lock, asked = services.lock_people, []

    def late(*people):
        if not asked:
            asked.append("something")
            asked[0] = stranger.put("/api/v1/users/author/follow").json()["relation"]["follow"]
        lock(*people)

    monkeypatch.setattr(services, "lock_people", late)
    author.patch("/api/v1/me", {"private": False})
    assert asked[0] == "requested"
    assert relation(stranger, "author")["follow"] == "following"
    assert counts(author)["followers"] == 1


def test_a_new_line_about_oneself_locks_nobody_else(author, stranger, monkeypatch):
    author.patch("/api/v1/me", {"private": True})
    stranger.put("/api/v1/users/author/follow")
    locked = []
    monkeypatch.setattr(services, "lock_people", lambda *people: locked.extend(people))
    author.patch("/api/v1/me", {"bio": "Stones."})
    assert [person.username for person in locked] == ["author"]
