"""Where a post's images come from, and what became of them, as far as one may know."""

import json

import pytest

from posts.models import Post
from tests.helpers import pictures

pytestmark = pytest.mark.django_db


@pytest.fixture
def remix(settle):
    """Make an image from another one and post it: `remix(client, post, "edit_of")`."""

    def remix(client, post, relation="edit_of", **fields):
        parents = [{"asset": post["assets"][0]["id"], "relation": relation}]
        body = {"prompt": "at night", "width": 64, "height": 64, "parents": parents}
        job = client.post("/api/v1/generations", body).json()
        settle()
        done = client.get(f"/api/v1/generations/{job['id']}").json()
        assert done["state"] == "succeeded", done["error"]
        made = {"assets": [done["outputs"][0]["id"]], **fields}
        answer = client.post("/api/v1/posts", made)
        assert answer.status_code == 201, answer.content
        return answer.json()

    return remix


def lineage(client, post):
    answer = client.get(f"/api/v1/posts/{post['id']}/lineage")
    assert answer.status_code == 200, answer.content
    return answer.json()


def edges(tree):
    """(child, parent, relation) by the posts in which the works are, None for nameless ones."""
    posts = {work["id"]: work["post"] for work in tree["works"]}
    return {(posts[e["child"]], posts[e["parent"]], e["relation"]) for e in tree["edges"]}


def credit(tree, kind):
    return [person["username"] for person in tree["credit"][kind]]


def test_the_tree_goes_up_and_down_with_a_picture_for_each(
    author, stranger, follower, anonymous, publish, remix
):
    first = publish(author)
    second = remix(stranger, first)
    third = remix(follower, second, "variation_of")
    tree = lineage(anonymous, second)
    assert edges(tree) == {
        (second["id"], first["id"], "edit_of"),
        (third["id"], second["id"], "variation_of"),
    }
    assert all(work["asset"]["urls"] for work in tree["works"])
    assert [tree["works"][number]["post"] for number in tree["shown"]] == [second["id"]]
    assert tree["truncated"] is False


def test_those_it_was_made_from_are_credited(author, stranger, follower, publish, remix):
    first = publish(author)
    second = remix(stranger, first)
    third = remix(follower, second, "inspired_by")
    tree = lineage(author, third)
    assert credit(tree, "immediate") == ["stranger"]
    assert credit(tree, "root") == ["author"]
    assert credit(lineage(author, first), "root") == []


@pytest.mark.parametrize(
    "hide",
    [
        lambda author, url: author.patch(url, {"visibility": "private"}),
        lambda author, url: author.patch(url, {"visibility": "followers"}),
        lambda author, url: author.patch(url, {"visibility": "unlisted"}),
        lambda author, url: author.patch("/api/v1/me", {"private": True}),
        lambda author, url: author.put("/api/v1/users/follower/block"),
    ],
    ids=["private", "followers", "unlisted", "private account", "block"],
)
def test_a_parent_that_one_may_not_see_is_a_nameless_leaf(
    author, stranger, follower, publish, remix, hide
):
    root = publish(stranger)
    parent = remix(author, root)
    child = remix(stranger, parent)
    assert follower.delete("/api/v1/users/author/follow").status_code == 200
    assert hide(author, f"/api/v1/posts/{parent['id']}").status_code == 200
    tree = lineage(follower, child)
    (nameless,) = [work for work in tree["works"] if work["asset"] is None]
    assert (nameless["work"], nameless["post"]) == ("a private work", None)
    assert len(tree["edges"]) == 1, "what it was made from is nobody's business"
    assert credit(tree, "immediate") == []
    everything = str(tree)
    assert parent["id"] not in everything
    assert parent["assets"][0]["id"] not in everything


@pytest.mark.parametrize("visibility", ["private", "followers", "unlisted"])
def test_what_was_made_and_is_not_shown_is_not_there(
    author, stranger, follower, publish, remix, visibility
):
    first = publish(author)
    second = remix(stranger, first, visibility=visibility)
    assert edges(lineage(follower, first)) == set()
    assert edges(lineage(author, first)) == set()
    assert edges(lineage(stranger, first)) == {(second["id"], first["id"], "edit_of")}


def test_a_deleted_parent_is_a_tombstone_through_which_one_sees(
    author, stranger, follower, publish, remix
):
    first = publish(author)
    second = remix(stranger, first)
    third = remix(follower, second)
    assert stranger.delete(f"/api/v1/posts/{second['id']}").status_code == 204
    made = second["assets"][0]["id"]
    assert stranger.delete(f"/api/v1/assets/{made}").status_code == 204
    tree = lineage(author, third)
    (gone,) = [work for work in tree["works"] if work["deleted"]]
    assert (gone["work"], gone["asset"]) == ("a deleted work", None)
    assert edges(tree) == {
        (third["id"], None, "edit_of"),
        (None, first["id"], "edit_of"),
    }
    assert (credit(tree, "immediate"), credit(tree, "root")) == ([], ["author"])


def test_a_post_that_one_may_not_see_has_no_lineage(author, stranger, anonymous, publish):
    post = publish(author, visibility="private")
    for client in (stranger, anonymous):
        assert client.get(f"/api/v1/posts/{post['id']}/lineage").status_code == 404
    assert lineage(author, post)["edges"] == []


def test_a_text_has_an_empty_tree(author):
    post = author.post("/api/v1/posts", {"body": "words", "assets": []}).json()
    assert lineage(author, post)["works"] == []


def test_a_long_line_is_cut_and_says_so(author, publish, remix, monkeypatch):
    from posts import lineage as module

    monkeypatch.setattr(module, "MOST_WORKS", 2)
    first = publish(author)
    third = remix(author, remix(author, first))
    assert lineage(author, third)["truncated"] is True


def test_the_number_of_queries_does_not_grow_with_the_works(
    author, publish, remix, django_assert_max_num_queries
):
    first = publish(author)
    for _ in range(3):
        remix(author, first)
    post = Post.objects.get(pk=first["id"])
    with django_assert_max_num_queries(40):
        lineage(author, {"id": str(post.pk)})


def test_public_posts_of_what_was_made_of_a_work_are_counted(
    author, stranger, anonymous, publish, settle
):
    source = publish(author, 1)
    parents = json.dumps([{"asset": source["assets"][0]["id"], "relation": "drawn_over"}])
    body = {"file": pictures.upload(pictures.jpeg(7)), "parents": parents}
    made = stranger.post("/api/v1/assets", body, format="multipart").json()

    def remixes(post=source):
        settle()
        return anonymous.get(f"/api/v1/posts/{post['id']}").json()["counts"]["remixes"]

    child = stranger.post("/api/v1/posts", {"assets": [made["id"]], "state": "draft"}).json()
    url = f"/api/v1/posts/{child['id']}"
    assert remixes() == 0
    assert stranger.post(f"{url}/publish").status_code == 200
    assert remixes() == 1
    again = author.post("/api/v1/posts", {"assets": [source["assets"][0]["id"]]}).json()
    assert remixes(again) == 1, "whenever it was posted"
    for change, count in (("unlisted", 0), ("public", 1), ("followers", 0), ("public", 1)):
        stranger.patch(url, {"visibility": change})
        assert remixes() == count, change
    stranger.patch("/api/v1/me", {"private": True})
    assert remixes() == 0
    stranger.patch("/api/v1/me", {"private": False})
    other = stranger.post("/api/v1/posts", {"assets": [made["id"]]}).json()
    assert remixes() == 2
    for post in (child, other):
        stranger.delete(f"/api/v1/posts/{post['id']}")
    assert remixes() == 0
