"""Guards of the API as a whole, made from its schema: a new route is covered by being there."""

import re

import pytest

from tests.helpers.contract import document

pytestmark = pytest.mark.django_db
NOBODY = "00000000-0000-7000-8000-000000000000"
EXAMPLES = {"username": "nobody_here", "tag": "stones", "kind": "like"}
WRITES = {"post", "put", "patch", "delete"}
OPERATIONS = [
    (method, path)
    for path, operations in document()["paths"].items()
    for method in operations
    if method in WRITES | {"get"}
]


def address(template):
    return re.sub(r"\{(\w+)\}", lambda name: EXAMPLES.get(name.group(1), NOBODY), template)


# The detector is for everybody, as the law has it, and stores nothing.
OPEN = {("post", "/api/v1/verify")}


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_nobody_writes_without_signing_in(anonymous, method, path):
    answer = getattr(anonymous, method)(address(path))
    if (method, path) in OPEN:
        assert answer.status_code in {400, 415}
    elif method in WRITES:
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"] == "Bearer"
    else:
        assert answer.status_code in {200, 401, 404}


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_a_bearer_of_nothing_is_refused_everywhere(anonymous, method, path):
    anonymous.credentials(HTTP_AUTHORIZATION="Bearer forged.token.here")
    assert getattr(anonymous, method)(address(path)).status_code == 401


@pytest.mark.parametrize(
    ("method", "path"), [each for each in OPERATIONS if "/moderation/" in each[1]]
)
def test_moderation_is_for_moderators(author, method, path):
    assert getattr(author, method)(address(path)).status_code == 403


@pytest.mark.parametrize(("method", "path"), [each for each in OPERATIONS if each[0] in WRITES])
def test_suspended_people_only_appeal_dispute_and_read_what_they_are_told(join, method, path):
    from uuid import uuid4

    client = join("silenced", limit="suspended", decision_id=uuid4())
    answer = getattr(client, method)(address(path))
    told = ("/appeal", "/disputes", "/notifications/read")
    if path.endswith(told) or (method, path) in OPEN:
        assert answer.status_code != 403
    else:
        assert answer.status_code == 403
        refusal = "permission_denied" if "/moderation/" in path else "account_suspended"
        assert answer.json()["code"] == refusal


@pytest.mark.parametrize(
    ("method", "path"), [each for each in OPERATIONS if each[0] in {"post", "put", "patch"}]
)
@pytest.mark.parametrize("body", ["text", 7, [1], {"surprise": {"deep": [None]}}, None, True])
def test_no_body_makes_a_server_error(author, method, path, body):
    getattr(author, method)(address(path), body)
