"""The real thing for a journey: a database of its own, the server, a worker and beat."""

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import httpx
import psycopg
import redis
from django.conf import settings

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 90


@dataclass
class Stack:
    """What runs. `url` is the address of the server, `worker` the module of its worker."""

    url: str
    env: dict[str, str]
    logs: Path
    worker: str = "backend"
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, *command: str) -> None:
        with (self.logs / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=ROOT,
                env=self.env,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def manage(self, *arguments: str) -> None:
        subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env=self.env, check=True
        )

    def start_worker(self) -> None:
        queues = ("-Q", ",".join(settings.CELERY_TASK_QUEUES), "-c", "2")
        self.start("worker", "celery", "-A", self.worker, "worker", *queues)

    def kill(self, name: str) -> None:
        """SIGKILL to a process and all its children, as a power cut would."""
        process = self.processes.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()
            process.wait()

    def log(self, name: str) -> str:
        return (self.logs / f"{name}.log").read_text()[-3000:]


@contextlib.contextmanager
def running(worker: str = "backend", **extra: str) -> Iterator[Stack]:
    """A stack beside the test database, on the same Postgres and Valkey.

    `worker`: the module of the Celery application that the worker runs.
    """
    with tempfile.TemporaryDirectory() as folder, _database() as database:
        port = _free_port()
        env = {
            **os.environ,
            "DEBUG": "1",
            "DATABASE_URL": database,
            "REDIS_URL": _other_redis_database(),
            "APP_DATA_DIR": folder,
            "PORT": str(port),
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "LOG_LEVEL": "WARNING",
            **extra,
        }
        stack = Stack(f"http://127.0.0.1:{port}", env, Path(folder), worker)
        stack.manage("migrate", "--verbosity", "0")
        try:
            web = ("uvicorn", "backend.asgi:application", "--port", str(port), "--lifespan", "off")
            stack.start("web", *web)
            stack.start_worker()
            schedule = str(Path(folder) / "beat")
            stack.start("beat", "celery", "-A", "backend", "beat", "--schedule", schedule)
            _wait_until_ready(stack)
            yield stack
        finally:
            stack.stop()


def _wait_until_ready(stack: Stack) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{stack.url}/readyz").status_code == 200:
                return
        time.sleep(0.2)
    raise AssertionError(f"the server did not start:\n{stack.log('web')}")


@contextlib.contextmanager
def _database() -> Iterator[str]:
    parts = urlsplit(os.environ["DATABASE_URL"])
    name = f"journey_{secrets.token_hex(4)}"
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield urlunsplit(parts._replace(path=f"/{name}"))
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _other_redis_database() -> str:
    """An empty numbered database of this test process, so that a journey's worker meets no other
    test's messages."""
    process = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    parts = urlsplit(os.environ["REDIS_URL"])
    address = urlunsplit(parts._replace(path=f"/{3 + int(process) % 6}"))
    with redis.Redis.from_url(address) as client:
        client.flushdb()
    return address


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
