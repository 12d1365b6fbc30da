"""What somebody does not want to meet: hidden tags and automated accounts."""

import pytest

from users.models import User

pytestmark = pytest.mark.django_db


def feed(client, surface="explore", **query):
    page = client.get(f"/api/v1/feeds/{surface}", query).json()
    return [post["body"] for post in page["results"]], page["filtered"]


@pytest.fixture
def tagged(author):
    """A post under #night and one under #day."""
    for tag in ("night", "day"):
        author.post("/api/v1/posts", {"body": tag, "tags": [tag]})


def test_a_hidden_tag_is_met_nowhere_but_under_itself(tagged, stranger, follower):
    answer = stranger.put("/api/v1/tags/Night/hide")
    assert answer.json() == {"tag": "night", "follow": False, "hide": True}
    shown, filtered = feed(stranger)
    assert (shown, filtered["muted"], filtered["reason"]) == (["day"], 1, "mute")
    assert feed(stranger, "tags/night")[0] == ["night"]
    assert feed(stranger, "users/author")[0] == ["day", "night"]
    assert feed(follower, "home")[0] == ["day", "night"], "others still meet it"
    stranger.put("/api/v1/tags/day/follow")
    assert feed(stranger, "home")[0] == ["day"]
    stranger.delete("/api/v1/tags/night/hide")
    assert feed(stranger)[0] == ["day", "night"]


def test_a_tag_is_followed_or_hidden_but_not_both(stranger):
    stranger.put("/api/v1/tags/night/follow")
    assert stranger.put("/api/v1/tags/night/hide").json()["follow"] is False
    assert stranger.put("/api/v1/tags/night/follow").json() == {
        "tag": "night", "follow": True, "hide": False,
    }  # fmt: skip
    stranger.put("/api/v1/tags/day/hide")
    assert names(stranger, "followed") == ["night"]
    assert names(stranger, "hidden") == ["day"]


def test_what_one_chooses_is_ones_own(stranger, author):
    stranger.put("/api/v1/tags/night/hide")
    assert names(author, "hidden") == []


def names(client, choice):
    return [row["tag"] for row in client.get(f"/api/v1/me/tags/{choice}").json()["results"]]


@pytest.mark.parametrize("verb", ["follow", "hide"])
def test_what_is_no_tag_is_a_mistake(stranger, verb):
    answer = stranger.put(f"/api/v1/tags/no%20tag/{verb}")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "bad_tag")


@pytest.fixture
def robot(join):
    client = join("robot")
    User.objects.filter(username="robot").update(kind=User.Kind.AGENT)
    client.post("/api/v1/posts", {"body": "beep"})
    return client


def test_automated_accounts_are_named_and_may_be_left_out(robot, stranger):
    post = stranger.get("/api/v1/feeds/explore").json()["results"][0]
    assert post["author"]["kind"] == "agent"
    assert feed(stranger, agents="hide")[1] == {
        "ai": 0, "unknown": 0, "muted": 0, "agents": 1, "reason": "agents",
    }  # fmt: skip
    stranger.patch("/api/v1/me", {"preferences": {"agents": "hide"}})
    assert feed(stranger)[0] == []
    assert feed(stranger, agents="show")[0] == ["beep"]
    assert feed(stranger, "users/robot")[0] == ["beep"], "a profile is what was asked for"


def test_an_automated_account_meets_itself(robot):
    robot.patch("/api/v1/me", {"preferences": {"agents": "hide"}})
    assert feed(robot, "home")[0] == ["beep"]
