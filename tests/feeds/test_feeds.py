"""What comes in which feed, in which order, for whom."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

pytestmark = pytest.mark.django_db


def ids(client, url):
    answer = client.get(url)
    assert answer.status_code == 200, answer.content
    return [post["id"] for post in answer.json()["results"]]


def test_home_is_ones_own_and_the_followed_newest_first(author, follower, stranger, publish):
    first = publish(author, 1)["id"]
    own = publish(follower, 2)["id"]
    publish(stranger, 3)
    last = publish(author, 4, visibility="followers")["id"]
    assert ids(follower, "/api/v1/feeds/home") == [last, own, first]


def test_a_followed_tag_comes_home(author, stranger, publish):
    assert stranger.put("/api/v1/tags/stones/follow").status_code == 200
    tagged = publish(author, 1, tags=["stones"])["id"]
    publish(author, 2, tags=["water"])
    assert ids(stranger, "/api/v1/feeds/home") == [tagged]
    stranger.delete("/api/v1/tags/Stones/follow")
    assert ids(stranger, "/api/v1/feeds/home") == []


def test_explore_and_tags_show_public_posts_of_public_people(
    author, stranger, anonymous, publish, join
):
    hermit = join("hermit")
    hermit.patch("/api/v1/me", {"private": True})
    public = publish(author, 1, tags=["stones"])["id"]
    for number, visibility in enumerate(("unlisted", "followers", "private"), 2):
        publish(author, number, tags=["stones"], visibility=visibility)
    publish(hermit, 5, tags=["stones"])
    for client in (anonymous, stranger, author):
        assert ids(client, "/api/v1/feeds/explore") == [public]
        assert ids(client, "/api/v1/feeds/tags/Stones") == [public]


def test_a_profile_shows_unlisted_posts_and_ignores_the_dial(author, stranger, publish):
    unlisted = publish(author, 1, visibility="unlisted")["id"]
    machine = publish(author, 2, origin="ai_generated")["id"]
    stranger.patch("/api/v1/me", {"preferences": {"ai_max_share": {"explore": 0, "home": 0}}})
    assert ids(stranger, "/api/v1/feeds/users/author") == [machine, unlisted]
    assert ids(stranger, "/api/v1/feeds/users/author?ai_max_share=0") == [unlisted]
    assert ids(stranger, "/api/v1/users/author/posts") == [machine, unlisted]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["unknown", "ai", "human", "text"]),
        ("?flag=all", ["unknown", "ai", "human", "text"]),
        ("?flag=human", ["human"]),
        ("?flag=ai", ["ai"]),
        ("?flag=unknown", ["unknown", "text"]),
        ("?ai_max_share=0", ["unknown", "human", "text"]),
        ("?ai_max_share=50", ["unknown", "ai", "human", "text"]),
    ],
)
def test_filters_and_the_dial(author, anonymous, publish, query, expected):
    text = author.post("/api/v1/posts", {"body": "words"}).json()["id"]
    made = {
        text: "text",
        publish(author, 1, origin="human_captured")["id"]: "human",
        publish(author, 2, origin="ai_generated")["id"]: "ai",
        publish(author, 3, origin="unknown")["id"]: "unknown",
    }
    found = [made[post] for post in ids(anonymous, f"/api/v1/feeds/explore{query}")]
    assert found == expected


def test_what_was_passed_over_is_told(author, anonymous, publish):
    publish(author, 1, origin="ai_generated")
    publish(author, 2)
    page = anonymous.get("/api/v1/feeds/explore?ai_max_share=0").json()
    assert page["filtered"] == {
        "ai": 1,
        "unknown": 0,
        "muted": 0,
        "agents": 0,
        "reason": "ai_max_share",
    }


def test_unknown_can_be_hidden_or_counted_as_ai(author, stranger, publish):
    unknown = publish(author, 1, origin="unknown")["id"]
    human = publish(author, 2)["id"]
    for policy, expected in (("show", [human, unknown]), ("hide", [human]), ("as_ai", [human])):
        stranger.patch(
            "/api/v1/me",
            {"preferences": {"unknown_policy": policy, "ai_max_share": {"explore": 0}}},
        )
        assert ids(stranger, "/api/v1/feeds/explore") == expected
        stranger.patch("/api/v1/me", {"preferences": None})
        asked = f"/api/v1/feeds/explore?ai_max_share=0&unknown_policy={policy}"
        assert ids(stranger, asked) == expected
    answer = stranger.get("/api/v1/feeds/explore?unknown_policy=perhaps")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/unknown_policy")


def test_muted_people_are_passed_over_but_not_on_their_profile(author, stranger, publish):
    made = publish(author)["id"]
    stranger.put("/api/v1/users/author/mute")
    page = stranger.get("/api/v1/feeds/explore").json()
    assert (page["results"], page["filtered"]["muted"]) == ([], 1)
    assert ids(stranger, "/api/v1/feeds/users/author") == [made]


def test_paging_neither_skips_nor_repeats_while_posts_come_and_go(author, anonymous, upload):
    def text(number):
        return author.post("/api/v1/posts", {"body": f"post {number}"}).json()["id"]

    made = [text(number) for number in range(7)][::-1]
    first = anonymous.get("/api/v1/feeds/explore?limit=3").json()
    text("while reading")
    author.delete(f"/api/v1/posts/{made[2]}")
    second = anonymous.get(first["next"]).json()
    third = anonymous.get(second["next"]).json()
    walked = [post["id"] for page in (first, second, third) for post in page["results"]]
    assert walked == made
    assert third["next"] is None


def test_the_dial_holds_over_pages(author, anonymous, publish):
    for number in range(8):
        publish(author, number, origin="ai_generated" if number % 4 else "human_captured")
    shown, url = [], "/api/v1/feeds/explore?limit=2&ai_max_share=50"
    while url:
        page = anonymous.get(url).json()
        flags = [post["provenance"]["flag"] for post in page["results"]]
        for part in range(1, len(flags) + 1):
            assert flags[:part].count("ai") * 2 <= part
        shown += flags
        url = page["next"]
    for part in range(1, len(shown) + 1):
        assert shown[:part].count("ai") * 2 <= part
    assert shown.count("human") == 2


@pytest.mark.parametrize("cursor", ["x", "", "a:b", "é", "\u0000", "eyJhIjoxfQ:abc:def"])
def test_forged_cursors_are_400(anonymous, cursor):
    answer = anonymous.get("/api/v1/feeds/explore", {"cursor": cursor})
    assert answer.status_code == 400


def test_a_cursor_belongs_to_its_viewer_and_its_feed(author, stranger, anonymous, publish):
    publish(author, 1)
    publish(author, 2)
    mine = stranger.get("/api/v1/feeds/explore?limit=1").json()["next"]
    assert stranger.get(mine).status_code == 200
    assert anonymous.get(mine).json()["code"] == "bad_cursor"
    assert stranger.get(mine.replace("explore", "home")).json()["code"] == "bad_cursor"


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=101", "limit=x", "limit=-1", "flag=robot", "ai_max_share=101",
     "ai_max_share=-1", "ai_max_share=half", "limit=99999999999999999999"],
)  # fmt: skip
def test_bad_queries_are_400(anonymous, query):
    assert anonymous.get(f"/api/v1/feeds/explore?{query}").status_code == 400


def test_unknown_query_parameters_are_ignored(anonymous):
    assert anonymous.get("/api/v1/feeds/explore?utm_source=x").status_code == 200


def test_home_is_for_people(anonymous):
    assert anonymous.get("/api/v1/feeds/home").status_code == 401


def test_the_number_of_queries_does_not_grow_with_the_page(author, anonymous, publish):
    def cost():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            anonymous.get("/api/v1/feeds/explore")
        return len(queries)

    publish(author, 1, tags=["a"])
    one = cost()
    for number in range(2, 6):
        publish(author, number, tags=["a", "b"])
    assert cost() == one
    assert one <= 12
