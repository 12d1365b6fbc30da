"""Signing up, in and out, and what an account starts with."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session

from core.clock import now
from tests.conftest import PASSWORD
from tests.helpers.access import access_token
from tests.helpers.contract import Client
from users import sessions
from users.adapter import AccountAdapter
from users.models import User

SIGNUP = "/_allauth/app/v1/auth/signup"
pytestmark = pytest.mark.django_db


def form(username="somebody", email=None):
    return {"username": username, "email": email or f"{username}@example.org", "password": PASSWORD}


def test_signup_gives_tokens_credits_and_a_profile(join):
    me = join("somebody").get("/api/v1/me").json()
    assert me["username"] == "somebody"
    assert me["credits"] == 200
    assert me["counts"] == {"followers": 0, "following": 0, "posts": 0}
    assert me["preferences"]["ai_max_share"]["home"] == 100


def test_names_and_addresses_are_stored_lower_case(anonymous):
    answer = anonymous.post(SIGNUP, form("MixedCase", "Mixed@Example.ORG"))
    assert answer.status_code == 200
    user = User.objects.get()
    assert (user.username, user.email) == ("mixedcase", "mixed@example.org")


@pytest.mark.parametrize(
    "name",
    ["admin", "Moderation", "ab", "a" * 31, "has space", "ünicode", "dash-ed", "dot.ted", ""],
)
def test_reserved_and_malformed_names_are_refused(anonymous, name):
    assert anonymous.post(SIGNUP, form(name, "a@example.org")).status_code == 400
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("name", "email"), [("TAKEN", "new@example.org"), ("newname", "Taken@example.org")]
)
def test_a_name_or_address_is_taken_once_whatever_its_case(anonymous, join, name, email):
    join("taken")
    assert anonymous.post(SIGNUP, form(name, email)).status_code == 400
    assert User.objects.count() == 1


def test_login_works_by_name_and_by_address(anonymous, join):
    join("somebody")
    for identity in ({"username": "Somebody"}, {"email": "somebody@example.org"}):
        answer = anonymous.post("/_allauth/app/v1/auth/login", {**identity, "password": PASSWORD})
        assert answer.status_code == 200
        assert answer.json()["meta"]["access_token"]


def test_an_access_token_dies_with_its_session(join):
    client = join("somebody")
    assert client.delete("/_allauth/app/v1/auth/session").status_code == 401
    assert client.get("/api/v1/me").status_code == 401


def _set_password(user):
    user.set_password("another one, and longer")
    user.save()


def _deactivate(user):
    User.objects.filter(pk=user.pk).update(is_active=False)


def _expire_session(user):
    Session.objects.update(expire_date=now() - timedelta(seconds=1))


def _forget_session(user):
    Session.objects.all().delete()


@pytest.mark.parametrize("end", [_set_password, _deactivate, _expire_session, _forget_session])
def test_a_token_that_was_in_use_dies_at_once(join, end):
    client = join("somebody")
    for _ in range(2):
        assert client.get("/api/v1/me").status_code == 200
    end(User.objects.get())
    assert client.get("/api/v1/me").status_code == 401


def test_a_token_that_was_in_use_dies_in_its_time(join, monkeypatch):
    token = access_token(join("somebody").user)
    assert sessions.holder_of(token)
    later = now() + timedelta(hours=1, seconds=1)
    monkeypatch.setattr(sessions, "now", lambda: later)
    assert sessions.holder_of(token) is None


def test_what_is_no_token_is_not_kept(anonymous):
    before = sessions._read.cache_info().currsize
    for token in ("x" * 100, "x" * 8000):
        anonymous.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        assert anonymous.get("/api/v1/me").status_code == 401
    assert sessions._read.cache_info().currsize == before


def test_a_refresh_token_gives_a_working_access_token(anonymous):
    meta = anonymous.post(SIGNUP, form()).json()["meta"]
    again = anonymous.post(
        "/_allauth/app/v1/tokens/refresh", {"refresh_token": meta["refresh_token"]}
    )
    assert again.status_code == 200
    fresh = Client()
    fresh.credentials(HTTP_AUTHORIZATION=f"Bearer {again.json()['data']['access_token']}")
    assert fresh.get("/api/v1/me").status_code == 200


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é", "\u0000", "e" * 5000])
def test_a_bad_token_is_401_and_says_what_is_wanted(anonymous, token):
    anonymous.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    answer = anonymous.get("/api/v1/me")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_me_is_401_for_nobody(anonymous):
    assert anonymous.get("/api/v1/me").status_code == 401


def test_the_profile_can_be_changed_and_nothing_else(author):
    answer = author.patch("/api/v1/me", {"display_name": "A. Author", "bio": "paints"})
    assert answer.json()["display_name"] == "A. Author"
    for field in ("username", "email", "credits", "is_staff", "limit", "kind"):
        assert author.patch("/api/v1/me", {field: "x"}).status_code == 400


def test_preferences_are_merged_and_null_restores_the_default(author):
    author.patch("/api/v1/me", {"preferences": {"ai_max_share": {"home": 0, "explore": 50}}})
    shares = author.patch("/api/v1/me", {"preferences": {"ai_max_share": {"home": None}}}).json()[
        "preferences"
    ]["ai_max_share"]
    assert (shares["home"], shares["explore"], shares["tag"]) == (100, 50, 100)


@pytest.mark.parametrize(
    "preferences",
    [
        {"ai_max_share": {"home": 101}},
        {"ai_max_share": {"nowhere": 1}},
        {"ai_max_share": 5},
        {"unknown_policy": "burn"},
        {"nonsense": 1},
        [],
        "x",
    ],
)
def test_bad_preferences_are_400_and_store_nothing(author, preferences):
    assert author.patch("/api/v1/me", {"preferences": preferences}).status_code == 400
    assert User.objects.get().preferences == {}


def test_a_new_password_writes_nothing_else(author):
    stale = User.objects.get(username="author")
    reason = {"limit": "suspended", "decision_id": uuid4(), "reason_code": "spam"}
    User.objects.filter(pk=stale.pk).update(**reason, followers_count=7)
    AccountAdapter().set_password(stale, "a long new password")
    now_ = User.objects.get(pk=stale.pk)
    assert now_.check_password("a long new password")
    assert (now_.limit, now_.followers_count) == ("suspended", 7)


def test_an_account_says_itself_that_it_is_automated(author, stranger):
    assert author.patch("/api/v1/me", {"kind": "agent"}).json()["kind"] == "agent"
    author.post("/api/v1/posts", {"body": "beep"})
    assert stranger.get("/api/v1/users/author").json()["kind"] == "agent"
    assert stranger.get("/api/v1/feeds/explore", {"agents": "hide"}).json()["results"] == []
    assert author.patch("/api/v1/me", {"kind": "robot"}).status_code == 400
