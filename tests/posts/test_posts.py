"""Publishing, and who may see it."""

from uuid import uuid4

import pytest

from media import services as media
from media.models import Asset
from posts.models import Post

pytestmark = pytest.mark.django_db


def test_a_post_shows_its_image_and_where_it_came_from(author, anonymous, publish):
    made = publish(author, body="Stones", tags=["#Stones", "Été"], mood="calm")
    seen = anonymous.get(f"/api/v1/posts/{made['id']}").json()
    assert seen["kind"] == "image"
    assert seen["tags"] == ["stones", "été"]
    assert seen["provenance"]["origin"] == "human_captured"
    assert seen["assets"][0]["owner"]["username"] == "author"
    assert seen["viewer"] == {"reactions": [], "saved": False, "can_remix": False}


def test_a_text_post_has_no_origin(author):
    made = author.post("/api/v1/posts", {"body": "Good morning", "mood": "rested"}).json()
    assert made["kind"] == "text"
    assert made["provenance"]["flag"] == "unknown"


def test_a_gallery_is_labelled_by_its_most_ai_picture(author, upload):
    human = upload(author, 1, declared_origin="human_captured")
    machine = upload(author, 2, declared_origin="ai_generated")
    made = author.post("/api/v1/posts", {"assets": [human["id"], machine["id"]]}).json()
    assert made["provenance"]["flag"] == "ai"
    assert [asset["id"] for asset in made["assets"]] == [human["id"], machine["id"]]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"body": ""},
        {"body": 5, "surprise": 1},
        {"body": "x" * 5001},
        {"body": "a\u0000b"},
        {"body": "ok", "tags": "notalist"},
        {"body": "ok", "tags": ["has space"]},
        {"body": "ok", "tags": [f"t{number}" for number in range(21)]},
        {"body": "ok", "visibility": "everyone"},
        {"body": "ok", "state": "published"},
        {"assets": ["not-a-uuid"]},
        {"assets": ["00000000-0000-7000-8000-000000000000"]},
        {"assets": {"id": 1}},
        {"mood": "m" * 41},
        [],
        "text",
        None,
        7,
    ],
)
def test_bad_posts_are_400_and_nothing_is_stored(author, body):
    assert author.post("/api/v1/posts", body).status_code == 400
    assert not Post.objects.exists()


def test_an_image_is_in_a_post_only_once(author, upload):
    refused = author.post("/api/v1/posts", {"assets": [upload(author)["id"]] * 2}).json()
    assert (refused["code"], refused["errors"][0]["pointer"]) == ("repeated_asset", "/assets")


def test_somebody_elses_image_is_as_if_absent(author, stranger, upload):
    theirs = upload(stranger)["id"]
    absent = "00000000-0000-7000-8000-000000000000"
    answers = [author.post("/api/v1/posts", {"assets": [asset]}) for asset in (theirs, absent)]
    assert answers[0].status_code == 400
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["errors"][0]["pointer"] == "/assets"


SEEN_BY = {
    "public": {"author", "follower", "stranger", "anonymous"},
    "unlisted": {"author", "follower", "stranger", "anonymous"},
    "followers": {"author", "follower"},
    "private": {"author"},
}


@pytest.mark.parametrize("visibility", list(SEEN_BY))
@pytest.mark.parametrize("private_account", [False, True])
def test_who_sees_what(author, follower, stranger, anonymous, publish, visibility, private_account):
    if private_account:
        author.patch("/api/v1/me", {"private": True})
    made = publish(author, visibility=visibility)
    expected = SEEN_BY[visibility]
    if private_account:
        expected = expected & {"author", "follower"}
    clients = {
        "author": author,
        "follower": follower,
        "stranger": stranger,
        "anonymous": anonymous,
    }
    asset = made["assets"][0]["id"]
    for path in (
        f"/api/v1/posts/{made['id']}",
        f"/api/v1/posts/{made['id']}/comments",
        f"/api/v1/assets/{asset}",
        f"/api/v1/assets/{asset}/provenance",
    ):
        seen = {name for name, client in clients.items() if client.get(path).status_code == 200}
        assert seen == expected, path


def test_hidden_and_absent_answer_alike(author, stranger, publish):
    made = publish(author, visibility="private")
    absent = "00000000-0000-7000-8000-000000000000"
    for template in (
        "/api/v1/posts/{}",
        "/api/v1/posts/{}/comments",
        "/api/v1/posts/{}/publish",
        "/api/v1/posts/{}/reactions/like",
    ):
        verb = {"publish": "post", "like": "put"}.get(template.rpartition("/")[2], "get")
        hidden = getattr(stranger, verb)(template.format(made["id"]))
        gone = getattr(stranger, verb)(template.format(absent))
        assert hidden.status_code == gone.status_code == 404
        assert {**hidden.json(), "instance": ""} == {**gone.json(), "instance": ""}


def test_a_block_hides_posts_both_ways(author, stranger, publish):
    by_author, by_stranger = publish(author, 1), publish(stranger, 2)
    author.put("/api/v1/users/stranger/block")
    assert stranger.get(f"/api/v1/posts/{by_author['id']}").status_code == 404
    assert author.get(f"/api/v1/posts/{by_stranger['id']}").status_code == 404


def test_drafts_are_ones_own_until_published(author, follower, upload):
    body = {"assets": [upload(author)["id"]], "state": "draft"}
    draft = author.post("/api/v1/posts", body).json()
    assert (draft["state"], draft["published_at"]) == ("draft", None)
    assert follower.get(f"/api/v1/posts/{draft['id']}").status_code == 404
    assert author.get("/api/v1/feeds/home").json()["results"] == []
    assert author.post(f"/api/v1/posts/{draft['id']}/publish").json()["state"] == "published"
    assert follower.get(f"/api/v1/posts/{draft['id']}").status_code == 200
    assert author.post(f"/api/v1/posts/{draft['id']}/publish").status_code == 409


def test_only_the_author_changes_a_post(author, stranger, publish):
    made = publish(author)
    url = f"/api/v1/posts/{made['id']}"
    assert stranger.patch(url, {"body": "mine"}).status_code == 403
    assert stranger.delete(url).status_code == 403
    changed = author.patch(url, {"body": "changed", "tags": ["new"]}).json()
    assert (changed["body"], changed["tags"]) == ("changed", ["new"])
    assert changed["edited_at"] is not None
    for field in ("state", "author", "provenance", "counts", "kind", "limits"):
        assert author.patch(url, {field: "x"}).status_code == 400


def test_narrowing_gives_the_image_a_new_address(author, anonymous, publish):
    made = publish(author)
    old = made["assets"][0]["urls"]["320"]
    assert anonymous.get(old).status_code == 200
    author.patch(f"/api/v1/posts/{made['id']}", {"visibility": "private"})
    assert anonymous.get(old).status_code == 404
    now = author.get(f"/api/v1/posts/{made['id']}").json()["assets"][0]["urls"]["320"]
    assert anonymous.get(now).status_code == 200


def test_a_deleted_post_is_gone_and_its_image_stays_in_the_library(author, follower, publish):
    made = publish(author)
    assert author.delete(f"/api/v1/posts/{made['id']}").status_code == 204
    for client in (author, follower):
        assert client.get(f"/api/v1/posts/{made['id']}").status_code == 404
    assert author.get("/api/v1/me").json()["counts"]["posts"] == 0
    assert len(author.get("/api/v1/assets").json()["results"]) == 1
    assert Asset.objects.get().uses == 0


def test_reactions_count_once_per_kind_and_person(author, follower, stranger, publish):
    made = publish(author)
    url = f"/api/v1/posts/{made['id']}/reactions"
    for client in (follower, follower, stranger):
        assert client.put(f"{url}/like").status_code == 200
    both = follower.put(f"{url}/love").json()
    assert both["counts"]["reactions"] == 3
    assert both["viewer"]["reactions"] == ["like", "love"]
    for _ in range(2):
        gone = follower.delete(f"{url}/like").json()
    assert gone["counts"]["reactions"] == 2
    assert follower.put(f"{url}/hate").status_code == 404


def test_comments_thread_and_can_be_taken_back(author, follower, stranger, publish):
    made = publish(author)
    url = f"/api/v1/posts/{made['id']}/comments"
    first = follower.post(url, {"body": "The mist!"}).json()
    answer = author.post(url, {"body": "Thank you", "parent": first["id"]}).json()
    assert answer["parent"] == first["id"]
    assert stranger.delete(f"/api/v1/comments/{first['id']}").status_code == 403
    assert author.delete(f"/api/v1/comments/{first['id']}").status_code == 204
    left = stranger.get(url).json()["results"]
    assert [comment["id"] for comment in left] == [answer["id"]]
    assert author.get(f"/api/v1/posts/{made['id']}").json()["counts"]["comments"] == 1


def test_ones_own_words_can_be_taken_back_where_one_sees_them_no_more(author, stranger, publish):
    post = publish(author)
    mine, theirs = (
        each.post(f"/api/v1/posts/{post['id']}/comments", {"body": "Oh"}).json()
        for each in (stranger, author)
    )
    author.patch(f"/api/v1/posts/{post['id']}", {"visibility": "private"})
    assert stranger.delete(f"/api/v1/comments/{theirs['id']}").status_code == 404
    assert stranger.delete(f"/api/v1/comments/{mine['id']}").status_code == 204
    assert stranger.delete(f"/api/v1/comments/{mine['id']}").status_code == 404
    left = author.get(f"/api/v1/posts/{post['id']}/comments").json()["results"]
    assert [each["id"] for each in left] == [theirs["id"]]


def test_a_comment_answers_only_within_its_post(author, follower, publish):
    one, two = publish(author, 1), publish(author, 2)
    comment = follower.post(f"/api/v1/posts/{one['id']}/comments", {"body": "here"}).json()
    answer = author.post(
        f"/api/v1/posts/{two['id']}/comments", {"body": "there", "parent": comment["id"]}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_comment")


def test_threads_have_a_depth(author, publish):
    url = f"/api/v1/posts/{publish(author)['id']}/comments"
    parent = None
    for _ in range(20):
        parent = author.post(url, {"body": "deeper", "parent": parent}).json()["id"]
    assert author.post(url, {"body": "too deep", "parent": parent}).json()["code"] == (
        "thread_too_deep"
    )


def test_comments_of_blocked_people_are_not_shown(author, follower, stranger, publish):
    url = f"/api/v1/posts/{publish(author)['id']}/comments"
    stranger.post(url, {"body": "hello"})
    follower.put("/api/v1/users/stranger/block")
    assert follower.get(url).json()["results"] == []
    assert len(author.get(url).json()["results"]) == 1


def test_who_may_remix(author, follower, stranger, publish):
    url = f"/api/v1/posts/{publish(author)['id']}"

    def allowed():
        return [
            client.get(url).json()["viewer"]["can_remix"] for client in (author, follower, stranger)
        ]

    assert allowed() == [True, True, True]
    author.patch("/api/v1/me", {"preferences": {"remix_policy": {"who": "followers"}}})
    assert allowed() == [True, True, False]
    author.patch(url, {"allow_remix": False})
    assert allowed() == [True, False, False]


def test_an_avatar_is_an_image_of_ones_own(author, stranger, upload):
    theirs, mine = upload(stranger, 1), upload(author, 2)
    assert author.put("/api/v1/me/avatar", {"asset": theirs["id"]}).status_code == 400
    shown = author.put("/api/v1/me/avatar", {"asset": mine["id"]}).json()["avatar_url"]
    assert shown == mine["urls"]["320"].partition("?")[0]
    assert author.delete(f"/api/v1/assets/{mine['id']}").status_code == 409
    assert author.delete("/api/v1/me/avatar").status_code == 204
    assert author.get("/api/v1/me").json()["avatar_url"] is None
    assert author.delete(f"/api/v1/assets/{mine['id']}").status_code == 204


def test_an_avatar_moves_with_its_image(author, anonymous, publish):
    post = publish(author)
    author.put("/api/v1/me/avatar", {"asset": post["assets"][0]["id"]})
    before = author.get("/api/v1/me").json()["avatar_url"]
    author.patch(f"/api/v1/posts/{post['id']}", {"visibility": "private"})
    after = author.get("/api/v1/me").json()["avatar_url"]
    assert anonymous.get(before).status_code == 404
    assert anonymous.get(after).status_code == 200


def test_counts_do_not_tell_of_what_is_hidden(author, stranger, publish):
    post = publish(author, visibility="private")
    assert stranger.get("/api/v1/users/author").json()["counts"]["posts"] == 0
    author.patch(f"/api/v1/posts/{post['id']}", {"visibility": "public"})
    assert stranger.get("/api/v1/users/author").json()["counts"]["posts"] == 1


@pytest.mark.parametrize("accept", ["application/octet-stream", "image/png", "*/*", "text/html"])
def test_a_download_is_what_it_is_whatever_is_accepted(author, upload, accept):
    asset = upload(author)
    url = f"/api/v1/assets/{asset['id']}/download"
    assert author.get(url, headers={"Accept": accept}).status_code == 200


def test_an_answer_does_not_name_what_one_may_not_see(author, follower, stranger, publish):
    post = publish(author)
    url = f"/api/v1/posts/{post['id']}/comments"
    said = stranger.post(url, {"body": "first"}).json()
    answer = follower.post(url, {"body": "answer", "parent": said["id"]}).json()
    assert answer["parent"] == said["id"]
    author.put("/api/v1/users/stranger/block")
    (shown,) = author.get(url).json()["results"]
    assert (shown["body"], shown["parent"]) == ("answer", None)
    assert said["id"] not in author.get(url).content.decode()


def test_an_image_that_is_not_shown_does_not_decide_what_a_post_is(author, anonymous, upload):
    hand, machine = (
        upload(author, 1, declared_origin="human_created"),
        upload(author, 2, declared_origin="ai_generated"),
    )
    body = {"body": "two", "assets": [hand["id"], machine["id"]]}
    post = author.post("/api/v1/posts", body).json()
    row = Post.objects.get(pk=post["id"])
    assert row.flag == "ai"
    reason = {"limit": "hidden", "decision_id": uuid4(), "reason_code": "spam"}
    asset = Asset.objects.get(pk=machine["id"])
    media.limit_asset(asset=asset, **reason)
    row.refresh_from_db()
    assert row.flag == anonymous.get(f"/api/v1/posts/{post['id']}").json()["provenance"]["flag"]
    again = author.post("/api/v1/posts", body).json()
    assert Post.objects.get(pk=again["id"]).flag == row.flag
    media.limit_asset(asset=asset, limit="", decision_id=None, reason_code="")
    row.refresh_from_db()
    assert row.flag == "ai"
