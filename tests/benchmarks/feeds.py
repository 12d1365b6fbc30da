"""What feeds cost, on a network of ten thousand people and a million posts.

Pages are whole requests through the WSGI application: middleware, token, throttle, page. CPU is
that of the process, of its Postgres backend and of Redis together. Two floors are measured in the
same run: a page of the same application that says only that it lives, and the least that a home
feed can be: a list from Redis, one query for twenty posts with their authors, and JSON.

--check fails where a cost in floors is above what is written down here, or too much is asked of
Postgres, or too much is said.
"""

import argparse
import io
import itertools
import json
import os
import random
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple
from uuid import UUID

import django

TICK = os.sysconf("SC_CLK_TCK")
ROUNDS = 3
READERS = 50
LIKE_A_FEED = """
    SELECT p.id, p.body, p.kind, p.published_at, p.reactions_count, p.comments_count, u.username,
           u.display_name FROM posts_post p JOIN users_user u ON u.id = p.author_id
     WHERE p.published_key = ANY($1) ORDER BY p.published_key DESC
"""
#: What --check allows: of CPU in floors (both together, since either alone moves with the machine's
#: mood), of queries, and of bytes.
ALLOWED_FLOORS = {"home": 5.5, "home, no AI": 8.0, "explore": 5.0, "explore, no AI": 7.5}
ALLOWED_FILTERED = 1.75
ALLOWED_SQL = 4
ALLOWED_BYTES, ALLOWED_DEFLATED = 50_000, 12_000
ALLOWED_POST_SQL = 9
ALLOWED_PUSH = 4.0
ALLOWED_ENTRY = 25.0


def run(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./dev bench feeds", description=__doc__)
    parser.add_argument("--people", type=int, default=10_000, help="default: %(default)s")
    parser.add_argument("--posts", type=int, default=1_000_000, help="default: %(default)s")
    parser.add_argument("--requests", type=int, default=200, help="default: %(default)s")
    parser.add_argument("--check", action="store_true", help="fail where something got worse")
    given = parser.parse_args(arguments)
    django.setup()
    from django.conf import settings
    from django.test.utils import setup_databases, teardown_databases

    settings.DEBUG = False
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, "1000000/60")
    created = setup_databases(verbosity=0, interactive=False)
    try:
        _sow(given.people, given.posts)
        worse = measure(given.requests, given.people)
    finally:
        teardown_databases(created, verbosity=0)
    for complaint in worse:
        print(f"worse than allowed: {complaint}")
    return 1 if worse and given.check else 0


def _sow(people: int, posts: int) -> None:
    from tests.benchmarks import seeds

    began = time.monotonic()
    seeds.sow(people=people, posts=posts)
    print(f"{people} people, {posts} posts, {time.monotonic() - began:.0f} s", flush=True)


def measure(requests: int, people: int) -> list[str]:
    """Everything, in turn; what of it is worse than allowed."""
    pages = _pages(requests, people)
    _cold(requests)
    return [*pages, *_posting(requests), *_fan_out()]


class Spent(NamedTuple):
    """For each time, milliseconds: of CPU in all, of Postgres alone; by the clock, one by one."""

    cpu: float
    postgres: float
    walls: list[float]


class Cost(NamedTuple):
    """Milliseconds of CPU, and what one page is."""

    cpu: float
    postgres: float
    p50: float
    p99: float
    sql: int
    bytes: int
    deflated: int


def _pages(requests: int, people: int) -> list[str]:
    from feeds import homes, timelines
    from tests.helpers.access import access_token
    from users.models import User

    chance = random.Random(7)
    readers = list(User.objects.exclude(username="p_0").order_by("?")[:READERS])
    for reader in readers:
        timelines.begin(reader)
        homes.fill(reader)
    tokens = [access_token(reader) for reader in readers]
    pages: dict[str, Callable[[], str]] = {
        "bare page": lambda: "/livez",
        "home": lambda: "/api/v1/feeds/home",
        "home, no AI": lambda: "/api/v1/feeds/home?ai_max_share=0",
        "explore": lambda: "/api/v1/feeds/explore",
        "explore, no AI": lambda: "/api/v1/feeds/explore?ai_max_share=0",
        "tag": lambda: f"/api/v1/feeds/tags/tag{chance.randrange(2000)}",
        "profile": lambda: f"/api/v1/feeds/users/p_{chance.randrange(people)}",
    }
    least = _least_feed(readers, requests)
    print(f"the least that a feed can be: {least:.2f} ms of CPU")
    head = f"{'page':<18}{'CPU ms':>8}{'Postgres':>10}{'p50 ms':>8}{'p99 ms':>8}{'SQL':>5}"
    print(f"{head}{'KB':>7}{'deflated':>10}{'x bare':>8}{'x least':>9}", flush=True)
    costs: dict[str, Cost] = {}
    for name, path in pages.items():
        for token in tokens:  # each reader's images and posts are put together once
            _get(path(), token)
        rounds = [_round(path, tokens, chance, requests) for _ in range(ROUNDS)]
        cost = costs[name] = min(rounds, key=lambda each: each.cpu)
        print(
            f"{name:<18}{cost.cpu:>8.2f}{cost.postgres:>10.2f}{cost.p50:>8.2f}{cost.p99:>8.2f}"
            f"{cost.sql:>5}{cost.bytes / 1000:>7.1f}{cost.deflated / 1000:>10.1f}"
            f"{cost.cpu / costs['bare page'].cpu:>8.1f}{cost.cpu / least:>9.1f}",
            flush=True,
        )
    return _judge_pages(costs, floors=costs["bare page"].cpu + least)


def _judge_pages(costs: dict[str, Cost], floors: float) -> list[str]:
    worse = [
        f"{name} costs {costs[name].cpu / floors:.1f} times both floors, not {allowed}"
        for name, allowed in ALLOWED_FLOORS.items()
        if costs[name].cpu / floors > allowed
    ]
    for name in ("home", "explore"):
        filtered = costs[f"{name}, no AI"].cpu / costs[name].cpu
        print(f"{name}: filtered it costs {filtered:.2f} times as much")
        if filtered > ALLOWED_FILTERED:
            worse.append(f"{name}, filtered, costs {filtered:.2f} times as much")
        if costs[name].sql > ALLOWED_SQL:
            worse.append(f"{name} asks {costs[name].sql} queries")
        if costs[name].bytes > ALLOWED_BYTES or costs[name].deflated > ALLOWED_DEFLATED:
            worse.append(f"{name} has {costs[name].bytes} bytes, {costs[name].deflated} deflated")
    return worse


def _least_feed(readers: list[Any], requests: int) -> float:
    import orjson

    from core.prepared import ask
    from core.redis import client
    from feeds import timelines

    def least(name: str) -> None:
        keys = [UUID(bytes=key) for key in client().lrange(name, 0, 19) if len(key) == 16]
        orjson.dumps(ask(LIKE_A_FEED, [keys]))

    names = [timelines.name_of(reader.pk) for reader in readers]
    turns = itertools.cycle(names)
    return min(_spent(lambda: least(next(turns)), requests).cpu for _ in range(ROUNDS))


def _cold(requests: int) -> None:
    """Home keys without a timeline, for somebody with about two hundred followees."""
    from feeds import homes, timelines
    from users.models import User

    reader = User.objects.filter(following_count__gt=180).order_by("?").first()
    reader = reader or User.objects.order_by("-following_count").first()
    assert reader is not None
    cpu, _, walls = _spent(lambda: homes.look_up(reader, timelines.NEWEST, 21), requests)
    print(
        f"where to look, without a timeline, following {reader.following_count}: "
        f"p50 {median(walls):.2f} ms, p99 {_p99(walls):.2f} ms, {cpu:.2f} ms of CPU",
        flush=True,
    )


def _posting(requests: int) -> list[str]:
    from media.models import Asset
    from tests.helpers.access import access_token
    from users.models import User

    author = User.objects.get(username="p_7")
    image = str(Asset.objects.filter(owner=author).values_list("pk", flat=True)[0])
    token = access_token(author)
    numbers = iter(range(10**6))

    def post() -> None:
        words = {"body": f"Number {next(numbers)}", "assets": [image], "tags": ["tag1", "tag2"]}
        _send("POST", "/api/v1/posts", token, json.dumps(words).encode())

    post()
    asked = _queries(post)
    cpu, _, walls = _spent(post, requests)
    print(
        f"a post: {cpu:.2f} ms of CPU, {len(asked)} queries, p50 {median(walls):.2f} ms",
        flush=True,
    )
    return [f"a post asks {len(asked)} queries"] if len(asked) > ALLOWED_POST_SQL else []


def _fan_out() -> list[str]:
    """To all timelines that there are, each full, of somebody whom everybody follows."""
    from core.ids import uuid7
    from core.redis import client
    from feeds import timelines
    from users.models import User

    redis = client()
    followers = list(User.objects.exclude(username="p_0").values_list("pk", flat=True))
    names = [timelines.name_of(key) for key in followers]
    for name in names:
        redis.delete(name)
    before = int(redis.info("memory")["used_memory"])
    keys = sorted((uuid7().bytes for _ in range(timelines.ENTRIES)), reverse=True)
    head = b"F" + bytes(8) + bytes(16)
    for name in names:
        redis.rpush(name, *keys, head)
    entry = (int(redis.info("memory")["used_memory"]) - before) / len(names) / len(keys)
    floor = redis.register_script(
        "for _, name in ipairs(KEYS) do redis.call('LPUSH', name, ARGV[1]) end"
    )

    def push_blindly() -> None:
        for start in range(0, len(names), timelines.AT_ONCE):
            floor(keys=names[start : start + timelines.AT_ONCE], args=[uuid7().bytes])

    blind = min(_spent(push_blindly, 1).cpu for _ in range(5)) / len(names) * 1000
    spent = [_spent(lambda: timelines.push(uuid7(), names), 1) for _ in range(20)]
    each = median(one.cpu for one in spent) / len(names) * 1000
    print(
        f"a push to {len(names)} timelines of {len(keys)}: {each:.1f} µs of CPU each, "
        f"{each / blind:.1f} times a blind push ({blind:.1f} µs), "
        f"{median(one.walls[0] for one in spent):.0f} ms; an entry takes {entry:.1f} bytes",
        flush=True,
    )
    print(
        f"a million people who read: {entry * timelines.ENTRIES / 1000:.0f} GB of timelines; "
        f"a post of somebody with 200 readers costs {each * 200 / 1000:.1f} ms, and with a million "
        "nothing: they are looked up"
    )
    worse = [f"an entry takes {entry:.1f} bytes"] if entry > ALLOWED_ENTRY else []
    if each / blind > ALLOWED_PUSH:
        worse.append(f"a push costs {each / blind:.1f} blind ones")
    return worse


def _round(
    path: Callable[[], str], tokens: list[str], chance: random.Random, requests: int
) -> Cost:
    body = _get(path(), tokens[0])
    assert b'"results":[]' not in body, f"{path()} shows nothing"
    asked = _queries(lambda: _get(path(), tokens[0]))
    cpu, postgres, walls = _spent(lambda: _get(path(), chance.choice(tokens)), requests)
    return Cost(
        cpu=cpu,
        postgres=postgres,
        p50=median(walls),
        p99=_p99(walls),
        sql=len(asked),
        bytes=len(body),
        deflated=len(zlib.compress(body, 6)),
    )


def _queries(act: Callable[[], object]) -> list[str]:
    from django.db import connection

    asked: list[str] = []

    def count(execute: Any, sql: str, *rest: Any) -> Any:
        asked.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(count):
        act()
    return asked


def _spent(act: Callable[[], object], times: int) -> Spent:
    """On doing something so many times, here, in Postgres and in Redis."""
    from django.db import connection

    from core.redis import client

    act()
    connection.ensure_connection()
    others = [connection.connection.info.backend_pid, int(client().info("server")["process_id"])]
    own, theirs, walls = time.process_time(), [_cpu_of(other) for other in others], []
    for _ in range(times):
        began = time.perf_counter()
        act()
        walls.append((time.perf_counter() - began) * 1000)
    spent = [_cpu_of(other) - before for other, before in zip(others, theirs, strict=True)]
    cpu = time.process_time() - own + sum(spent)
    return Spent(cpu * 1000 / times, spent[0] * 1000 / times, walls)


def _p99(walls: list[float]) -> float:
    return sorted(walls)[int(len(walls) * 0.99)]


def _get(path: str, token: str) -> bytes:
    return _send("GET", path, token)


def _send(method: str, path: str, token: str, body: bytes = b"") -> bytes:
    """A request through the WSGI application, as a server would make it."""
    address, _, query = path.partition("?")
    status: list[str] = []
    environ = {
        "REQUEST_METHOD": method, "PATH_INFO": address, "QUERY_STRING": query,
        "SERVER_NAME": "localhost", "SERVER_PORT": "8000", "wsgi.url_scheme": "http",
        "REMOTE_ADDR": "127.0.0.1", "wsgi.input": io.BytesIO(body), "wsgi.errors": io.StringIO(),
        "CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(body)),
        "HTTP_AUTHORIZATION": f"Bearer {token}", "HTTP_HOST": "localhost",
    }  # fmt: skip
    from backend.wsgi import application

    answer = application(environ, lambda told, headers: status.append(told))
    said = b"".join(answer)
    assert status[0].startswith("20"), (status, said)
    return said


def _cpu_of(process: int) -> float:
    """Seconds of CPU that another process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK
