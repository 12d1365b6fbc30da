"""What a page of each feed costs, on a network of ten thousand people and a million posts.

CPU is that of the process and of its Postgres backend together, of whole requests through the
WSGI application: middleware, token, throttle, page. Its floor is a page of the same application
that says only that it lives.
"""

import argparse
import io
import os
import random
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import django

TICK = os.sysconf("SC_CLK_TCK")
ROUNDS = 3


def run(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./dev bench feeds", description=__doc__)
    parser.add_argument("--people", type=int, default=10_000, help="default: %(default)s")
    parser.add_argument("--posts", type=int, default=1_000_000, help="default: %(default)s")
    parser.add_argument("--requests", type=int, default=200, help="default: %(default)s")
    given = parser.parse_args(arguments)
    django.setup()
    from django.conf import settings
    from django.test.utils import setup_databases, teardown_databases

    settings.DEBUG = False
    created = setup_databases(verbosity=0, interactive=False)
    try:
        _sow(given.people, given.posts)
        _measure(given.requests, given.people)
    finally:
        teardown_databases(created, verbosity=0)
    return 0


def _sow(people: int, posts: int) -> None:
    from tests.benchmarks import seeds

    began = time.monotonic()
    seeds.sow(people=people, posts=posts)
    print(f"{people} people, {posts} posts, {time.monotonic() - began:.0f} s", flush=True)


def _measure(requests: int, people: int) -> None:
    from tests.helpers.access import access_token
    from users.models import User

    chance = random.Random(7)
    readers = list(User.objects.exclude(username="p_0").order_by("?")[:50])
    tokens = [access_token(reader) for reader in readers]
    pages = {
        "bare page": lambda: "/livez",
        "home": lambda: "/api/v1/feeds/home",
        "home, no AI": lambda: "/api/v1/feeds/home?ai_max_share=0",
        "explore": lambda: "/api/v1/feeds/explore",
        "explore, no AI": lambda: "/api/v1/feeds/explore?ai_max_share=0",
        "tag": lambda: f"/api/v1/feeds/tags/tag{chance.randrange(2000)}",
        "profile": lambda: f"/api/v1/feeds/users/p_{chance.randrange(people)}",
    }
    head = f"{'page':<18}{'CPU ms':>8}{'Postgres':>10}{'p50 ms':>8}{'p99 ms':>8}{'SQL':>5}"
    print(f"{head}{'KB':>7}{'deflated':>10}{'x bare':>8}", flush=True)
    bare = None
    for name, path in pages.items():
        rounds = [_round(path, tokens, chance, requests) for _ in range(ROUNDS)]
        cost = min(rounds, key=lambda each: each["cpu"])
        bare = bare or cost["cpu"]
        print(
            f"{name:<18}{cost['cpu']:>8.2f}{cost['postgres']:>10.2f}{cost['p50']:>8.2f}"
            f"{cost['p99']:>8.2f}{cost['sql']:>5}{cost['bytes'] / 1000:>7.1f}"
            f"{cost['deflated'] / 1000:>10.1f}{cost['cpu'] / bare:>8.1f}",
            flush=True,
        )


def _round(
    path: Callable[[], str], tokens: list[str], chance: random.Random, requests: int
) -> dict[str, Any]:
    from django.db import connection

    asked: list[str] = []

    def count(execute: Any, sql: str, *rest: Any) -> Any:
        asked.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(count):
        body = _get(path(), tokens[0])
    connection.ensure_connection()
    backend = connection.connection.info.backend_pid
    app, postgres, walls = time.process_time(), _cpu_of(backend), []
    for _ in range(requests):
        began = time.perf_counter()
        _get(path(), chance.choice(tokens))
        walls.append((time.perf_counter() - began) * 1000)
    spent, theirs = time.process_time() - app, _cpu_of(backend) - postgres
    return {
        "cpu": (spent + theirs) * 1000 / requests,
        "postgres": theirs * 1000 / requests,
        "p50": median(walls),
        "p99": sorted(walls)[int(len(walls) * 0.99)],
        "sql": len(asked),
        "bytes": len(body),
        "deflated": len(zlib.compress(body, 6)),
    }


def _get(path: str, token: str) -> bytes:
    """A request through the WSGI application, as a server would make it."""
    address, _, query = path.partition("?")
    status: list[str] = []
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": address, "QUERY_STRING": query,
        "SERVER_NAME": "localhost", "SERVER_PORT": "8000", "wsgi.url_scheme": "http",
        "REMOTE_ADDR": "127.0.0.1", "wsgi.input": io.BytesIO(), "wsgi.errors": io.StringIO(),
        "HTTP_AUTHORIZATION": f"Bearer {token}", "HTTP_HOST": "localhost",
    }  # fmt: skip
    from backend.wsgi import application

    answer = application(environ, lambda told, headers: status.append(told))
    body = b"".join(answer)
    assert status[0].startswith("200"), (status, body)
    return body


def _cpu_of(process: int) -> float:
    """Seconds of CPU that another process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK
