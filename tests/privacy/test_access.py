"""Every route for everybody: who is let in, who is turned away, and who learns that there is
something. A route without a row fails."""

import re

import pytest
from django.db import transaction

from tests.helpers.contract import document
from tests.privacy.cast import ACTORS, gather
from users.scopes import Scope

#: In the order of ACTORS: anonymous, stranger, follower, removed follower, blocked, owner,
#: moderator, suspended. The rest is admitted: it depends on what is sent how it is answered.
IN = None
EVERYBODY = (IN, IN, IN, IN, IN, IN, IN, IN)
SIGNED_IN = (401, IN, IN, IN, IN, IN, IN, IN)
ACTIVE = (401, IN, IN, IN, IN, IN, IN, 403)
UNLESS_BLOCKED = (IN, IN, IN, IN, 404, IN, IN, IN)
UNLESS_BLOCKED_ACTS = (401, IN, IN, IN, 404, IN, IN, 403)
WHO_SEES_IT = (404, 404, IN, 404, 404, IN, 404, 404)
WHO_SEES_IT_SIGNED_IN = (401, 404, IN, 404, 404, IN, 404, 404)
WHO_SEES_IT_ACTS = (401, 404, IN, 404, 404, IN, 404, 403)
ITS_KEEPER = (401, 404, 403, 404, 404, IN, 404, 403)
ITS_OWNER = (401, 404, 404, 404, 404, IN, 404, 404)
ITS_OWNER_ACTS = (401, 404, 404, 404, 404, IN, 404, 403)
MODERATORS = (401, 403, 403, 403, 403, 403, IN, 403)

#: Of each route: who is admitted, and the scope that a key of theirs needs. "none" opens what is
#: for people in person; "any" is for what asks for nobody.
ROWS = {
    "POST /assets": (ACTIVE, "write"),
    "GET /assets": (SIGNED_IN, "read"),
    "GET /assets/arrivals/{arrival_id}": (ITS_OWNER, "read"),
    "POST /assets/import": (ACTIVE, "write"),
    "POST /assets/presign": (ACTIVE, "write"),
    "POST /assets/{arrival_id}/complete": (ITS_OWNER_ACTS, "write"),
    "GET /assets/{asset_id}": (WHO_SEES_IT, "read"),
    "DELETE /assets/{asset_id}": (ITS_OWNER_ACTS, "write"),
    "PATCH /assets/{asset_id}": (ITS_OWNER_ACTS, "write"),
    "POST /assets/{asset_id}/disputes": (WHO_SEES_IT_SIGNED_IN, "write"),
    "GET /assets/{asset_id}/download": (WHO_SEES_IT, "read"),
    "GET /assets/{asset_id}/provenance": (WHO_SEES_IT, "read"),
    "GET /backends": (EVERYBODY, "read"),
    "POST /boards": (ACTIVE, "write"),
    "GET /boards": (SIGNED_IN, "read"),
    "PUT /boards/order": (ACTIVE, "write"),
    "DELETE /boards/{board_id}": (ITS_KEEPER, "write"),
    "GET /boards/{board_id}": (WHO_SEES_IT, "read"),
    "PATCH /boards/{board_id}": (ITS_KEEPER, "write"),
    "GET /boards/{board_id}/collaborators": (ITS_OWNER, "read"),
    "PUT /boards/{board_id}/collaborators/{username}": (ITS_KEEPER, "write"),
    "DELETE /boards/{board_id}/collaborators/{username}": (WHO_SEES_IT_ACTS, "write"),
    "DELETE /boards/{board_id}/follow": (WHO_SEES_IT_ACTS, "write"),
    "PUT /boards/{board_id}/follow": (WHO_SEES_IT_ACTS, "write"),
    "GET /boards/{board_id}/items": (WHO_SEES_IT, "read"),
    "PUT /boards/{board_id}/items/{post_id}": (ITS_KEEPER, "write"),
    "DELETE /boards/{board_id}/items/{post_id}": (ITS_KEEPER, "write"),
    "PUT /boards/{board_id}/order": (ITS_KEEPER, "write"),
    "POST /boards/{board_id}/sections": (ITS_KEEPER, "write"),
    "PUT /boards/{board_id}/sections/order": (ITS_KEEPER, "write"),
    "DELETE /boards/{board_id}/sections/{section_id}": (ITS_KEEPER, "write"),
    "PATCH /boards/{board_id}/sections/{section_id}": (ITS_KEEPER, "write"),
    "DELETE /comments/{comment_id}": (ITS_KEEPER, "write"),
    "GET /credentials/anchors.pem": (EVERYBODY, "any"),
    "POST /decisions/{decision_id}/appeal": (ITS_OWNER, "write"),
    "GET /feeds/boards/{board_id}": (WHO_SEES_IT, "read"),
    "GET /feeds/explore": (EVERYBODY, "read"),
    "GET /feeds/home": (SIGNED_IN, "read"),
    "GET /feeds/tags/{tag}": (EVERYBODY, "read"),
    "GET /feeds/users/{username}": (UNLESS_BLOCKED, "read"),
    "POST /generations": (ACTIVE, "generate"),
    "GET /generations": (SIGNED_IN, "read"),
    "GET /generations/{job_id}": (ITS_OWNER, "read"),
    "POST /generations/{job_id}/cancel": (ITS_OWNER_ACTS, "generate"),
    "POST /generations/{job_id}/ticket": (ITS_OWNER_ACTS, "read"),
    "GET /me": (SIGNED_IN, "read"),
    "PATCH /me": (ACTIVE, "write"),
    "PUT /me/avatar": (ACTIVE, "write"),
    "DELETE /me/avatar": (ACTIVE, "write"),
    "GET /me/blocks": (SIGNED_IN, "read"),
    "GET /me/boards/followed": (SIGNED_IN, "read"),
    "GET /me/boards/shared": (SIGNED_IN, "read"),
    "GET /me/decisions": (SIGNED_IN, "read"),
    "GET /me/disputes": (SIGNED_IN, "read"),
    "GET /me/follow-requests": (SIGNED_IN, "read"),
    "POST /me/follow-requests/{username}/accept": (ITS_OWNER_ACTS, "write"),
    "POST /me/follow-requests/{username}/reject": (ITS_OWNER_ACTS, "write"),
    "DELETE /me/followers/{username}": (UNLESS_BLOCKED_ACTS, "write"),
    "GET /me/keys": (SIGNED_IN, "none"),
    "POST /me/keys": (ACTIVE, "none"),
    "DELETE /me/keys/{key_id}": (ITS_OWNER_ACTS, "none"),
    "GET /me/ledger": (SIGNED_IN, "read"),
    "GET /me/mutes": (SIGNED_IN, "read"),
    "GET /me/reports": (SIGNED_IN, "read"),
    "GET /me/suggestions": (SIGNED_IN, "read"),
    "DELETE /me/suggestions/{username}": (UNLESS_BLOCKED_ACTS, "write"),
    "GET /me/tags/followed": (SIGNED_IN, "read"),
    "GET /me/tags/hidden": (SIGNED_IN, "read"),
    "GET /moderation/cases": (MODERATORS, "moderate"),
    "GET /moderation/cases/{case_id}": (MODERATORS, "moderate"),
    "POST /moderation/cases/{case_id}/decisions": (MODERATORS, "moderate"),
    "POST /moderation/decisions/{decision_id}/reverse": (MODERATORS, "moderate"),
    "GET /notifications": (SIGNED_IN, "read"),
    "POST /notifications/read": (SIGNED_IN, "write"),
    "POST /notifications/ticket": (SIGNED_IN, "read"),
    "POST /posts": (ACTIVE, "write"),
    "GET /posts": (SIGNED_IN, "read"),
    "GET /posts/{post_id}": (WHO_SEES_IT, "read"),
    "PATCH /posts/{post_id}": (ITS_KEEPER, "write"),
    "DELETE /posts/{post_id}": (ITS_KEEPER, "write"),
    "POST /posts/{post_id}/comments": (WHO_SEES_IT_ACTS, "write"),
    "GET /posts/{post_id}/comments": (WHO_SEES_IT, "read"),
    "GET /posts/{post_id}/history": (WHO_SEES_IT, "read"),
    "GET /posts/{post_id}/lineage": (WHO_SEES_IT, "read"),
    "POST /posts/{post_id}/publish": (ITS_KEEPER, "write"),
    "DELETE /posts/{post_id}/reactions/{kind}": (WHO_SEES_IT_ACTS, "write"),
    "PUT /posts/{post_id}/reactions/{kind}": (WHO_SEES_IT_ACTS, "write"),
    "GET /posts/{post_id}/related": (WHO_SEES_IT, "read"),
    "GET /presets": (SIGNED_IN, "read"),
    "POST /presets": (ACTIVE, "write"),
    "PATCH /presets/{preset_id}": (ITS_OWNER_ACTS, "write"),
    "GET /presets/{preset_id}": (ITS_OWNER, "read"),
    "DELETE /presets/{preset_id}": (ITS_OWNER_ACTS, "write"),
    "POST /reports": (ACTIVE, "write"),
    "DELETE /tags/{tag}/follow": (ACTIVE, "write"),
    "PUT /tags/{tag}/follow": (ACTIVE, "write"),
    "DELETE /tags/{tag}/hide": (ACTIVE, "write"),
    "PUT /tags/{tag}/hide": (ACTIVE, "write"),
    "GET /users/{username}": (UNLESS_BLOCKED, "read"),
    "DELETE /users/{username}/block": (ACTIVE, "write"),
    "PUT /users/{username}/block": (ACTIVE, "write"),
    "GET /users/{username}/boards": (WHO_SEES_IT, "read"),
    "DELETE /users/{username}/follow": (UNLESS_BLOCKED_ACTS, "write"),
    "PUT /users/{username}/follow": (UNLESS_BLOCKED_ACTS, "write"),
    "GET /users/{username}/followers": (WHO_SEES_IT, "read"),
    "GET /users/{username}/following": (WHO_SEES_IT, "read"),
    "PUT /users/{username}/mute": (UNLESS_BLOCKED_ACTS, "write"),
    "DELETE /users/{username}/mute": (UNLESS_BLOCKED_ACTS, "write"),
    "GET /users/{username}/posts": (UNLESS_BLOCKED, "read"),
    "POST /verify": (EVERYBODY, "any"),
}
OPERATIONS = {
    f"{method.upper()} {path.removeprefix('/api/v1')}"
    for path, operations in document()["paths"].items()
    for method in operations
    if method in {"get", "post", "put", "patch", "delete"}
}
# Whom an address is about, if not the owner.
ABOUT = {"/me/follow-requests/": "removed_", "/collaborators/": "follower_"}
UNKNOWN = {"username": "nobody_here", "tag": "stones", "kind": "like"}
VARYING = {"X-Request-ID", "Content-Length"}  # an error repeats the address
NOBODY = "00000000-0000-7000-8000-000000000000"


@pytest.fixture(scope="module")
def cast(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        yield gather()
        transaction.set_rollback(True)


def test_every_route_has_a_row():
    assert ROWS.keys() == OPERATIONS


@pytest.mark.django_db
@pytest.mark.parametrize("route", ROWS)
def test_who_is_admitted(cast, route):
    audience, _ = ROWS[route]
    answers = {name: ask(cast.clients[name], route, cast.ids) for name in ACTORS}
    assert {name: refusal(answer) for name, answer in answers.items()} == dict(
        zip(ACTORS, audience, strict=True)
    )
    if audience[0] == 401:
        assert answers["anonymous"]["WWW-Authenticate"] == "Bearer"
    if audience[-1] == 403:
        refused = "permission_denied" if audience is MODERATORS else "account_suspended"
        assert answers["suspended"].json()["code"] == refused


@pytest.mark.django_db
@pytest.mark.parametrize("route", [each for each in ROWS if "_id}" in each or "username" in each])
def test_what_is_hidden_is_answered_as_what_is_not_there(cast, route):
    for name in ("anonymous", "stranger", "blocked"):
        hidden, absent = (ask(cast.clients[name], route, ids) for ids in (cast.ids, {}))
        if hidden.status_code == 404:
            told = [answer.json() | {"instance": ""} for answer in (hidden, absent)]
            assert told[0] == told[1]
            assert headers(hidden) == headers(absent)


@pytest.mark.django_db
@pytest.mark.parametrize("route", ROWS)
def test_a_key_opens_what_its_scope_is_for(cast, route):
    audience, needed = ROWS[route]
    holder = "moderator" if audience is MODERATORS else "owner"
    for scope in Scope.values:
        answer = ask(cast.keys[holder, scope], route, cast.ids)
        if needed in {scope, "any"}:
            assert refusal(answer) is IN
        else:
            assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing"), scope


def ask(client, route, ids):
    """The answer to a request without a body, of which nothing remains."""
    method, path = route.split()
    about = next((name for part, name in ABOUT.items() if part in path), None)
    ids = {**ids, "username": about} if ids and about else ids or UNKNOWN
    address = re.sub(r"\{(\w+)\}", lambda name: ids.get(name.group(1), NOBODY), path)
    with transaction.atomic():
        answer = getattr(client, method.lower())(f"/api/v1{address}")
        transaction.set_rollback(True)
    return answer


def refusal(answer):
    return answer.status_code if answer.status_code in {401, 403, 404} else IN


def headers(answer):
    """But for what is another each time."""
    return {name: value for name, value in answer.headers.items() if name not in VARYING}
