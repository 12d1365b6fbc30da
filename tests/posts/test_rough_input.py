"""What clients and people send that is too much, too fast or in another script."""

import threading

import pytest
from django.db import connection

from posts.models import Post, Reaction

URL = "/api/v1/posts"
WORDS = "مرحبا בעולם 👩🏽‍🎨🏳️‍🌈 e\u0301 漢字 \u202eright to left\u202c"


@pytest.mark.django_db
def test_a_megabyte_of_tags_is_refused_and_nothing_is_stored(author):
    few = author.post(URL, {"body": "x", "tags": ["a" * 40] * 21})
    assert (few.status_code, few.json()["errors"][0]["pointer"]) == (400, "/tags")
    long = author.post(URL, {"body": "x", "tags": ["a" * 1_000_000]})
    many = author.post(URL, {"body": "x", "tags": ["stones"] * 130_000})
    assert {long.status_code, many.status_code} <= {400, 413}
    assert not Post.objects.exists()


@pytest.mark.parametrize("tag", ["🌧️", "a b", "", "#", "\u0301a", "a\u202eb", "a" * 51, "a\u0000"])
@pytest.mark.django_db
def test_what_is_no_word_is_no_tag(author, tag):
    assert author.post(URL, {"body": "x", "tags": [tag]}).status_code == 400


@pytest.mark.django_db
def test_every_script_comes_back_as_it_was_sent(author, stranger):
    post = author.post(URL, {"body": WORDS, "mood": "🌧️", "tags": ["हिन्दी", "صخور"]}).json()
    shown = stranger.get(f"{URL}/{post['id']}").json()
    assert (shown["body"], shown["mood"], set(shown["tags"])) == (WORDS, "🌧️", {"हिन्दी", "صخور"})
    (found,) = stranger.get("/api/v1/feeds/tags/صخور").json()["results"]
    assert found["id"] == post["id"]
    said = stranger.post(f"{URL}/{post['id']}/comments", {"body": WORDS})
    assert said.json()["body"] == WORDS
    board = stranger.post("/api/v1/boards", {"name": "📌 צבעים"})
    assert board.json()["name"] == "📌 צבעים"
    author.patch("/api/v1/me", {"display_name": "نور 👩🏽‍🎨"})
    assert stranger.get(f"{URL}/{post['id']}").json()["author"]["display_name"] == "نور 👩🏽‍🎨"


@pytest.mark.django_db
@pytest.mark.parametrize("nothing", ["\u200b", "\u202e\u200b", " \u3164 ", "\u2800"])
def test_what_nobody_sees_is_blank(author, nothing):
    for body in ({"body": nothing}, {"mood": nothing}):
        assert author.post(URL, body).json()["code"] == "empty_post"
    answer = author.post("/api/v1/boards", {"name": nothing})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/name")


@pytest.mark.django_db
def test_a_name_does_not_turn_the_line_around(author):
    shown = author.patch("/api/v1/me", {"display_name": "\u202eadmin\u2066"}).json()
    assert shown["display_name"] == "admin"


@pytest.mark.django_db
@pytest.mark.parametrize("value", ["no", "true", "", 1, None, []])
def test_a_switch_is_true_or_false(author, value):
    answer = author.post(URL, {"body": "x", "allow_remix": value})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/allow_remix")
    assert not Post.objects.exists()


@pytest.mark.django_db
def test_too_many_tags_are_one_problem(author):
    answer = author.post(URL, {"body": "x", "tags": ["!"] * 3000})
    assert answer.status_code == 400
    assert [each["pointer"] for each in answer.json()["errors"]] == ["/tags"]


@pytest.mark.django_db
def test_a_tag_in_an_address_is_named(author):
    answer = author.put("/api/v1/tags/a b/follow")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/tag")


@pytest.mark.django_db(transaction=True)
def test_likes_at_once_are_one_like(author, stranger):
    post = author.post(URL, {"body": "Stones"}).json()["id"]

    def like():
        try:
            stranger.put(f"{URL}/{post}/reactions/like")
        finally:
            connection.close()

    together = [threading.Thread(target=like) for _ in range(8)]
    for one in together:
        one.start()
    for one in together:
        one.join()
    assert Reaction.objects.count() == 1
    assert author.get(f"{URL}/{post}").json()["counts"]["reactions"] == 1
