"""What happens on boards is told to whom it concerns, as long as they may see the board."""

import pytest

pytestmark = pytest.mark.django_db


def told(client):
    rows = client.get("/api/v1/notifications").json()["results"]
    return [row for row in rows if row["type"] in {"save", "board_follow", "board_share"}]


def texts(client):
    return [row["text"] for row in told(client)]


@pytest.fixture
def post(author, publish):
    return publish(author)


def board(client, name="Boats", **fields):
    return client.post("/api/v1/boards", {"name": name, **fields}).json()["id"]


def keep(client, board, post):
    answer = client.put(f"/api/v1/boards/{board}/items/{post['id']}", {})
    assert answer.status_code in {200, 201, 204}, answer.content


def share(client, board, username):
    answer = client.put(f"/api/v1/boards/{board}/collaborators/{username}", {"role": "editor"})
    assert answer.status_code == 204, answer.content


def test_an_author_is_told_who_saved_a_post_and_where(author, stranger, follower, post, settle):
    first, second = board(stranger), board(follower)
    keep(stranger, first, post)
    keep(follower, second, post)
    keep(follower, second, post)
    settle()
    [row] = told(author)
    assert row["text"] == "@follower and one other saved your post."
    assert row["target"] == {"kind": "board", "id": second, "post": post["id"]}
    assert texts(stranger) == texts(follower) == []


def test_what_is_kept_in_secret_is_told_to_nobody(author, stranger, post, settle):
    secret = board(stranger, visibility="secret")
    keep(stranger, secret, post)
    settle()
    assert told(author) == []


def test_a_post_that_is_gone_is_not_named_any_more(author, stranger, post, settle):
    keep(stranger, board(stranger), post)
    settle()
    author.delete(f"/api/v1/posts/{post['id']}")
    [row] = told(author)
    assert (row["actor"], row["target"]) == (None, None)
    assert row["text"] == "This is no longer available."


def test_a_board_that_became_secret_is_not_named_any_more(author, stranger, post, settle):
    open_ = board(stranger)
    keep(stranger, open_, post)
    settle()
    stranger.patch(f"/api/v1/boards/{open_}", {"visibility": "secret"})
    assert told(author) == []
    stranger.patch(f"/api/v1/boards/{open_}", {"visibility": "public"})
    assert texts(author) == ["@stranger saved your post."]


def test_of_those_who_saved_only_they_are_named_whose_boards_one_sees(
    author, stranger, follower, post, settle
):
    theirs, others = board(stranger), board(follower)
    keep(stranger, theirs, post)
    settle()
    keep(follower, others, post)
    settle()
    [row] = told(author)
    assert [other["username"] for other in row["others"]] == ["stranger"]
    stranger.patch(f"/api/v1/boards/{theirs}", {"visibility": "secret"})
    [row] = told(author)
    assert (row["text"], row["others"], row["others_count"]) == (
        "@follower saved your post.",
        [],
        0,
    )
    stranger.patch(f"/api/v1/boards/{theirs}", {"visibility": "public"})
    follower.patch("/api/v1/me", {"private": True})
    assert texts(author) == ["@stranger saved your post."]


def test_what_a_private_account_saves_is_told_to_its_followers_alone(
    author, stranger, follower, publish, settle
):
    follower.patch("/api/v1/me", {"private": True})
    mine = board(follower)
    for client in (author, stranger):
        keep(follower, mine, publish(client))
    author.put("/api/v1/users/follower/follow")
    follower.post("/api/v1/me/follow-requests/author/accept")
    settle()
    assert texts(author) == ["@follower saved your post."]
    assert texts(stranger) == []


def test_who_helps_to_keep_a_board_is_not_named(author, stranger, follower, post, settle):
    theirs = board(follower)
    share(follower, theirs, "stranger")
    keep(stranger, theirs, post)
    settle()
    assert told(author) == []


def test_what_was_undone_before_it_was_told_is_not_told(author, stranger, post, settle):
    theirs, mine = board(stranger), board(author)
    keep(stranger, theirs, post)
    stranger.put(f"/api/v1/boards/{mine}/follow")
    stranger.delete(f"/api/v1/boards/{theirs}/items/{post['id']}")
    stranger.delete(f"/api/v1/boards/{mine}/follow")
    settle()
    assert told(author) == []


def test_an_owner_is_told_who_follows_a_board(author, stranger, follower, settle):
    mine = board(author)
    for client in (stranger, follower):
        client.put(f"/api/v1/boards/{mine}/follow")
        client.put(f"/api/v1/boards/{mine}/follow")
    settle()
    [row] = told(author)
    assert row["text"] == "@follower and one other follow a board of yours."
    assert row["target"] == {"kind": "board", "id": mine}


def test_who_is_let_in_is_told_and_who_was_let_out_again_is_not(author, stranger, follower, settle):
    mine = board(author, visibility="secret")
    for username in ("stranger", "follower"):
        share(author, mine, username)
    author.delete(f"/api/v1/boards/{mine}/collaborators/follower")
    settle()
    assert texts(stranger) == ["@author let you in on a board."]
    assert texts(follower) == []
    author.delete(f"/api/v1/boards/{mine}/collaborators/stranger")
    assert texts(stranger) == []


def test_a_board_that_was_deleted_meanwhile_tells_nobody(author, stranger, post, settle):
    theirs, mine = board(stranger), board(author)
    keep(stranger, theirs, post)
    stranger.put(f"/api/v1/boards/{mine}/follow")
    share(author, mine, "stranger")
    stranger.delete(f"/api/v1/boards/{theirs}")
    author.delete(f"/api/v1/boards/{mine}")
    settle()
    assert told(author) == told(stranger) == []


def test_one_may_not_want_to_know(author, stranger, post, settle):
    author.patch("/api/v1/me", {"preferences": {"notifications": {"save": False}}})
    keep(stranger, board(stranger), post)
    settle()
    assert told(author) == []


def test_what_is_undone_on_a_board_is_not_told_any_more(author, stranger, post, settle):
    theirs, mine = board(stranger), board(author, "Mine")
    keep(stranger, theirs, post)
    stranger.put(f"/api/v1/boards/{mine}/follow")
    share(stranger, theirs, "author")
    settle()
    assert len(told(author)) == 3
    stranger.delete(f"/api/v1/boards/{theirs}/items/{post['id']}")
    stranger.delete(f"/api/v1/boards/{mine}/follow")
    stranger.delete(f"/api/v1/boards/{theirs}/collaborators/author")
    assert told(author) == []


def test_who_parts_is_told_of_no_ties_when_the_block_is_lifted(author, stranger, settle):
    mine = board(author, "Mine")
    stranger.put(f"/api/v1/boards/{mine}/follow")
    settle()
    author.put("/api/v1/users/stranger/block")
    author.delete("/api/v1/users/stranger/block")
    assert told(author) == []
