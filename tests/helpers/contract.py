"""A test client that holds every answer of the API against docs/openapi.yml."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.core.signals import request_finished
from django.db import close_old_connections
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from rest_framework.test import APIClient

ROOT = Path(__file__).resolve().parents[2]
PROBLEM = "application/problem+json"


@cache
def document() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docs/openapi.yml").read_text())


@cache
def _routes() -> list[tuple[re.Pattern[str], dict[str, Any], str]]:
    routes = []
    for template, operations in document()["paths"].items():
        pattern = re.sub(r"\\\{[^}]+\\\}", "[^/]+", re.escape(template))
        routes.append((re.compile(rf"{pattern}/?\Z"), operations, template))
    return sorted(routes, key=lambda route: route[2].count("{"))


@cache
def _registry() -> Registry:
    resource = Resource(contents=document(), specification=DRAFT202012)
    return Registry().with_resource("urn:api", resource)


def check(method: str, path: str, response: Any) -> None:
    """Fail if the answer is not one that the schema allows."""
    come_again = response.status_code == 503 and "Retry-After" in response.headers
    assert response.status_code < 500 or come_again, f"{method} {path}: {response.content[:500]!r}"
    documents = path.startswith(("/api/v1/schema/", "/api/v1/docs/"))
    if not path.startswith("/api/v1/") or response.streaming or documents:
        return
    media_type = response.headers.get("Content-Type", "").partition(";")[0]
    if response.status_code == 304:
        return
    if response.status_code >= 400:
        assert media_type == PROBLEM, f"{method} {path}: {response.status_code} is {media_type}"
    found = next((ops for pattern, ops, _ in _routes() if pattern.match(path)), None)
    if found is None or method.lower() not in found:
        assert response.status_code in {401, 404, 405}, f"{method} {path} is not in the schema"
        return
    answers = found[method.lower()]["responses"]
    answer = answers.get(str(response.status_code)) or answers["default"]
    if response.status_code < 400:
        assert str(response.status_code) in answers, f"{method} {path}: undocumented status"
    content = answer.get("content", {}).get(media_type)
    if content is None:
        assert not response.content, f"{method} {path}: undocumented body of {media_type}"
        return
    if not media_type.endswith("json"):
        return
    schema = _absolute(content["schema"])
    errors = sorted(
        Draft202012Validator(schema, registry=_registry()).iter_errors(response.json()), key=str
    )
    assert not errors, f"{method} {path}: {errors[0].json_path}: {errors[0].message}"


def _absolute(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {
            key: f"urn:api{value}" if key == "$ref" else _absolute(value)
            for key, value in schema.items()
        }
    if isinstance(schema, list):
        return [_absolute(item) for item in schema]
    return schema


class Client(APIClient):
    """APIClient with the contract in its mind, and the name of who it speaks for.

    A streamed file is read to its end into `response.body`.
    """

    user: Any = None

    def generic(self, method: str, path: str, *args: Any, **kwargs: Any) -> Any:
        response = super().generic(method, path, *args, **kwargs)
        check(method, path.partition("?")[0], response)
        if response.streaming and not response.is_async:
            response.body = b"".join(response.streaming_content)
            # As Django's own client does: the end of a request closes the test's connection else.
            request_finished.disconnect(close_old_connections)
            response.close()
            request_finished.connect(close_old_connections)
        return response
