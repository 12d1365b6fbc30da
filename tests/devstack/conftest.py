"""Real servers and real processes: nothing here is simulated, nothing of Django is used."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from devstack.embedded import Servers, make_passable
from devstack.paths import REPOSITORY


@pytest.fixture
def data() -> Iterator[Path]:
    """A data directory that root's server account can enter, unlike tmp_path."""
    folder = make_passable(Path(tempfile.mkdtemp(prefix="pentimento-test-")).resolve())
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, data: Path) -> None:
    """The suite's own servers must not stand in for those under test."""
    for name in ("DATABASE_URL", "REDIS_URL", "PORT", "DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("APP_DATA_DIR", str(data))


@pytest.fixture
def dev() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a ./dev command, past the preparation of .venv, to its end."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "devstack", *arguments],
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


class Notebook:
    """Leaves a note in each server and finds it again."""

    def __init__(self, servers: Servers) -> None:
        self.database_url = servers.environment["DATABASE_URL"]
        self.redis_url = servers.environment["REDIS_URL"]

    def write(self, note: str) -> None:
        with psycopg.connect(self.database_url) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS notes (note text)")
            connection.execute("INSERT INTO notes VALUES (%s)", [note])
        with redis.Redis.from_url(self.redis_url) as client:
            client.set("note", note)

    def read(self) -> set[str]:
        with psycopg.connect(self.database_url) as connection:
            notes = {row[0] for row in connection.execute("SELECT note FROM notes")}
        with redis.Redis.from_url(self.redis_url) as client:
            return notes | {client.get("note").decode()}


@pytest.fixture
def notebook() -> type[Notebook]:
    return Notebook
