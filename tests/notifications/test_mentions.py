"""Whoever is mentioned, or whose work went into something, is told if they may see it."""

import json

import pytest

from posts.mentions import mentioned_in
from tests.helpers import pictures

pytestmark = pytest.mark.django_db


def told(client, kind="mention"):
    rows = client.get("/api/v1/notifications").json()["results"]
    return [(row["text"], row["target"]) for row in rows if row["type"] == kind]


def post(client, body, **fields):
    answer = client.post("/api/v1/posts", {"body": body, **fields})
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_a_mention_is_told_once_however_often_it_is_edited(author, stranger, settle):
    made = post(author, "look, @Stranger and @stranger!")
    settle()
    author.patch(f"/api/v1/posts/{made['id']}", {"body": "look again, @stranger"})
    settle()
    [(text, target)] = told(stranger)
    assert text == "@author mentioned you."
    assert target == {"kind": "post", "id": made["id"]}
    assert told(author) == []


def test_who_is_mentioned_later_is_told_then(author, stranger, settle):
    made = post(author, "words")
    settle()
    author.patch(f"/api/v1/posts/{made['id']}", {"body": "words for @stranger"})
    settle()
    assert len(told(stranger)) == 1


@pytest.mark.parametrize("fields", [{"visibility": "private"}, {"state": "draft"}])
def test_who_may_not_see_it_hears_nothing(author, stranger, settle, fields):
    post(author, "of @stranger", **fields)
    settle()
    assert told(stranger) == []


def test_a_block_silences_a_mention_either_way(author, stranger, follower, settle):
    stranger.put("/api/v1/users/author/block")
    author.put("/api/v1/users/follower/block")
    post(author, "@stranger @follower")
    settle()
    assert told(stranger) == told(follower) == []


def test_a_comment_mentions_too_but_tells_nobody_twice(author, stranger, follower, settle):
    made = post(author, "words")
    body = "@author and @follower should see this"
    stranger.post(f"/api/v1/posts/{made['id']}/comments", {"body": body})
    settle()
    assert len(told(follower)) == 1
    assert (told(author), len(told(author, "comment"))) == ([], 1)


def test_mentions_may_be_silenced(author, stranger, settle):
    stranger.patch("/api/v1/me", {"preferences": {"notifications": {"mention": False}}})
    post(author, "@stranger")
    settle()
    assert told(stranger) == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@stranger", ["stranger"]),
        ("(@stranger), @STRANGER.", ["stranger"]),
        ("mail me: a@stranger.org", []),
        ("https://example.org/@stranger", []),
        ("@stranger@example.org", []),
        ("@strangers and @stran", []),
        ("＠stranger @nobody_here", []),
        ("🦊@stranger", ["stranger"]),
    ],
)
def test_what_is_a_mention(stranger, text, names):
    assert [person.username for person in mentioned_in(text)] == names


def test_a_text_full_of_names_reaches_few(join):
    for number in range(12):
        join(f"person_{number:02}")
    text = " ".join(f"@person_{number:02}" for number in range(12))
    assert len(mentioned_in(text * 40)) <= 10


def test_whose_work_went_into_a_post_is_told(author, stranger, publish, settle):
    work = publish(author, 1)["assets"][0]
    parents = json.dumps([{"asset": work["id"], "relation": "drawn_over"}])
    body = {"file": pictures.upload(pictures.jpeg(7)), "parents": parents}
    made = stranger.post("/api/v1/assets", body, format="multipart").json()
    shown = post(stranger, "", assets=[made["id"]])
    settle()
    assert told(author, "remix") == [
        ("@stranger made something of a work of yours.", {"kind": "post", "id": shown["id"]})
    ]
    assert told(stranger, "remix") == []
