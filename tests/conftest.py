"""The cast: an author, a follower, a stranger and a moderator, each with a client of their own."""

import os
import socket
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from asgiref.local import Local
from django.conf import settings as django_settings
from django.core.signals import setting_changed
from django.dispatch import receiver
from hypothesis import HealthCheck
from hypothesis import settings as properties

from core import jail
from tests.helpers import decoded, pictures
from tests.helpers.access import access_token
from tests.helpers.contract import Client
from tests.helpers.outbox import settle as settle_outbox
from users.scopes import Scope

ABOUT_DECODING = {
    "test_sandbox.py", "test_uploads.py", "test_types.py", "test_metadata.py",
    "test_credentials.py", "test_malformed_credentials.py",
}  # fmt: skip
PASSWORD = "correct horse battery"
# How long something takes is never what a test is about: machines are slow, and busy.
properties.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
properties.load_profile("any machine")


def pytest_configure() -> None:
    # Test processes share one Valkey and one folder; what one counts, clears or deletes must not
    # be another's. They have databases of their own, which know nothing of each other's files.
    process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    parts = urlsplit(django_settings.REDIS_URL)
    address = urlunsplit(parts._replace(path=f"/{9 + process % 6}"))
    django_settings.CACHES["default"]["LOCATION"] = django_settings.REDIS_URL = address
    stored = django_settings.STORAGES["default"]["OPTIONS"]
    stored["location"] = f"{stored['location']}-{process}"
    # Hashing passwords slowly is right everywhere but here.
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys first: they take long, and wait more than they work. One that began last would be
    waited for by everybody, and tests that share a stack begin in one process so."""
    items.sort(key=lambda item: "journeys" not in item.path.parts)


@receiver(setting_changed)
def _read_backends_again(*, setting: str, **kwargs: Any) -> None:
    """What Django does for CACHES when a test changes them."""
    if setting == "GENERATION_BACKENDS":
        from media_gen.backends.registry import backends

        backends.settings = backends.configure_settings(None)
        backends._connections = Local(backends.thread_critical)


@pytest.fixture(autouse=True, scope="session")
def _loopback_only() -> Iterator[None]:
    """A test that reaches for the network fails, with the address it reached for."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else "localhost"
        if host not in {"127.0.0.1", "::1", "localhost"}:
            raise AssertionError(f"a test reached for {host}")
        connect(self, address)

    socket.socket.connect = guarded  # type: ignore[method-assign]
    yield
    socket.socket.connect = connect  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def _decoded_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is no test of the decoder need not wait for it each time."""
    if request.path.name not in ABOUT_DECODING:
        monkeypatch.setattr(jail, "run", decoded.run)


@pytest.fixture
def settle() -> Callable[[], int]:
    return settle_outbox


@pytest.fixture
def settle_looks() -> Callable[[], int]:
    """To settle, and to look closely at every image as well."""
    return partial(settle_outbox, looks=True)


@pytest.fixture
def anonymous(db: None) -> Client:
    return Client()


@pytest.fixture
def join(db: None) -> Callable[..., Client]:
    """Make an account, and a client that speaks for it. How people sign up: tests/users."""

    def join(username: str, **fields: Any) -> Client:
        from users.services import create_account

        email = f"{username}@example.org"
        user = create_account(username=username, email=email, password=PASSWORD, **fields)
        client = Client()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {access_token(user)}")
        client.user = user
        return client

    return join


@pytest.fixture
def author(join: Callable[..., Client]) -> Client:
    return join("author")


@pytest.fixture
def follower(join: Callable[..., Client], author: Client) -> Client:
    client = join("follower")
    assert client.put("/api/v1/users/author/follow").status_code == 200
    return client


@pytest.fixture
def stranger(join: Callable[..., Client]) -> Client:
    return join("stranger")


@pytest.fixture
def moderator(join: Callable[..., Client]) -> Client:
    return join("judge", is_staff=True)


@pytest.fixture
def program() -> Callable[..., Client]:
    """Make an API key for somebody; a client that shows it, and knows it as `key`."""

    def program(client: Client, *scopes: str, **fields: Any) -> Client:
        wanted = {"name": "bot", "scopes": scopes or list(Scope), **fields}
        answer = client.post("/api/v1/me/keys", wanted)
        assert answer.status_code == 201, answer.content
        made = Client()
        made.key = answer.json()
        made.credentials(HTTP_AUTHORIZATION=f"Bearer {made.key['key']}")
        return made

    return program


@pytest.fixture
def upload() -> Callable[..., dict[str, Any]]:
    """Upload a picture as somebody; the asset as the API shows it."""

    def upload(client: Client, seed: int = 1, data: bytes | None = None, **fields: Any) -> Any:
        body = {"file": pictures.upload(data or pictures.jpeg(seed)), **fields}
        answer = client.post("/api/v1/assets", body, format="multipart")
        assert answer.status_code == 201, answer.content
        return answer.json()

    return upload


@pytest.fixture
def publish(upload: Callable[..., Any]) -> Callable[..., dict[str, Any]]:
    """Upload a picture and post it; the post as the API shows it."""

    def publish(
        client: Client, seed: int = 1, origin: str = "human_captured", **fields: Any
    ) -> dict[str, Any]:
        asset = upload(client, seed, declared_origin=origin)
        answer = client.post("/api/v1/posts", {"assets": [asset["id"]], **fields})
        assert answer.status_code == 201, answer.content
        return answer.json()

    return publish
