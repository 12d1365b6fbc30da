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
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Protocol

from devstack import ports, postgres, valkey
from devstack.errors import DevError
from devstack.paths import make_private, write_private
from devstack.postgres import Home, Postgres
from devstack.processes import Child
from devstack.valkey import Valkey

_START_ATTEMPTS = 3
_LOG_LIMIT = 10_000_000  # bytes
_THROWAWAY = "pentimento-throwaway-"
_ABANDONED_SECONDS = 3600
_REMOVING_TRIES = 20


# The servers in the order of their start, and the variables that replace them.
VARIABLES = {"postgres": "DATABASE_URL", "valkey": "REDIS_URL"}


class Server(Protocol):
    """What Postgres and Valkey have in common."""

    def start(self, port: int) -> Child:
        """Start it, or adopt it if it runs on our files; return when it answers."""

    def answers(self, port: int) -> bool:
        """Whether it is our server that answers on the port."""

    def take_new_passwords(self) -> None:
        """Make existing files accept the passwords, which have just been made up."""


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
            for name, variable in VARIABLES.items():
                if variable not in os.environ:
                    self._bring_up(name, owned_by_another=owned_by_another)
            self.environment = self._variables()
            fcntl.flock(self._users, fcntl.LOCK_SH)

    def restart(self, name: str) -> Child:
        """Start a server that died while we use it, on the port that everybody knows."""
        with self._exclusively():
            self._bring_up(name, owned_by_another=False)
        if self._variables() != self.environment:
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

    def _bring_up(self, name: str, *, owned_by_another: bool) -> None:
        """Start or adopt a server, unless a living command already provides it."""
        saved = self._saved(name)
        server = self._server(name, saved)
        if owned_by_another and server.answers(saved["port"]):
            return
        if saved["new"]:
            server.take_new_passwords()
        self.started[name] = self._start_on_a_port(name, server)
        self._save(name, new=False)

    def _server(self, name: str, saved: dict[str, Any]) -> Server:
        log = self._log(name)
        if name == "valkey":
            return Valkey(self.data / "valkey", log, saved["password"], durable=self.durable)
        passwords = saved["password"], saved["role_password"]
        return Postgres(Home.below(self.data, log), *passwords, durable=self.durable)

    def _start_on_a_port(self, name: str, server: Server) -> Child:
        """Start on the saved port; where somebody else has it, on another, which is saved."""
        for _ in range(_START_ATTEMPTS):
            port = self._saved(name)["port"]
            if not ports.is_free(port) and not server.answers(port):
                port = ports.choose_free()
                self._save(name, port=port)
            try:
                return server.start(port)
            except DevError:
                # Between the choice and the start, another program may have taken the port.
                if ports.is_free(port):
                    raise
        raise DevError(f"No port stays free long enough to start {name}.")

    def _saved(self, name: str) -> dict[str, Any]:
        """Port and passwords of a server, made up the first time."""
        state = self._read_state()
        if name not in state:
            state[name] = {"port": ports.choose_free(), "password": secrets.token_hex(16)}
            state[name] |= {"role_password": secrets.token_hex(16), "new": True}
            self._write_state(state)
        return dict(state[name])

    def _save(self, name: str, **values: object) -> None:
        state = self._read_state()
        state[name] |= values
        self._write_state(state)

    def _read_state(self) -> dict[str, Any]:
        try:
            return dict(json.loads((self.data / "embedded.json").read_text()))
        except (FileNotFoundError, ValueError):
            return {}

    def _write_state(self, state: dict[str, Any]) -> None:
        for name, url in _urls(state).items():
            state[VARIABLES[name].lower()] = url
        write_private(self.data / "embedded.json", json.dumps(state, indent=2))

    def _variables(self) -> dict[str, str]:
        """DATABASE_URL and REDIS_URL; what the environment names stays as it is."""
        embedded = {VARIABLES[name]: url for name, url in _urls(self._read_state()).items()}
        given = {name: os.environ[name] for name in VARIABLES.values() if name in os.environ}
        return embedded | given

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
    _remove_abandoned()
    data = make_passable(Path(tempfile.mkdtemp(prefix=_THROWAWAY)).resolve())
    servers = Servers(data, durable=durable)
    try:
        servers.start()
        yield servers
    finally:
        servers.stop()
        _remove(data)


def make_passable(directory: Path) -> Path:
    """Let root's server account pass through a folder of root's."""
    if os.geteuid() == 0:
        directory.chmod(0o711)
    return directory


def _remove(data: Path) -> None:
    """Tried again for two seconds: what is written meanwhile makes the removal of a folder fail,
    and of a server that had to be killed, processes may live a moment longer."""
    for folder in (data, postgres.public_home_path(data)):
        for _ in range(_REMOVING_TRIES):
            shutil.rmtree(folder, ignore_errors=True)
            if not folder.exists():
                break
            time.sleep(0.1)


def _remove_abandoned() -> None:
    """Remove the folders of throwaway servers whose command was killed an hour ago or more."""
    for data in Path(tempfile.gettempdir()).resolve().glob(f"{_THROWAWAY}*"):
        with contextlib.suppress(OSError):
            is_old = time.time() - data.stat().st_mtime > _ABANDONED_SECONDS
            with (data / "users.lock").open("a") as users:
                if is_old and _try_lock(users):
                    _remove(data)


def _urls(state: dict[str, Any]) -> dict[str, str]:
    urls = {}
    if saved := state.get("postgres"):
        urls["postgres"] = postgres.url(saved["port"], saved["role_password"])
    if saved := state.get("valkey"):
        urls["valkey"] = valkey.url(saved["port"], saved["password"])
    return urls


def _try_lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
