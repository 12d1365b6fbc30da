"""What the engine adds to a backend's work: its latency, its throughput, its fairness.

A worker with two processes serves a backend that makes a 64 x 64 picture at once. The floor is the
same job worked on in this process, without messages: claim, backend, decoding, mark, manifest,
hash and the transaction that ends it.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

CROWD = 50


def run(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./dev bench generation", description=__doc__)
    parser.add_argument("--jobs", type=int, default=100, help="for the latency")
    parser.add_argument("--many", type=int, default=500, help="jobs of the one who asks for many")
    options = parser.parse_args(arguments)
    os.environ |= {
        "FAILING_BACKEND": "ok",
        "DEFAULT_GENERATION_BACKEND": "failing",
        "JOBS_OPEN_PER_PERSON": str(options.many + 1),
        "JOB_QUEUE_LIMIT": str(2 * options.many + CROWD),
        "SIGNUP_CREDITS": str(10 * options.many),
    }
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    with _worker():
        floor = _latency(options.jobs)
        _a_crowd(options.many, floor)
    return 0


def _latency(jobs: int) -> float:
    """Jobs in this process and through the queue, in turn; the median seconds of the former."""
    owner = _person("latency")
    for _ in range(3):
        _through_the_queue(owner)
    pairs = [(_in_this_process(owner), _through_the_queue(owner)) for _ in range(jobs)]
    here, queued = (sorted(column) for column in zip(*pairs, strict=True))
    floor, median = statistics.median(here), statistics.median(queued)
    added = statistics.median(there - near for near, there in pairs)
    print(f"floor, from the request to the end in this process, {jobs} times:")
    print(f"  p50 {1000 * floor:.1f} ms")
    print("from the request to the event that tells of its end, through the queue, in turn:")
    print(f"  p50 {1000 * median:.1f} ms = {median / floor:.2f} floors")
    print(f"  p95 {1000 * queued[round(0.95 * jobs) - 1]:.1f} ms")
    print(f"  the queue adds {1000 * added:.1f} ms, median of the pairs (target 5)", flush=True)
    return floor


def _in_this_process(owner: Any) -> float:
    """Seconds from the request to its end; no worker is told of it."""
    from media_gen import engine, services
    from media_gen.events import JobQueued

    def untold(event: Any) -> None:
        if not isinstance(event, JobQueued):
            emit(event)

    emit = services.emit
    with patch.object(services, "emit", untold):
        began = time.perf_counter()
        job = _asked(owner)
        engine.run(job.pk)
    return time.perf_counter() - began


def _through_the_queue(owner: Any) -> float:
    """Seconds from the request until the channel of the job says that it succeeded."""
    import redis
    from django.conf import settings

    from media_gen import stream

    with redis.Redis.from_url(settings.REDIS_URL) as client, client.pubsub() as listening:
        listening.psubscribe(stream.channel("*"))
        began = time.perf_counter()
        wanted = str(_asked(owner).pk)
        for message in listening.listen():
            if message["type"] == "pmessage":
                news = json.loads(message["data"])["data"]
                if news["id"] == wanted and news.get("state") == "succeeded":
                    return time.perf_counter() - began
    raise AssertionError("the channel was closed")


@contextmanager
def _worker() -> Iterator[None]:
    command = "celery --quiet -A backend worker -Q generate -c 2 --without-mingle --without-gossip"
    worker = subprocess.Popen([sys.executable, "-m", *command.split(), "--loglevel", "ERROR"])
    try:
        yield
    finally:
        worker.terminate()
        worker.wait(60)


def _a_crowd(many: int, floor: float) -> None:
    """Fifty who ask once, after one who asked for hundreds."""
    from media_gen.models import GenerationJob

    greedy = _person("greedy")
    crowd = [_person(f"crowd{number}") for number in range(CROWD)]
    began = time.perf_counter()
    for _ in range(many):
        _asked(greedy)
    once = {_asked(owner).pk for owner in crowd}
    asked = time.perf_counter() - began
    before = GenerationJob.objects.exclude(finished_at=None).filter(owner=greedy).count()
    jobs = GenerationJob.objects.filter(owner__in=[greedy, *crowd])
    while left := jobs.filter(finished_at=None).count():
        print(f"\r  {left} jobs left ", end="", file=sys.stderr, flush=True)
        time.sleep(0.5)
    seconds = time.perf_counter() - began
    ended = list(jobs.order_by("finished_at").values_list("pk", flat=True))
    ranks = sorted(ended.index(job) + 1 for job in once)
    print(f"\none asks {many} times, then {CROWD} people once each ({asked:.1f} s of asking):")
    print(f"  {len(ended)} jobs in {seconds:.1f} s = {len(ended) / seconds:.1f} a second, with two")
    print(f"  processes = {len(ended) * floor / seconds:.2f} times one process without a queue")
    print(f"  {before} of the many had ended when the last one asked; the {CROWD} ended as")
    print(f"  numbers {ranks[0]} to {ranks[-1]} of all, the median as number {ranks[CROWD // 2]}")
    print(f"  {jobs.exclude(state='succeeded').count()} did not succeed", flush=True)


def _person(name: str) -> Any:
    from users.services import create_account

    return create_account(username=name, email=f"{name}@example.org", password="a long secret")


def _asked(owner: Any) -> Any:
    from media_gen.planning import Wish
    from media_gen.services import request_generation

    return request_generation(owner=owner, wish=Wish(prompt="a test", width=64, height=64))
