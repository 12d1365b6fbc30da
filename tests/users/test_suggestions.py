"""Whom one might like to follow, and what that must not tell."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

pytestmark = pytest.mark.django_db


def suggested(client):
    found = client.get("/api/v1/me/suggestions").json()["results"]
    return [(person["username"], person["common"]) for person in found]


@pytest.fixture
def people(join):
    """viewer follows anna and bobo, who follow cate; bobo follows dani; cate alone follows evee."""
    clients = {name: join(name) for name in ("viewer", "anna", "bobo", "cate", "dani", "evee")}
    for follower, followee in (
        ("viewer", "anna"), ("viewer", "bobo"), ("anna", "cate"), ("bobo", "cate"),
        ("bobo", "dani"), ("cate", "evee"), ("bobo", "viewer"),
    ):  # fmt: skip
        assert clients[follower].put(f"/api/v1/users/{followee}/follow").status_code == 200
    return clients


def test_those_whom_ones_followees_follow_come_first(people):
    assert suggested(people["viewer"]) == [("cate", 2), ("dani", 1), ("evee", 0)]


@pytest.mark.parametrize("verb", ["follow", "block", "mute"])
def test_who_is_followed_blocked_or_muted_is_not_suggested(people, verb):
    people["viewer"].put(f"/api/v1/users/cate/{verb}")
    assert [name for name, _ in suggested(people["viewer"])] == ["dani", "evee"]


def test_who_has_blocked_is_not_there(people):
    people["cate"].put("/api/v1/users/viewer/block")
    assert "cate" not in dict(suggested(people["viewer"]))
    assert people["viewer"].delete("/api/v1/me/suggestions/cate").status_code == 404


def test_whoever_is_waved_away_does_not_come_again(people):
    for _ in range(2):
        assert people["viewer"].delete("/api/v1/me/suggestions/cate").status_code == 204
    assert suggested(people["viewer"]) == [("dani", 1), ("evee", 0)]
    assert "cate" in dict(suggested(people["dani"])), "to others they do"


def test_a_request_that_waits_counts_for_nothing(people):
    """Neither is whom one asked suggested, nor is it told whom a private account was asked by."""
    people["cate"].patch("/api/v1/me", {"private": True})
    people["dani"].patch("/api/v1/me", {"private": True})
    people["anna"].put("/api/v1/users/dani/follow")
    assert dict(suggested(people["viewer"]))["dani"] == 1
    people["viewer"].put("/api/v1/users/dani/follow")
    assert "dani" not in dict(suggested(people["viewer"]))


def test_the_number_of_queries_does_not_grow(people, join):
    def queries():
        with CaptureQueriesContext(
            connection,
        ) as seen:
            suggested(people["viewer"])
        return len(seen)

    before = queries()
    for number in range(5):
        people["bobo"].put(f"/api/v1/users/{_new(join, number)}/follow")
    assert queries() == before


def _new(join, number):
    join(f"newcomer_{number}")
    return f"newcomer_{number}"
