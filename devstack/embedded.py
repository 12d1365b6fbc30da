"""The embedded Postgres and Valkey: started, adopted or reused, and stopped by the last user.

Ports and passwords are chosen once and kept in `<data>/embedded.json` (mode 0600). Several
commands may want the servers at once, so two lock files say who does what:

- `servers.lock` is held exclusively while somebody starts or stops them;
- `users.lock` is held shared for as long as somebody uses them; the process that started them
  stops them only when it is the last user.
"""

import contextlib
import fcntl
import json
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from devstack import ports, postgres, valkey
from devstack.errors import DevError
from devstack.paths import make_private, write_private
from devstack.processes import Child

_START_ATTEMPTS = 3
_LOG_LIMIT = 10_000_000  # bytes


@dataclass
class Servers:
    """The two servers, or the one that the environment does not replace.

    `started` holds the children that this process must stop: those it started, or adopted from
    an owner that died. Servers that another living command owns are used and left alone.
    """

    data: Path
    durable: bool = True
    started: dict[str, Child] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    _users: IO[str] | None = None

    def start(self) -> None:
        """Bring up what DATABASE_URL and REDIS_URL do not name; fill in `environment`."""
        make_private(self.data)
        make_private(self.data / "logs")
        with self._exclusively():
            self._users = self._lock_file("users.lock")
            owned_by_another = not _try_lock(self._users)
            if "DATABASE_URL" not in os.environ:
                self.start_postgres(owned_by_another=owned_by_another)
            if "REDIS_URL" not in os.environ:
                self.start_valkey(owned_by_another=owned_by_another)
            self.environment = self._urls()
            fcntl.flock(self._users, fcntl.LOCK_SH)

    def start_postgres(self, *, owned_by_another: bool = False) -> None:
        """Start or adopt Postgres, unless a living command already provides it."""
        saved = self._saved("postgres")
        if owned_by_another and postgres.answers(saved["port"], saved["password"]):
            return
        home = postgres.Home.below(self.data, self._log("postgres"))
        server = postgres.Postgres(home, durable=self.durable)
        if saved["new"]:
            server.reset_superuser_password(saved["password"])

        def start(port: int) -> Child:
            return server.start(port, saved["password"], saved["role_password"])

        def is_ours(port: int) -> bool:
            return postgres.answers(port, saved["password"])

        self.started["postgres"] = self._start_on_a_port("postgres", start, is_ours)

    def start_valkey(self, *, owned_by_another: bool = False) -> None:
        """Start or adopt Valkey, unless a living command already provides it."""
        saved = self._saved("valkey")
        if owned_by_another and valkey.running_pid(saved["port"], saved["password"]):
            return
        directory = self.data / "valkey"
        server = valkey.Valkey(directory, self._log("valkey"), durable=self.durable)

        def start(port: int) -> Child:
            return server.start(port, saved["password"])

        def is_ours(port: int) -> bool:
            return valkey.running_pid(port, saved["password"]) is not None

        self.started["valkey"] = self._start_on_a_port("valkey", start, is_ours)

    def restart(self, name: str) -> Child:
        """Start a server that died while we use it, on the port that everybody knows."""
        with self._exclusively():
            {"postgres": self.start_postgres, "valkey": self.start_valkey}[name]()
        if self._urls() != self.environment:
            raise DevError(f"Another program took the port of {name}; start ./dev run again.")
        return self.started[name]

    def stop(self) -> None:
        """Stop what we started, once no other command uses it; Ctrl-C ends the waiting."""
        try:
            self._wait_for_other_users()
        finally:
            self._stop_started()
            if self._users:
                self._users.close()

    def _stop_started(self) -> None:
        for name in reversed(list(self.started)):
            self.started.pop(name).stop(grace=20)

    def _wait_for_other_users(self) -> None:
        told = False
        while self.started and self._users:
            with self._exclusively():
                if _try_lock(self._users):
                    # Stopped while nobody may start, so that no newcomer sees a dying server.
                    self._stop_started()
                    return
            if not told:
                print("· another ./dev command uses the databases; waiting for it to end")
                told = True
            time.sleep(0.5)

    def _start_on_a_port(
        self, name: str, start: Callable[[int], Child], is_ours: Callable[[int], bool]
    ) -> Child:
        """Start on the saved port; where somebody else has it, on another, which is saved."""
        for attempt in range(1, _START_ATTEMPTS + 1):
            port = self._saved(name)["port"]
            if not ports.is_free(port) and not is_ours(port):
                port = self._save(name, port=ports.choose_free())
            try:
                child = start(port)
            except DevError:
                taken_meanwhile = not ports.is_free(port)
                if attempt == _START_ATTEMPTS or not taken_meanwhile:
                    raise
            else:
                self._save(name, new=False)
                return child
        raise AssertionError("unreachable")

    def _saved(self, name: str) -> dict[str, Any]:
        """Port and passwords of a server, made up the first time."""
        state = self._read_state()
        if name not in state:
            state[name] = {"port": ports.choose_free(), "password": secrets.token_hex(16)}
            state[name] |= {"role_password": secrets.token_hex(16), "new": True}
            self._write_state(state)
        return dict(state[name])

    def _save(self, name: str, **values: Any) -> Any:
        state = self._read_state()
        state[name] |= values
        self._write_state(state)
        return next(iter(values.values()))

    def _read_state(self) -> dict[str, Any]:
        try:
            return dict(json.loads((self.data / "embedded.json").read_text()))
        except (FileNotFoundError, ValueError):
            return {}

    def _write_state(self, state: dict[str, Any]) -> None:
        write_private(self.data / "embedded.json", json.dumps(state | _urls(state), indent=2))

    def _urls(self) -> dict[str, str]:
        """The variables for our children; what the environment names stays as it is."""
        urls = _urls(self._read_state())
        names = {"database_url": "DATABASE_URL", "redis_url": "REDIS_URL"}
        return {
            name: os.environ.get(name) or urls[key]
            for key, name in names.items()
            if name in os.environ or key in urls
        }

    def _log(self, name: str) -> Path:
        log = self.data / "logs" / f"{name}.log"
        if log.exists() and log.stat().st_size > _LOG_LIMIT:
            log.replace(log.with_suffix(".log.1"))
        return log

    def _lock_file(self, name: str) -> IO[str]:
        return (self.data / name).open("a")

    @contextlib.contextmanager
    def _exclusively(self) -> Iterator[None]:
        with self._lock_file("servers.lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


@contextlib.contextmanager
def running_servers(data: Path) -> Iterator[Servers]:
    """The kept servers of the data directory, for the duration of a command."""
    servers = Servers(data)
    try:
        servers.start()
        yield servers
    finally:
        servers.stop()


@contextlib.contextmanager
def throwaway_servers(*, durable: bool = False) -> Iterator[Servers]:
    """Servers in a folder of their own, which is removed afterwards; fast unless `durable`."""
    data = make_passable(Path(tempfile.mkdtemp(prefix="pentimento-")).resolve())
    servers = Servers(data, durable=durable)
    try:
        servers.start()
        yield servers
    finally:
        servers.stop()
        _remove(data, servers)


def make_passable(directory: Path) -> Path:
    """Let root's server account pass through a folder of root's."""
    if os.geteuid() == 0:
        directory.chmod(0o711)
    return directory


def _remove(data: Path, servers: Servers) -> None:
    shutil.rmtree(data, ignore_errors=True)
    if os.geteuid() == 0 and "DATABASE_URL" not in os.environ:
        shutil.rmtree(postgres.public_home_path(servers.data), ignore_errors=True)


def _urls(state: dict[str, Any]) -> dict[str, str]:
    urls = {}
    if "postgres" in state:
        saved = state["postgres"]
        urls["database_url"] = postgres.url(saved["port"], saved["role_password"])
    if "valkey" in state:
        urls["redis_url"] = valkey.url(state["valkey"]["port"], state["valkey"]["password"])
    return urls


def _try_lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
