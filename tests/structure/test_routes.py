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


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_a_bearer_of_nothing_is_refused_everywhere(anonymous, method, path):
    anonymous.credentials(HTTP_AUTHORIZATION="Bearer forged.token.here")
    assert getattr(anonymous, method)(address(path)).status_code == 401


@pytest.mark.parametrize(
    ("method", "path"), [each for each in OPERATIONS if each[0] in {"post", "put", "patch"}]
)
def test_no_body_makes_a_server_error(author, method, path):
    for body in ("text", 7, [1], {"surprise": {"deep": [None]}}, None, True):
        getattr(author, method)(address(path), body)
