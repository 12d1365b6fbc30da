"""The privacy machine at length, and whether it finds what is planted.

A small community in which anything may happen in any order takes so many steps; after each, one
viewer looks at every surface, and sees what the oracle (tests/privacy/oracle.py) says and nothing
else. Then slips are planted one by one in what decides who sees what: each must be found.
"""

import argparse
import logging
import time

import django
from hypothesis import settings
from hypothesis.database import InMemoryExampleDatabase

PATIENCE = 5000


def run(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./dev bench privacy", description=__doc__)
    parser.add_argument("--steps", type=int, default=100_000, help="default: %(default)s")
    parser.add_argument("--leaks", metavar="WORDS", default="", help="only those with these words")
    given = parser.parse_args(arguments)
    django.setup()
    logging.getLogger("django.request").setLevel(logging.ERROR)
    from django.test.utils import setup_databases, setup_test_environment, teardown_databases

    setup_test_environment()
    created = setup_databases(verbosity=0, interactive=False)
    try:
        held = not given.steps or _walks(given.steps)
        missed = [name for name in _names(given.leaks) if not _is_found(name)]
    finally:
        teardown_databases(created, verbosity=0)
    print(f"not found: {', '.join(missed)}" if missed else "all were found")
    return 0 if held and not missed else 1


def _names(words: str) -> list[str]:
    from tests.privacy.leaks import LEAKS

    return [name for name in LEAKS if words in name]


def _walks(count: int) -> bool:
    """In parts, so that one sees it go on."""
    part = min(count, 5000)
    for done in range(part, count + part, part):
        began = time.monotonic()
        taken, fault = _take(part)
        spent = (time.monotonic() - began) / taken
        print(f"{done:>8} steps, {spent * 1000:.0f} ms each: {fault or 'all held'}", flush=True)
        if fault:
            return False
    return True


def _is_found(name: str) -> bool:
    from tests.privacy.leaks import LEAKS, planted

    with planted(LEAKS[name]):
        taken, fault = _take(PATIENCE)
    print(f"{name:<50} {f'{taken:>5} steps: {fault}' if fault else 'NOT FOUND'}", flush=True)
    return bool(fault)


def _take(count: int) -> tuple[int, str]:
    """How many steps were taken of `count`, and what went wrong at the last of them."""
    from hypothesis.stateful import run_state_machine_as_test

    from tests.privacy.machine import Community, steps

    Community.taken = 0
    try:
        run_state_machine_as_test(
            Community, settings=settings(steps(count), database=InMemoryExampleDatabase())
        )
    except Exception as error:  # noqa: BLE001  # whatever it is, it was noticed
        return Community.taken, str(error).partition("\n")[0] or repr(error)
    return Community.taken, ""
