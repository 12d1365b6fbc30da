"""Boards: what people keep of others' posts, with whom, in which order, and who sees it."""

import threading
from contextlib import closing

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.errors import NotFound
from posts import boards
from posts.models import Board, BoardItem, Post
from users.models import User

pytestmark = pytest.mark.django_db


def board(client, name="Boats", **fields):
    answer = client.post("/api/v1/boards", {"name": name, **fields})
    assert answer.status_code == 201, answer.content
    return answer.json()


def at(board, *rest):
    return "/".join(["/api/v1/boards", board["id"], *rest])


def keep(client, board, post, **fields):
    answer = client.put(at(board, "items", post["id"]), fields)
    assert answer.status_code == 204, answer.content


def on(client, board, **query):
    page = client.get(at(board, "items"), query).json()
    return [post["id"] for post in page["results"]]


def shown(client, board):
    answer = client.get(at(board))
    return answer.json() if answer.status_code == 200 else answer.status_code


def counts(client, post):
    found = client.get(f"/api/v1/posts/{post['id']}").json()
    return found["counts"]["saves"], found["viewer"]["saved"]


@pytest.fixture
def posts(author):
    """Of words alone: what is kept does not matter to most of this."""
    return [author.post("/api/v1/posts", {"body": f"post {number}"}).json() for number in range(3)]


def test_a_post_is_kept_on_top_with_a_note(stranger, posts):
    mine = board(stranger)
    for post in posts:
        keep(stranger, mine, post, note=f"note {post['id']}")
    assert on(stranger, mine) == [post["id"] for post in reversed(posts)]
    (first, *_) = stranger.get(at(mine, "items")).json()["results"]
    assert first["item"] == {"section": None, "note": f"note {posts[-1]['id']}"}
    keep(stranger, mine, posts[0], note="another")
    assert len(on(stranger, mine)) == 3, "twice is once"
    assert shown(stranger, mine)["items_count"] == 3


def test_it_counts_and_is_known_to_be_saved(author, stranger, posts):
    mine, secret = board(stranger), board(stranger, "Secret", visibility="secret")
    keep(stranger, secret, posts[0])
    assert (counts(author, posts[0]), counts(stranger, posts[0])) == ((0, False), (0, True))
    keep(stranger, mine, posts[0])
    assert counts(author, posts[0]) == (1, False)
    stranger.patch(at(secret), {"visibility": "public"})
    assert counts(author, posts[0]) == (2, False)
    stranger.patch(at(mine), {"visibility": "secret"})
    assert counts(author, posts[0]) == (1, False)
    for _ in range(2):
        assert stranger.delete(at(secret, "items", posts[0]["id"])).status_code == 204
    assert counts(author, posts[0]) == (0, False)
    stranger.patch(at(mine), {"visibility": "public"})
    assert stranger.delete(at(mine)).status_code == 204
    assert counts(stranger, posts[0]) == (0, False)


def test_an_anonymous_reader_has_saved_nothing(anonymous, posts):
    assert counts(anonymous, posts[0]) == (0, False)


def test_what_is_on_a_board_is_seen_by_who_may_see_it(author, stranger, follower, anonymous, posts):
    mine = board(follower)
    for post in posts:
        keep(follower, mine, post)
    author.patch(f"/api/v1/posts/{posts[0]['id']}", {"visibility": "followers"})
    author.patch(f"/api/v1/posts/{posts[1]['id']}", {"visibility": "private"})
    everybody = [posts[2]["id"]]
    for client, seen in (
        (follower, [posts[2]["id"], posts[0]["id"]]), (anonymous, everybody), (stranger, everybody),
    ):  # fmt: skip
        assert on(client, mine) == seen
        assert shown(client, mine)["items_count"] == len(seen)
    stranger.put("/api/v1/users/author/block")
    assert on(stranger, mine) == []
    assert shown(stranger, mine)["cover"] is None


@pytest.mark.parametrize(
    "hide", ["secret", "private", "block", "blocked", "suspended", "inactive", "limited"]
)
def test_a_board_that_is_not_for_somebody_is_not_there(author, stranger, posts, hide):
    mine = board(author)
    keep(author, mine, posts[0])
    people = User.objects.filter(username="author")
    decision = {"decision_id": posts[0]["id"], "reason_code": "spam"}
    match hide:
        case "secret":
            author.patch(at(mine), {"visibility": "secret"})
        case "private":
            author.patch("/api/v1/me", {"private": True})
        case "block":
            author.put("/api/v1/users/stranger/block")
        case "blocked":
            stranger.put("/api/v1/users/author/block")
        case "suspended":
            people.update(limit="suspended", **decision)
        case "inactive":
            people.update(is_active=False)
        case "limited":
            Board.objects.update(limit="hidden", **decision)
    absent = {**mine, "id": posts[0]["id"]}
    for path, verb in (
        ((), "get"), (("items",), "get"), (("follow",), "put"), (("collaborators",), "get"),
        (("items", posts[0]["id"]), "put"), ((), "patch"), ((), "delete"), (("order",), "put"),
    ):  # fmt: skip
        found, none = (getattr(stranger, verb)(at(each, *path)) for each in (mine, absent))
        assert found.status_code == none.status_code == 404, (path, verb)
        assert {**found.json(), "instance": ""} == {**none.json(), "instance": ""}


def test_only_whom_the_owner_let_in_works_on_it(author, stranger, follower, posts):
    mine = board(author, visibility="secret")
    assert stranger.get(at(mine)).status_code == 404
    author.put(at(mine, "collaborators", "stranger"), {"role": "viewer"})
    assert shown(stranger, mine)["viewer"]["role"] == "viewer"
    assert stranger.put(at(mine, "items", posts[0]["id"])).status_code == 403
    author.put(at(mine, "collaborators", "stranger"), {"role": "editor"})
    keep(stranger, mine, posts[0])
    assert on(author, mine) == [posts[0]["id"]]
    for verb, path in (("patch", ()), ("delete", ()), ("put", ("collaborators", "follower"))):
        body = {"role": "viewer"} if path else {}
        assert getattr(stranger, verb)(at(mine, *path), body).status_code == 403
    people = author.get(at(mine, "collaborators")).json()["results"]
    assert [(row["person"]["username"], row["role"]) for row in people] == [("stranger", "editor")]
    shared = stranger.get("/api/v1/me/boards/shared").json()["results"]
    assert [each["id"] for each in shared] == [mine["id"]]
    assert stranger.delete(at(mine, "collaborators", "stranger")).status_code == 204
    assert stranger.get(at(mine)).status_code == 404


@pytest.mark.parametrize("blocker", ["author", "stranger"])
def test_a_block_ends_what_they_had_in_common(author, stranger, follower, blocker):
    mine = board(author, visibility="secret")
    for name in ("stranger", "follower"):
        author.put(at(mine, "collaborators", name), {"role": "editor"})
    public = board(author, "Public")
    stranger.put(at(public, "follow"))
    one, other = (author, "stranger") if blocker == "author" else (stranger, "author")
    one.put(f"/api/v1/users/{other}/block")
    again = author.put(at(mine, "collaborators", "stranger"), {"role": "editor"})
    assert again.status_code == (409 if blocker == "author" else 404)
    one.delete(f"/api/v1/users/{other}/block")
    assert shown(stranger, mine) == 404
    assert shown(stranger, public)["viewer"]["following"] is False
    assert shown(follower, mine)["viewer"]["role"] == "editor", "others stay"


def test_a_follower_of_a_board_is_no_collaborator(author, stranger, posts):
    mine = board(author)
    assert stranger.put(at(mine, "follow")).json()["viewer"] == {"role": "none", "following": True}
    followed = stranger.get("/api/v1/me/boards/followed").json()["results"]
    assert [each["id"] for each in followed] == [mine["id"]]
    assert stranger.put(at(mine, "items", posts[0]["id"])).status_code == 403
    assert stranger.get(at(mine, "collaborators")).status_code == 404
    author.patch(at(mine), {"visibility": "secret"})
    assert stranger.get("/api/v1/me/boards/followed").json()["results"] == []


def test_sections_part_a_board(stranger, posts):
    mine = board(stranger)
    night = stranger.post(at(mine, "sections"), {"name": "Night"}).json()
    day = stranger.post(at(mine, "sections"), {"name": "Day"}).json()
    keep(stranger, mine, posts[0], section=night["id"])
    keep(stranger, mine, posts[1])
    keep(stranger, mine, posts[0], note="what is not named stays")
    assert on(stranger, mine, section=night["id"]) == [posts[0]["id"]]
    keep(stranger, mine, posts[0], section=None)
    assert on(stranger, mine, section=night["id"]) == []
    keep(stranger, mine, posts[0], section=night["id"])
    assert stranger.get(at(mine, "items")).json()["results"][-1]["item"]["note"]
    order = {"sections": [night["id"], day["id"]]}
    assert stranger.put(at(mine, "sections", "order"), order).status_code == 204
    assert [each["name"] for each in shown(stranger, mine)["sections"]] == ["Night", "Day"]
    same = stranger.patch(at(mine, "sections", night["id"]), {})
    assert (same.status_code, same.json()["name"]) == (200, "Night")
    renamed = stranger.patch(at(mine, "sections", night["id"]), {"name": "Dusk"})
    assert renamed.json() == {"id": night["id"], "name": "Dusk"}
    taken = stranger.post(at(mine, "sections"), {"name": "Day"})
    assert (taken.status_code, taken.json()["code"]) == (409, "name_taken")
    assert stranger.delete(at(mine, "sections", night["id"])).status_code == 204
    assert len(on(stranger, mine)) == 2
    for gone in (night["id"], "x", ""):
        answer = stranger.get(at(mine, "items"), {"section": gone})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/section")


def test_a_section_of_another_board_is_none_of_this(author, stranger, posts):
    theirs, mine = board(author), board(stranger)
    section = author.post(at(theirs, "sections"), {"name": "Night"}).json()
    answer = stranger.put(at(mine, "items", posts[0]["id"]), {"section": section["id"]})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/section")
    assert stranger.patch(at(mine, "sections", section["id"]), {"name": "x"}).status_code == 404
    assert on(stranger, mine) == []


def test_a_cover_is_a_picture(author, stranger, publish):
    mine, picture = board(stranger), publish(author)
    words = stranger.post("/api/v1/posts", {"body": "words"}).json()
    for post in (picture, words):
        keep(stranger, mine, post)
    answer = stranger.patch(at(mine), {"cover": words["id"]})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/cover")
    assert stranger.patch(at(mine), {"cover": picture["id"]}).json()["cover"]


def test_nobody_follows_a_board_of_their_own(stranger):
    answer = stranger.put(at(board(stranger), "follow"))
    assert (answer.status_code, answer.json()["code"]) == (400, "self_reference")


def test_items_are_brought_into_an_order(stranger, posts):
    mine = board(stranger)
    for post in posts:
        keep(stranger, mine, post)
    wanted = [posts[1]["id"], posts[2]["id"], posts[0]["id"]]
    assert stranger.put(at(mine, "order"), {"items": wanted}).status_code == 204
    assert on(stranger, mine) == wanted
    first = stranger.get(at(mine, "items"), {"limit": 2}).json()
    rest = stranger.get(first["next"]).json()["results"]
    assert [post["id"] for post in [*first["results"], *rest]] == wanted


@pytest.mark.parametrize("wrong", ["short", "long", "twice", "nonsense"])
def test_an_order_names_all_and_nothing_else(stranger, posts, wrong):
    mine = board(stranger)
    ids = [post["id"] for post in posts]
    for post in posts[:2]:
        keep(stranger, mine, post)
    given = {"short": ids[:1], "long": ids, "twice": [ids[0]] * 2, "nonsense": ["x", "y"]}[wrong]
    answer = stranger.put(at(mine, "order"), {"items": given})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"].startswith("/items")
    assert on(stranger, mine) == [ids[1], ids[0]]


def test_what_one_cannot_see_keeps_its_place_and_is_not_told_of(author, stranger, posts):
    mine = board(stranger)
    for post in posts:
        keep(stranger, mine, post)
    author.patch(f"/api/v1/posts/{posts[1]['id']}", {"visibility": "private"})
    wanted = [posts[0]["id"], posts[2]["id"]]
    assert stranger.put(at(mine, "order"), {"items": wanted}).status_code == 204
    author.patch(f"/api/v1/posts/{posts[1]['id']}", {"visibility": "public"})
    assert on(stranger, mine) == [posts[0]["id"], posts[1]["id"], posts[2]["id"]]


def test_boards_are_brought_into_an_order(stranger):
    made = [board(stranger, name)["id"] for name in ("a", "b", "c")]
    wanted = [made[1], made[0], made[2]]
    assert stranger.put("/api/v1/boards/order", {"boards": wanted}).status_code == 204
    assert [each["id"] for each in stranger.get("/api/v1/boards").json()["results"]] == wanted
    listed = stranger.get("/api/v1/users/stranger/boards").json()["results"]
    assert [each["id"] for each in listed] == wanted
    assert stranger.put("/api/v1/boards/order", {"boards": wanted[:2]}).status_code == 400


def test_the_cover_is_the_newest_or_a_chosen_one(author, stranger, publish):
    mine, posts = board(stranger), [publish(author, number) for number in (1, 2, 3)]
    assert shown(stranger, mine)["cover"] is None
    for post in posts[:2]:
        keep(stranger, mine, post)
    assert shown(stranger, mine)["cover"]["id"] == posts[1]["assets"][0]["id"]
    chosen = stranger.patch(at(mine), {"cover": posts[0]["id"]}).json()
    assert chosen["cover"]["id"] == posts[0]["assets"][0]["id"]
    author.patch(f"/api/v1/posts/{posts[0]['id']}", {"visibility": "private"})
    assert shown(stranger, mine)["cover"]["id"] == posts[1]["assets"][0]["id"]
    answer = stranger.patch(at(mine), {"cover": posts[2]["id"]})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/cover")


def test_an_author_withdraws_from_boards(author, stranger, posts, settle):
    theirs, own = board(stranger), board(author)
    for client, each in ((stranger, theirs), (author, own)):
        keep(client, each, posts[0])
    author.patch(f"/api/v1/posts/{posts[0]['id']}", {"allow_saving": False})
    assert (on(stranger, theirs), on(author, own)) == ([], [posts[0]["id"]])
    assert shown(stranger, theirs)["items_count"] == 0
    settle()
    assert BoardItem.objects.count() == 1
    assert counts(author, posts[0]) == (1, True)
    again = stranger.put(at(theirs, "items", posts[0]["id"]))
    assert (again.status_code, again.json()["code"]) == (403, "saving_denied")
    assert BoardItem.objects.count() == 1


def test_the_dial_holds_on_a_board(author, stranger, publish):
    mine = board(stranger)
    for number, origin in enumerate(["ai_generated", "human_captured", "ai_generated"]):
        keep(stranger, mine, publish(author, number + 1, origin=origin))
    page = stranger.get(at(mine, "items"), {"ai_max_share": 0}).json()
    assert [post["provenance"]["flag"] for post in page["results"]] == ["human"]
    assert page["filtered"]["ai"] == 2
    stranger.patch("/api/v1/me", {"preferences": {"ai_max_share": {"board": 0}}})
    assert len(on(stranger, mine)) == 1


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": "x" * 81}, {"name": "x", "owner": 1}])
def test_a_board_has_a_name(stranger, body):
    assert stranger.post("/api/v1/boards", body).status_code == 400
    assert not Board.objects.exists()


def test_names_are_taken_once(stranger, author):
    first, second = board(stranger), board(stranger, "Other")
    assert stranger.post("/api/v1/boards", {"name": "Boats"}).status_code == 409
    assert stranger.patch(at(second), {"name": "Boats"}).status_code == 409
    assert shown(stranger, first)["name"] == board(author)["name"] == "Boats"


@pytest.mark.parametrize("visibility", ["private", "draft"])
def test_what_is_not_for_everybody_is_not_found_for_saving(author, stranger, visibility):
    fields = {"state": "draft"} if visibility == "draft" else {"visibility": visibility}
    post = author.post("/api/v1/posts", {"body": "words", **fields}).json()
    assert stranger.put(at(board(stranger), "items", post["id"])).status_code == 404
    assert not BoardItem.objects.exists()


def test_the_number_of_queries_does_not_grow(author, stranger, publish):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            stranger.get("/api/v1/boards")
            on(stranger, mine)
        return len(seen)

    mine = board(stranger)
    shots = [publish(author, 1, tags=["boats"]) for _ in range(4)]
    for post in shots[:2]:
        keep(stranger, mine, post)
    before = queries()
    for number, post in enumerate(shots[2:]):
        for each in (mine, board(stranger, str(number))):
            keep(stranger, each, post)
    assert queries() == before


@pytest.mark.django_db(transaction=True)
def test_counts_are_right_when_many_save_and_take_back_at_once(posts, join):
    post = Post.objects.get(pk=posts[0]["id"])
    names = [f"keeper_{number}" for number in range(4)]
    for name in names:
        board(join(name))

    def work(name):
        with closing(connection):
            owner = User.objects.get(username=name)
            own = Board.objects.get(owner=owner)
            for _ in range(6):
                boards.save_to_board(board=own, post=post, by=owner)
                boards.remove_from_board(board=own, post_id=post.pk)
                boards.save_to_board(board=own, post=post, by=owner)
                boards.change_board(board=own, changes={"visibility": "secret"})
                boards.change_board(board=own, changes={"visibility": "public"})

    threads = [threading.Thread(target=work, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    post.refresh_from_db()
    assert post.saves_count == BoardItem.objects.count() == len(names)


@pytest.mark.django_db(transaction=True)
def test_counts_are_right_when_an_author_withdraws_what_others_hide_and_show(posts, join):
    post = Post.objects.get(pk=posts[0]["id"])
    owners = [join(f"keeper_{number}").user for number in range(4)]
    for owner in owners:
        own = boards.create_board(owner=owner, name="Boats")
        boards.save_to_board(board=own, post=post, by=owner)
    Post.objects.filter(pk=post.pk).update(allow_saving=False)
    post.refresh_from_db()

    def toggle(owner):
        with closing(connection):
            own = Board.objects.get(owner=owner)
            for visibility in ("secret", "public") * 8:
                boards.change_board(board=own, changes={"visibility": visibility})

    def withdraw():
        with closing(connection):
            boards.withdraw_from_boards(post=post)

    threads = [threading.Thread(target=toggle, args=(owner,)) for owner in owners]
    threads.append(threading.Thread(target=withdraw))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    post.refresh_from_db()
    assert (post.saves_count, BoardItem.objects.count()) == (0, 0)


def test_a_board_that_was_deleted_meanwhile_is_not_found(author):
    own = boards.create_board(owner=author.user, name="Boats")
    Board.objects.all().delete()
    with pytest.raises(NotFound):
        boards.create_section(board=own, name="Night")


def test_a_keeper_meets_there_whom_they_have_muted_and_can_put_all_in_order(
    stranger, anonymous, posts
):
    mine = board(stranger)
    for post in posts:
        keep(stranger, mine, post)
    whole = on(stranger, mine)
    stranger.put("/api/v1/users/author/mute", {})
    assert on(stranger, mine) == whole
    answer = stranger.put(at(mine, "order"), {"items": whole[::-1]})
    assert answer.status_code == 204, answer.content
    assert on(stranger, mine) == whole[::-1]


def test_others_do_not_meet_there_whom_they_have_muted(stranger, follower, posts):
    mine = board(stranger)
    for post in posts:
        keep(stranger, mine, post)
    follower.put("/api/v1/users/author/mute", {})
    assert on(follower, mine) == []
