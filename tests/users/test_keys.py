"""API keys: what they open, what they may spend, and that their secret is nowhere."""

from datetime import timedelta

import pytest
from django.urls import URLPattern, get_resolver
from rest_framework.permissions import AllowAny

from core.clock import now
from tests.helpers.contract import Client, document
from tests.structure.test_routes import OPERATIONS, address
from users.models import ApiKey
from users.permissions import _Rule
from users.scopes import Scope

KEYS = "/api/v1/me/keys"
pytestmark = pytest.mark.django_db


def test_a_key_is_shown_once_and_kept_as_a_digest(author, program):
    secret = program(author, "read").key["key"]
    (listed,) = author.get(KEYS).json()["results"]
    assert "key" not in listed
    assert secret.startswith(listed["beginning"])
    row = ApiKey.objects.values().get()
    assert secret not in str(row)
    assert len(secret) > 50


def test_it_speaks_for_its_owner(author, program):
    bot = program(author, "read", "write")
    assert bot.get("/api/v1/me").json()["username"] == "author"
    assert bot.patch("/api/v1/me", {"bio": "by a program"}).status_code == 200
    assert author.get(KEYS).json()["results"][0]["used_at"] is not None


def revoked(client, key):
    assert client.delete(f"{KEYS}/{key['id']}").status_code == 204
    assert client.delete(f"{KEYS}/{key['id']}").status_code == 404


def expired(client, key):
    ApiKey.objects.filter(pk=key["id"]).update(expires_at=now() - timedelta(seconds=1))


def its_owner_gone(client, key):
    client.user.is_active = False
    client.user.save()


@pytest.mark.parametrize("end", [revoked, expired, its_owner_gone])
def test_an_ended_key_is_as_good_as_none(author, program, end):
    bot = program(author)
    end(author, bot.key)
    answer = bot.get("/api/v1/me")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    forged = Client()
    forged.credentials(HTTP_AUTHORIZATION="Bearer pentimento_" + "x" * 43)
    assert forged.get("/api/v1/me").json()["code"] == answer.json()["code"]


def test_nobody_revokes_or_sees_anothers_key(author, stranger, program):
    key = program(author).key
    assert stranger.delete(f"{KEYS}/{key['id']}").status_code == 404
    assert stranger.get(KEYS).json()["results"] == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("scopes", []),
        ("scopes", ["admin"]),
        ("scopes", "read"),
        ("spend_cap", -1),
        ("expires_at", "2020-01-01T00:00:00Z"),
    ],
)
def test_a_bad_wish_names_its_field(author, field, value):
    answer = author.post(KEYS, {"name": "bot", "scopes": ["read"], field: value})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"].startswith(f"/{field}")
    assert not ApiKey.objects.exists()


def test_there_is_an_end_to_keys(author, program):
    for _ in range(20):
        program(author, "read")
    answer = author.post(KEYS, {"name": "one more", "scopes": ["read"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_keys")


def needed(method, path):
    """What docs/openapi.yml says that a key needs; None where none will do, "" where none is."""
    security = document()["paths"][path][method].get("security", [{}])
    named = [scope for each in security for scope in each.get("Bearer", [])]
    if not named:
        return "" if {} in security else None
    return named[0]


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_route_asks_for_its_scope(moderator, program, method, path):
    scope = needed(method, path)
    if scope == "":
        return
    others = [each for each in Scope if each != scope]
    refused = getattr(program(moderator, *others), method)(address(path))
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    if scope is None:
        refused = getattr(program(moderator), method)(address(path))
        assert refused.json()["code"] == "scope_missing"
    else:
        answer = getattr(program(moderator, scope), method)(address(path))
        assert answer.status_code not in {401, 403}


def test_every_view_declares_its_scopes():
    def views(patterns):
        for each in patterns:
            if isinstance(each, URLPattern):
                yield getattr(each.callback, "cls", None)
            else:
                yield from views(each.url_patterns)

    ours = {
        view
        for view in views(get_resolver().url_patterns)
        if view and not view.__module__.startswith(("drf_spectacular", "django"))
    }
    assert len(ours) > 40
    for view in ours:
        if view.permission_classes == [AllowAny]:
            continue
        assert all(issubclass(rule, _Rule) for rule in view.permission_classes), view
        assert "scopes" in {name for base in view.__mro__ for name in vars(base)}, view
