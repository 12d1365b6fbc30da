"""`./dev run`: the whole service in the foreground of one terminal."""

import argparse
import contextlib
import fcntl
import http.client
import json
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import redis

from devstack import environment, ports
from devstack.embedded import Servers, running_servers
from devstack.environment import module
from devstack.errors import DevError, failure
from devstack.paths import data_directory, make_private
from devstack.prepare import QUEUES
from devstack.processes import Child, spawn
from devstack.supervisor import Service, Supervisor

_READY_SECONDS = 120
_WORKER_SECONDS = 20


def run(_arguments: argparse.Namespace) -> int:
    """Start everything in order, wait until it answers, keep it up until Ctrl-C or SIGTERM."""
    data = make_private(data_directory())
    port = _chosen_port()
    with _only_one(data, port):
        _require_free(port)
        with contextlib.suppress(KeyboardInterrupt), running_servers(data) as servers:
            Stack(servers, environment.development(servers, data), port).run()
    print("Stopped.")
    return 0


@dataclass
class Stack:
    """The programs of a running service."""

    servers: Servers
    variables: dict[str, str]
    port: int

    def run(self) -> None:
        queues = self._prepare_database()
        supervisor = Supervisor()
        try:
            for name in list(self.servers.started):
                supervisor.add(self._server(name))
            web, worker, beat = self._programs(queues)
            supervisor.add(web)
            supervisor.add(worker)
            self._wait_for_web(supervisor)
            self._wait_for_worker(supervisor)
            # Nobody waits for the beat, which would only slow the other two down.
            supervisor.add(beat)
            self._welcome()
            supervisor.watch()
        except KeyboardInterrupt:
            print("Stopping… (Ctrl-C once more: at once)", flush=True)
        finally:
            supervisor.stop()

    def _prepare_database(self) -> str:
        """Tables and, in development, demo content; returns the queues that tasks are sent to."""
        print("· preparing the database", flush=True)
        step = module("devstack.prepare", *(["--demo"] if environment.is_debug() else []))
        log = self.servers.data / "logs" / "prepare.log"
        with log.open("wb") as errors:
            child = spawn(step, environment=self.variables, output=subprocess.PIPE, errors=errors)
        queues = ""
        for line in child.lines():
            if line.startswith(QUEUES):
                queues = line.removeprefix(QUEUES)
            elif not self._tells_a_password(line):
                print(line, flush=True)
        if child.exit_code():
            last_lines = log.read_text(errors="replace").strip().splitlines()[-2:]
            complaint = f"The database could not be prepared; {log} has it all"
            raise failure(complaint, "\n".join(last_lines), self.servers.data)
        return queues

    def _tells_a_password(self, line: str) -> bool:
        """The demo tells them as well, but at the end of the start they stay on the screen."""
        return any(login["password"] in line for login in self._logins())

    def _server(self, name: str) -> Service:
        child = self.servers.started[name]
        return Service(name, lambda: self.servers.restart(name), child=child, kept=True)

    def _programs(self, queues: str) -> tuple[Service, Service, Service]:
        schedule = self.servers.data / "beat-schedule"
        web = f"backend.asgi:application --host {ports.HOST} --port {self.port} --lifespan off"
        web += " --no-access-log --timeout-graceful-shutdown 3"
        celery = module("celery", "--quiet", "-A", "backend")
        worker = f"worker -Q {queues} -c 2 --without-mingle --without-gossip --loglevel INFO"
        beat = ["beat", "--schedule", str(schedule), "--pidfile=", "--loglevel", "WARNING"]
        return (
            Service("web", lambda: self._spawn(module("uvicorn", *web.split()))),
            Service("worker", lambda: self._spawn([*celery, *worker.split()])),
            Service("beat", lambda: self._spawn([*celery, *beat])),
        )

    def _spawn(self, command: list[str]) -> Child:
        return spawn(command, environment=self.variables, output=subprocess.PIPE)

    def _wait_for_web(self, supervisor: Supervisor) -> None:
        print("· waiting for the web server", flush=True)
        deadline = time.monotonic() + _READY_SECONDS
        answer = "no answer"

        def is_ready() -> bool:
            nonlocal answer
            if supervisor.died("web"):
                raise DevError("The web server ended while starting; the lines above say why.")
            if time.monotonic() > deadline:
                raise DevError(f"The web server is not ready after {_READY_SECONDS} s: {answer}")
            answer = self._ask_readiness()
            return answer.startswith("200 ")

        supervisor.watch(until=is_ready)

    def _wait_for_worker(self, supervisor: Supervisor) -> None:
        """Give the worker time to listen at its queues, so that `Ready` is the last line."""
        deadline = time.monotonic() + _WORKER_SECONDS
        with contextlib.closing(redis.Redis.from_url(self.variables["REDIS_URL"])) as client:

            def is_listening() -> bool:
                with contextlib.suppress(redis.RedisError):
                    if any(each["cmd"] == "brpop" for each in client.client_list()):
                        return True
                return time.monotonic() > deadline

            supervisor.watch(until=is_listening)

    def _ask_readiness(self) -> str:
        """Status and body of /readyz, or why there is none."""
        connection = http.client.HTTPConnection(ports.HOST, self.port, timeout=5)
        with contextlib.closing(connection):
            try:
                connection.request("GET", "/readyz")
                response = connection.getresponse()
                return f"{response.status} {response.read(500).decode(errors='replace')}"
            except (OSError, http.client.HTTPException) as error:
                return f"no answer ({error})"

    def _welcome(self) -> None:
        logins = self._logins()
        if logins:
            print(f"  {'name':<8} {'password':<18} what for")
        for login in logins:
            print(f"  {login['username']:<8} {login['password']:<18} {login['role']}")
        print(f"Ready: http://{ports.HOST}:{self.port}", flush=True)

    def _logins(self) -> list[dict[str, str]]:
        """The demo accounts as `manage.py seed_demo` wrote them down; none before it did."""
        with contextlib.suppress(FileNotFoundError, ValueError, KeyError):
            logins = json.loads((self.servers.data / "login.json").read_text())
            return [logins["admin"], *logins["accounts"]]
        return []


def _chosen_port() -> int:
    text = os.environ.get("PORT", "8000")
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise DevError(f"PORT must be a number from 1 to 65535, not {text!r}.")
    return int(text)


def _require_free(port: int) -> None:
    if not ports.is_free(port):
        raise DevError(
            f"Port {port} is taken by another program; choose another one, "
            f"for example PORT={port + 1} ./dev run"
        )


@contextlib.contextmanager
def _only_one(data: Path, port: int) -> Iterator[None]:
    """Hold the data directory: a second `./dev run` on it would fight over queues and schedule."""
    with (data / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise DevError(
                f"./dev run is up already on {data} ({lock.read().strip()}); stop it first, "
                "or give this one a PORT and an APP_DATA_DIR of its own."
            ) from None
        lock.truncate(0)
        lock.write(f"pid {os.getpid()}, http://{ports.HOST}:{port}")
        lock.flush()
        yield
