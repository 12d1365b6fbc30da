"""Errors, limits and documents: what every client meets."""

import pytest
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client as DjangoClient

from core import throttles

pytestmark = pytest.mark.django_db
PROBLEM = "application/problem+json"


@pytest.fixture(autouse=True)
def _the_clock_stands(monkeypatch):
    """A window of the rate limits must not end in the middle of a test."""
    moment = throttles.now()
    monkeypatch.setattr(throttles, "now", lambda: moment)


def is_problem(answer, status, code=None):
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == PROBLEM
    body = answer.json()
    assert set(body) == {"type", "title", "status", "detail", "code", "instance", "errors"}
    assert body["status"] == status
    if code:
        assert body["code"] == code
    return body


def test_no_such_address(anonymous):
    is_problem(anonymous.get("/api/v1/nowhere"), 404, "not_found")
    is_problem(anonymous.get("/api/v2"), 404)


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_no_such_address_to_write_to(author, method):
    client = DjangoClient(enforce_csrf_checks=True)
    for address in ("/api/v1/nowhere", "/api/v1/posts/", "/api/v1/users/CAPITALS/follow"):
        answer = getattr(client, method)(address)
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


def test_an_unknown_query_parameter_is_ignored(anonymous):
    assert anonymous.get("/api/v1/feeds/explore", {"format": "xml"}).status_code == 200


def test_wrong_method(anonymous, author):
    is_problem(author.delete("/api/v1/me"), 405, "method_not_allowed")
    is_problem(anonymous.put("/api/v1/feeds/explore"), 401)


def test_wrong_media_type(author):
    answer = author.post(
        "/api/v1/posts", "body=x", content_type="application/x-www-form-urlencoded"
    )
    is_problem(answer, 415, "unsupported_media_type")


def test_a_body_of_unsaid_length_is_refused_and_not_taken_for_empty(author):
    answer = author.patch("/api/v1/me", {"private": True}, headers={"Transfer-Encoding": "chunked"})
    is_problem(answer, 411, "length_required")


def test_pointers_are_escaped(author):
    answer = author.post("/api/v1/posts", {"body": "x", "a/b": 1, "c~d": 2})
    pointers = {error["pointer"] for error in is_problem(answer, 400)["errors"]}
    assert pointers == {"/a~1b", "/c~0d"}


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("/api/v1/posts", {"assets": [5]}, "/assets/0"),
        ("/api/v1/boards/order", {"boards": [5]}, "/boards/0"),
        ("/api/v1/notifications/read", {"ids": [5]}, "/ids/0"),
        ("/api/v1/generations", {"prompt": "a lake", "preset": 5}, "/preset"),
    ],
)
def test_a_number_is_no_id(author, path, body, pointer):
    send = author.put if path.endswith("order") else author.post
    assert is_problem(send(path, body), 400)["errors"][0]["pointer"] == pointer


def test_not_acceptable(anonymous):
    answer = anonymous.get("/api/v1/feeds/explore", headers={"Accept": "text/html"})
    is_problem(answer, 406)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"{'a': 1}",
        b"\xff\xfe",
        b"",
        b"nul",
        b'{"body": NaN}',
        b"[" * 100_000,
        b'{"a":' * 5000,
        b'{"body": "\\ud800"}',
        b'{"body": 1e999}',
    ],
)
def test_broken_json_is_400(author, body):
    answer = author.post("/api/v1/posts", body, content_type="application/json")
    is_problem(answer, 400)


def test_a_prompt_of_a_megabyte_is_too_large(author):
    answer = author.post("/api/v1/generations", {"prompt": "x" * 1_000_000})
    is_problem(answer, 413, "body_too_large")


def test_anonymous_writes_say_how_to_sign_in(anonymous):
    answer = anonymous.post("/api/v1/posts", {"body": "x"})
    is_problem(answer, 401, "not_authenticated")
    assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "path", ["posts/x", "posts/%00", "users/a", "users/..", "assets/1", "tags//follow"]
)
def test_malformed_ids_are_404(anonymous, path):
    assert anonymous.get(f"/api/v1/{path}").status_code == 404


def test_limits_hold_and_say_when_to_come_back(anonymous, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "read": "2/60"}
    cache.clear()
    answers = [anonymous.get("/api/v1/feeds/explore") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    is_problem(answers[2], 429, "throttled")
    assert 1 <= int(answers[2]["Retry-After"]) <= 60
    cache.clear()


def test_limits_are_per_person_and_writes_count_apart(author, stranger, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "write": "1/60"}
    cache.clear()
    assert author.post("/api/v1/posts", {"body": "one"}).status_code == 201
    assert author.post("/api/v1/posts", {"body": "two"}).status_code == 429
    assert stranger.post("/api/v1/posts", {"body": "three"}).status_code == 201
    assert author.get("/api/v1/me").status_code == 200
    cache.clear()


def test_a_forwarded_address_is_believed_only_behind_known_proxies(anonymous, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "read": "1/60"}
    cache.clear()
    answers = [
        anonymous.get("/api/v1/feeds/explore", headers={"X-Forwarded-For": f"10.0.0.{number}"})
        for number in range(2)
    ]
    assert [answer.status_code for answer in answers] == [200, 429]
    cache.clear()


def test_limits_survive_a_lost_redis(anonymous, settings):
    dead = {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {"default": dead}
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "read": "2/60"}
    answers = [anonymous.get("/api/v1/feeds/explore") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]


def test_people_can_sign_up_and_in_without_redis(anonymous, settings, join):
    settings.CACHES = {
        "default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}
    }
    assert join("lucky").get("/api/v1/me").status_code == 200


def test_the_schema_and_its_page_are_served(anonymous):
    schema = anonymous.get("/api/v1/schema/", HTTP_ACCEPT="application/vnd.oai.openapi+json")
    assert schema.status_code == 200
    assert schema.json()["openapi"].startswith("3.1")
    page = anonymous.get("/api/v1/docs/", headers={"Accept": "text/html"})
    assert b"swagger" in page.content
    assert b"cdn" not in page.content


def test_health(anonymous):
    assert anonymous.get("/livez").json() == {"status": "ok"}
    ready = anonymous.get("/readyz")
    assert ready.status_code == 200
    assert set(ready.json()["checks"]) == {"database", "migrations", "storage", "redis", "workers"}


def test_without_redis_the_service_is_ready_and_says_what_is_missing(anonymous, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    ready = anonymous.get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["checks"]["redis"] == "ConnectionError"


def test_personal_answers_are_not_shared(author):
    answer = author.get("/api/v1/me")
    assert "private" in answer["Cache-Control"]
    assert "Authorization" in answer["Vary"]


def test_an_unchanged_answer_need_not_be_sent_again(author):
    first = author.get("/api/v1/me")
    again = author.get("/api/v1/me", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_every_answer_names_its_request(anonymous):
    assert anonymous.get("/livez")["X-Request-ID"]
    given = anonymous.get("/livez", headers={"X-Request-ID": "abcdef-123456"})
    assert given["X-Request-ID"] == "abcdef-123456"
    forged = anonymous.get("/livez", headers={"X-Request-ID": "x\ty"})
    assert forged["X-Request-ID"] != "x\ty"


def test_an_error_that_nobody_caught_is_a_problem_without_its_secrets(author, monkeypatch):
    from users import views

    def fall_over(person):
        raise RuntimeError("the password is swordfish")

    monkeypatch.setattr(views, "present_me", fall_over)
    monkeypatch.setattr("tests.helpers.contract.check", lambda *answer: None)
    body = is_problem(author.get("/api/v1/me"), 500, "server_error")
    assert "swordfish" not in str(body)


@pytest.mark.parametrize("debug", [True, False])
def test_unknown_addresses_are_problems_in_both_modes(anonymous, settings, debug):
    settings.DEBUG = debug
    for method in ("get", "post", "put", "patch", "delete", "options"):
        is_problem(getattr(anonymous, method)("/api/v1/nowhere/at/all"), 404, "not_found")


def test_a_silent_queue_is_named_until_its_canary_sings(anonymous, settings):
    from core.tasks import sing

    cache.clear()
    assert anonymous.get("/readyz").json()["checks"]["workers"] == "SilentQueue default"
    for queue in settings.CELERY_TASK_QUEUES:
        sing(queue)
    assert anonymous.get("/readyz").json()["checks"]["workers"] == "ok"
    cache.clear()


@pytest.mark.parametrize("limit", ["0000000001999999999999", "00000150", "1e2", "٣", "+5"])
def test_limits_are_small_numbers(author, limit):
    assert author.get("/api/v1/posts", {"limit": limit}).status_code == 400


@pytest.mark.parametrize("body", [[1], "abc", 5, None, True])
def test_any_json_under_an_idempotency_key_is_answered(author, body):
    answer = author.post("/api/v1/posts", body, headers={"Idempotency-Key": "k"})
    is_problem(answer, 400)


@pytest.mark.parametrize("name", ["\\u0000", "\\ud800", "invented", ""])
def test_invented_switches_are_refused(author, name):
    body = f'{{"preferences": {{"notifications": {{"{name}": true}}}}}}'.encode()
    answer = author.patch("/api/v1/me", body, content_type="application/json")
    is_problem(answer, 400)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/media/%00/x.webp", 404),
        ("/media/aaaaaaaaaaaaaaaaaaaaaaaa/%00.webp", 404),
        ("/?flag=%00", 400),
        ("/api/v1/feeds/explore?flag=%00", 400),
        ("/moderation/?kind=%00", 400),
    ],
)
def test_no_address_with_a_nul_goes_far(anonymous, path, status):
    assert anonymous.get(path).status_code == status


@pytest.mark.parametrize("charset", ["zlib", "hex", "rot13", "punycode", "nonsense", "utf-16"])
def test_strange_charsets_change_nothing(author, charset):
    """Through the real entry point: Django's test client makes its requests another way."""
    import io
    from wsgiref.util import setup_testing_defaults

    from backend.wsgi import application

    body = b'{"body": "in UTF-8, whatever the header says: \xc3\xa9"}'
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/api/v1/posts",
        "QUERY_STRING": "x=1",
        "CONTENT_TYPE": f"application/json; charset={charset}",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        "HTTP_AUTHORIZATION": author._credentials["HTTP_AUTHORIZATION"],
    }
    setup_testing_defaults(environ)
    environ["HTTP_HOST"] = "localhost"
    said = []
    request_finished.disconnect(close_old_connections)
    request_started.disconnect(close_old_connections)
    answer = application(environ, lambda status, headers: said.append(status))
    answer.close()
    request_finished.connect(close_old_connections)
    request_started.connect(close_old_connections)
    assert said == ["201 Created"]


@pytest.mark.parametrize("body", [b'{"username": "\\ud800"}', b"[" * 100_000, b"{", b""])
@pytest.mark.parametrize("route", ["signup", "login"])
def test_unreadable_bodies_do_not_upset_the_accounts(anonymous, route, body):
    answer = anonymous.generic(
        "POST", f"/_allauth/app/v1/auth/{route}", body, content_type="application/json"
    )
    assert answer.status_code == 400


def test_a_stream_is_only_read(author):
    nobody = "00000000-0000-7000-8000-000000000000"
    answer = author.post(f"/api/v1/generations/{nobody}/events")
    is_problem(answer, 405)
    assert answer["Allow"] == "GET"


def test_a_foreign_host_is_a_problem_in_both_modes(anonymous, settings):
    for debug in (True, False):
        settings.DEBUG = debug
        answer = anonymous.get("/api/v1/backends", HTTP_HOST="evil.example")
        is_problem(answer, 400, "bad_host")


def test_a_huge_password_is_refused(anonymous):
    body = {"username": "big", "email": "big@example.org", "password": "x" * 2_000_000}
    answer = anonymous.post("/_allauth/app/v1/auth/signup", body)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/json")
