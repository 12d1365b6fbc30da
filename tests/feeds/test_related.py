"""What goes with a post, in which order, and who may meet it."""

import json
from base64 import urlsafe_b64decode
from urllib.parse import parse_qs, urlsplit

import pytest

from posts.models import Post
from tests.helpers import pictures

pytestmark = pytest.mark.django_db


def related(client, post, **query):
    answer = client.get(f"/api/v1/posts/{post['id']}/related", query)
    assert answer.status_code == 200, answer.content
    return [found["body"] for found in answer.json()["results"]]


def write(client, body, *tags, **fields):
    answer = client.post("/api/v1/posts", {"body": body, "tags": list(tags), **fields})
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_shared_tags_bring_posts_near_and_the_latest_of_equals_comes_first(author, anonymous):
    post = write(author, "post", "sea", "night", "boat")
    write(author, "one tag", "sea")
    write(author, "two tags", "sea", "boat", "other")
    write(author, "nothing in common", "other")
    write(author, "one tag, later", "night")
    assert related(anonymous, post) == ["two tags", "one tag, later", "one tag"]


def test_what_was_made_of_it_is_nearest(author, stranger, publish, anonymous):
    post = publish(author, 1, body="source", tags=["sea"])
    write(author, "one tag", "sea")
    parents = json.dumps([{"asset": post["assets"][0]["id"], "relation": "drawn_over"}])
    body = {"file": pictures.upload(pictures.jpeg(7)), "parents": parents}
    made = stranger.post("/api/v1/assets", body, format="multipart").json()
    child = write(stranger, "made of it", assets=[made["id"]])
    assert related(anonymous, post) == ["made of it", "one tag"]
    assert related(anonymous, child) == ["source"]


@pytest.mark.parametrize("visibility", ["unlisted", "followers", "private"])
def test_only_what_may_be_met_by_chance_is_there(author, anonymous, follower, visibility):
    post = write(author, "post", "sea")
    write(author, "hidden", "sea", visibility=visibility)
    assert related(anonymous, post) == related(follower, post) == []


def test_blocks_mutes_and_hidden_tags_hold(author, stranger, follower):
    post = write(author, "post", "sea")
    write(stranger, "theirs", "sea", "night")
    assert related(follower, post) == ["theirs"]
    follower.put("/api/v1/tags/night/hide")
    assert related(follower, post) == []
    follower.delete("/api/v1/tags/night/hide")
    follower.put("/api/v1/users/stranger/mute")
    assert related(follower, post) == []
    follower.delete("/api/v1/users/stranger/mute")
    stranger.put("/api/v1/users/follower/block")
    assert related(follower, post) == []


def test_what_one_may_not_see_has_nothing_related(author, stranger):
    post = write(author, "post", "sea", visibility="private")
    answer = stranger.get(f"/api/v1/posts/{post['id']}/related")
    assert answer.status_code == 404


def test_pages_hold_while_others_come(author, anonymous):
    post = write(author, "post", "sea", "night")
    wanted = []
    for number in range(5):
        write(author, str(number), "sea", *(["night"] if number % 2 else []))
    wanted = related(anonymous, post)
    page = anonymous.get(f"/api/v1/posts/{post['id']}/related?limit=2").json()
    seen = [found["body"] for found in page["results"]]
    write(author, "later", "sea", "night")
    while page["next"]:
        page = anonymous.get(page["next"]).json()
        seen += [found["body"] for found in page["results"]]
    assert seen == wanted == ["3", "1", "4", "2", "0"]


def test_the_dial_holds(author, publish, anonymous):
    post = write(author, "post", "sea")
    publish(author, 1, origin="ai_generated", body="machine", tags=["sea"])
    publish(author, 2, body="hand", tags=["sea"])
    assert related(anonymous, post) == ["hand", "machine"]
    assert related(anonymous, post, ai_max_share=0) == ["hand"]


@pytest.mark.parametrize("cursor", ["x", "WyIwMDEi", "' OR 1=1 --"])
def test_a_forged_cursor_is_refused(author, cursor):
    post = write(author, "post", "sea")
    answer = author.get(f"/api/v1/posts/{post['id']}/related", {"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_cursor")


def test_a_work_that_not_all_may_see_makes_no_kin(author, follower, stranger, publish, anonymous):
    source = publish(author, 1, visibility="followers")
    parents = json.dumps([{"asset": source["assets"][0]["id"], "relation": "drawn_over"}])
    children = []
    for client, seed in ((follower, 7), (author, 8)):
        body = {"file": pictures.upload(pictures.jpeg(seed)), "parents": parents}
        made = client.post("/api/v1/assets", body, format="multipart").json()
        children.append(write(client, f"made by {seed}", assets=[made["id"]]))
    assert related(anonymous, children[0]) == related(stranger, children[1]) == []


def test_a_cursor_does_not_tell_what_is_in_it(author):
    post = write(author, "post", "sea")
    other = write(author, "one", "sea")
    write(author, "two", "sea")
    address = f"/api/v1/posts/{post['id']}/related"
    page = author.get(address, {"limit": 1}).json()
    cursor = parse_qs(urlsplit(page["next"]).query)["cursor"][0]
    key = Post.objects.get(pk=other["id"]).published_key
    assert str(key).encode() not in urlsafe_b64decode(cursor)
    changed = cursor[:-6] + cursor[-5:] + "A"
    assert author.get(address, {"cursor": changed}).status_code == 400
