"""People are told once, of what concerns them, and of nothing that they may not see."""

import pytest

from notifications import queries

pytestmark = pytest.mark.django_db


def told(client):
    return client.get("/api/v1/notifications").json()["results"]


def test_follows_reactions_and_comments_are_told(author, follower, publish, settle):
    post = publish(author)
    follower.put(f"/api/v1/posts/{post['id']}/reactions/wow")
    follower.post(f"/api/v1/posts/{post['id']}/comments", {"body": "Oh!"})
    settle()
    assert [row["type"] for row in told(author)] == ["comment", "reaction", "follow"]
    assert told(author)[0]["actor"]["username"] == "follower"
    assert told(author)[1]["text"] == "@follower reacted to your post: wow."
    assert told(follower) == []


def test_a_request_to_follow_is_told_as_one(author, stranger, settle):
    author.patch("/api/v1/me", {"private": True})
    stranger.put("/api/v1/users/author/follow")
    settle()
    assert told(author)[0]["type"] == "follow_request"


def test_the_same_thing_again_is_not_told_again(author, stranger, publish, settle):
    post = publish(author)
    for _ in range(2):
        stranger.put(f"/api/v1/posts/{post['id']}/reactions/like")
        stranger.put(f"/api/v1/posts/{post['id']}/reactions/like")
        settle()
    assert len(told(author)) == 1


def test_answers_are_told_to_who_was_answered(author, follower, stranger, publish, settle):
    url = f"/api/v1/posts/{publish(author)['id']}/comments"
    parent = follower.post(url, {"body": "one"}).json()["id"]
    stranger.post(url, {"body": "two", "parent": parent})
    settle()
    assert [row["actor"]["username"] for row in told(follower)] == ["stranger"]


def test_ones_own_doings_are_no_news(author, publish, settle):
    post = publish(author)
    author.put(f"/api/v1/posts/{post['id']}/reactions/like")
    settle()
    assert told(author) == []


def test_muted_and_blocked_people_are_not_told_of(author, stranger, follower, publish, settle):
    post = publish(author)
    author.put("/api/v1/users/stranger/mute")
    stranger.put(f"/api/v1/posts/{post['id']}/reactions/like")
    settle()
    assert [row["type"] for row in told(author)] == ["follow"]
    author.put("/api/v1/users/follower/block")
    assert told(author) == []


def test_what_one_does_not_want_to_know_is_not_told(author, stranger, publish, settle):
    author.patch("/api/v1/me", {"preferences": {"notifications": {"reaction": False}}})
    stranger.put(f"/api/v1/posts/{publish(author)['id']}/reactions/like")
    settle()
    assert told(author) == []


def test_a_target_that_is_gone_is_not_named(author, stranger, publish, settle):
    post = publish(author)
    url = f"/api/v1/posts/{post['id']}/comments"
    mine = stranger.post(url, {"body": "first"}).json()["id"]
    author.post(url, {"body": "secret words", "parent": mine})
    settle()
    assert told(stranger)[0]["target"]["kind"] == "comment"
    author.patch(f"/api/v1/posts/{post['id']}", {"visibility": "private"})
    (row,) = told(stranger)
    assert (row["target"], row["actor"]) == (None, None)
    assert row["text"] == "This is no longer available."


def test_reading_is_marked(author, follower, publish, settle):
    follower.put(f"/api/v1/posts/{publish(author)['id']}/reactions/like")
    settle()
    first, second = told(author)
    assert author.post("/api/v1/notifications/read", {"ids": [first["id"]]}).status_code == 204
    assert [row["read"] for row in told(author)] == [True, False]
    author.post("/api/v1/notifications/read", {"all": True})
    assert [row["read"] for row in told(author)] == [True, True]
    assert second["read"] is False


def test_what_is_to_be_marked_is_said(author):
    answer = author.post("/api/v1/notifications/read", {})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/ids")


@pytest.mark.parametrize("kind", ["label", "decision", "report"])
def test_there_is_no_switch_for_what_is_always_told(author, kind):
    answer = author.patch("/api/v1/me", {"preferences": {"notifications": {kind: False}}})
    assert answer.status_code == 400


def test_foreign_ids_mark_nothing(author, follower, stranger, settle):
    settle()
    mine = told(author)[0]["id"]
    stranger.post("/api/v1/notifications/read", {"ids": [mine]})
    assert told(author)[0]["read"] is False


def test_notifications_are_ones_own(anonymous):
    assert anonymous.get("/api/v1/notifications").status_code == 401


def test_what_was_not_read_is_counted_for_oneself(author, stranger, follower, publish, settle):
    def unread(client):
        return client.get("/api/v1/notifications", {"limit": 1}).json()["unread"]

    posts = publish(author, 1), publish(author, 2)
    settle()
    author.post("/api/v1/notifications/read", {"all": True})
    for client, post in zip((stranger, follower), posts, strict=True):
        client.put(f"/api/v1/posts/{post['id']}/reactions/like")
    settle()
    assert (unread(author), unread(stranger)) == (2, 0)
    author.put("/api/v1/users/stranger/block")
    assert unread(author) == 1, "who is blocked is not heard of"
    newest = author.get("/api/v1/notifications").json()["results"][0]["id"]
    author.post("/api/v1/notifications/read", {"ids": [newest]})
    assert unread(author) == 0


def test_the_same_of_several_people_is_told_together(author, stranger, follower, publish, settle):
    post = publish(author)
    for client, kind in ((follower, "like"), (stranger, "like"), (stranger, "wow")):
        client.put(f"/api/v1/posts/{post['id']}/reactions/{kind}")
    settle()
    reaction, follow = told(author)
    assert reaction["text"] == "@stranger and one other reacted to your post."
    assert reaction["actor"]["username"] == "stranger"
    assert [other["username"] for other in reaction["others"]] == ["follower"]
    assert reaction["others_count"] == 1
    assert (follow["text"], follow["others_count"]) == ("@follower follows you.", 0)
    assert author.get("/api/v1/notifications").json()["unread"] == 2
    author.post("/api/v1/notifications/read", {"ids": [reaction["id"]]})
    assert [row["read"] for row in told(author)] == [True, False]
    author.put("/api/v1/users/stranger/block")
    first = told(author)[0]
    assert (first["actor"]["username"], first["others"], first["read"]) == ("follower", [], True)


def test_a_new_one_of_a_kind_is_unread_and_on_top(author, stranger, follower, publish, settle):
    post = publish(author)
    follower.put(f"/api/v1/posts/{post['id']}/reactions/like")
    settle()
    author.post("/api/v1/notifications/read", {"all": True})
    stranger.put("/api/v1/users/author/follow")
    stranger.put(f"/api/v1/posts/{post['id']}/reactions/like")
    settle()
    assert [(row["type"], row["read"], row["others_count"]) for row in told(author)] == [
        ("reaction", False, 1),
        ("follow", False, 1),
    ]


def test_what_came_after_one_looked_stays_unread(author, stranger, follower, publish, settle):
    post = publish(author)
    follower.put(f"/api/v1/posts/{post['id']}/reactions/like")
    settle()
    seen = told(author)[0]["id"]
    stranger.put(f"/api/v1/posts/{post['id']}/reactions/like")
    settle()
    author.post("/api/v1/notifications/read", {"ids": [seen]})
    assert told(author)[0]["read"] is False


def test_pages_of_what_is_told_together_do_not_repeat(author, stranger, follower, publish, settle):
    for number in range(1, 4):
        post = publish(author, number)
        for client in (follower, stranger):
            client.put(f"/api/v1/posts/{post['id']}/reactions/like")
    settle()
    seen, address = [], "/api/v1/notifications?limit=1"
    while address:
        page = author.get(address).json()
        seen += [(row["type"], row["target"]["id"]) for row in page["results"]]
        address = page["next"]
    assert len(seen) == len(set(seen)) == 4


def test_who_asked_to_follow_is_told_that_they_may(author, stranger, settle):
    author.patch("/api/v1/me", {"private": True})
    stranger.put("/api/v1/users/author/follow")
    settle()
    author.post("/api/v1/me/follow-requests/stranger/accept")
    settle()
    assert told(author) == []
    [row] = told(stranger)
    assert (row["type"], row["text"]) == ("follow_accepted", "@author lets you follow them.")
    author.delete("/api/v1/me/followers/stranger")
    assert told(stranger) == []


def test_a_request_that_was_declined_waits_no_longer(author, stranger, settle):
    author.patch("/api/v1/me", {"private": True})
    stranger.put("/api/v1/users/author/follow")
    settle()
    author.post("/api/v1/me/follow-requests/stranger/reject")
    settle()
    assert told(author) == told(stranger) == []


@pytest.mark.parametrize("before_it_is_told", [True, False])
def test_what_was_taken_back_is_not_told(author, stranger, publish, settle, before_it_is_told):
    like = f"/api/v1/posts/{publish(author)['id']}/reactions/like"
    for verb in ("put", "delete"):
        getattr(stranger, verb)(like)
        getattr(stranger, verb)("/api/v1/users/author/follow")
        if not before_it_is_told:
            settle()
    settle()
    assert told(author) == []


def test_a_group_keeps_its_name(author, stranger, follower, publish, settle):
    first, second = publish(author), publish(author)
    follower.put(f"/api/v1/posts/{first['id']}/reactions/like")
    settle()
    before = told(author)[0]
    stranger.put(f"/api/v1/posts/{first['id']}/reactions/wow")
    settle()
    after = told(author)[0]
    stranger.put(f"/api/v1/posts/{second['id']}/reactions/wow")
    settle()
    assert before["id"] != after["id"]
    assert before["group"] == after["group"] != told(author)[0]["group"]


def test_of_each_the_others_are_counted(author, join, publish, settle, monkeypatch):
    monkeypatch.setattr(queries, "OTHERS_COUNTED", 3)
    busy, quiet = publish(author, 1), publish(author, 2)
    people = [join(f"reader_{number}") for number in range(6)]
    for reader in people[:3]:
        reader.put(f"/api/v1/posts/{quiet['id']}/reactions/like")
    settle()
    for reader in people:
        reader.put(f"/api/v1/posts/{busy['id']}/reactions/like")
    settle()
    assert [row["others_count"] for row in told(author)] == [3, 2]


def test_an_answer_is_not_told_to_who_may_not_see_it(author, follower, stranger, publish, settle):
    post = publish(author)
    url = f"/api/v1/posts/{post['id']}/comments"
    said = follower.post(url, {"body": "first"}).json()
    author.put("/api/v1/users/follower/block")
    assert stranger.post(url, {"body": "answer", "parent": said["id"]}).status_code == 201
    settle()
    assert told(follower) == []


def test_many_of_one_thing_are_one_unread(author, join, publish, settle, monkeypatch):
    post = publish(author)
    for number in range(4):
        join(f"reader_{number}").put(f"/api/v1/posts/{post['id']}/reactions/like")
    settle()
    assert author.get("/api/v1/notifications").json()["unread"] == 1
    monkeypatch.setattr(queries, "UNREAD_LOOKED_AT", 2)
    assert author.get("/api/v1/notifications").json()["unread"] == 1
