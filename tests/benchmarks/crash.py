"""Everything dies under jobs: the worker at every point in every way, Redis, Postgres, the store.

After each part every job must be at its one end within a minute of its lease, charged or released
once, with one image at most, and the ledger must agree with the jobs (`manage.py reconcile`).
"""

import argparse
import time
from collections.abc import Callable
from contextlib import suppress

import psycopg
import redis

from tests.helpers.crash_matrix import Matrix, mortal_stack
from tests.helpers.crashing import HOWS, POINTS

QUEUED = 30
CUTS = 8


def run(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./dev bench crash", description=__doc__)
    parser.parse_args(arguments)
    failures = 0
    with mortal_stack() as matrix:
        failures += _matrix(matrix)
        failures += _part("Redis is emptied while jobs are queued", matrix, _redis_emptied)
        failures += _part("Postgres ends all connections, again and again", matrix, _cut_off)
    with mortal_stack(CRASH_STORAGE="0.5") as matrix:
        failures += _part("every second write to the store fails", matrix, _store_away)
    print("all held" if not failures else f"{failures} did not hold")
    return min(failures, 1)


def _matrix(matrix: Matrix) -> int:
    """A row for each point, a column for each way: the state of the job, and its seconds."""
    failures = 0
    print(f"{'':<12}" + "".join(f"{how:>18}" for how in HOWS), flush=True)
    for point in POINTS:
        cells = []
        for how in HOWS:
            began = time.monotonic()
            state = matrix.die([(point, how)])[point, how]
            cells.append(f"{state:>11} {time.monotonic() - began:4.1f} s")
            failures += state != "succeeded"
        print(f"{point:<12}" + "".join(f"{cell:>18}" for cell in cells), flush=True)
    return failures + _told(matrix)


def _part(name: str, matrix: Matrix, happens: Callable[[Matrix], list[str]]) -> int:
    began = time.monotonic()
    jobs = happens(matrix)
    matrix.wait(jobs)
    states = list(matrix.states(jobs).values())
    ended = ", ".join(f"{states.count(state)} {state}" for state in sorted(set(states)))
    print(f"{name}: {len(jobs)} jobs, {ended}, {time.monotonic() - began:.1f} s", flush=True)
    return _told(matrix)


def _told(matrix: Matrix) -> int:
    faults = matrix.faults()
    for fault in faults:
        print(f"  DOES NOT HOLD: {fault}", flush=True)
    return len(faults)


def _redis_emptied(matrix: Matrix) -> list[str]:
    """With no worker there is nobody to take the messages before they are lost."""
    matrix.stack.kill("worker")
    jobs = [matrix.ask("while Redis is emptied") for _ in range(QUEUED)]
    with redis.Redis.from_url(matrix.stack.env["REDIS_URL"]) as client:
        client.flushdb()
    matrix.stack.start_worker()
    return jobs


def _cut_off(matrix: Matrix) -> list[str]:
    jobs = [matrix.ask("while Postgres cuts off") for _ in range(QUEUED)]
    for _ in range(CUTS):
        time.sleep(0.5)
        with (
            suppress(psycopg.OperationalError),
            psycopg.connect(matrix.stack.env["DATABASE_URL"], autocommit=True) as connection,
        ):
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
    return jobs


def _store_away(matrix: Matrix) -> list[str]:
    return [matrix.ask("while the store fails") for _ in range(QUEUED)]
