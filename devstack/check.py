"""`./dev check`: every static check, each reported with its time."""

import argparse
import difflib
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from devstack import environment
from devstack.embedded import throwaway_servers
from devstack.environment import manage, module
from devstack.paths import REPOSITORY, make_private
from devstack.processes import Child, spawn

_OPENAPI = REPOSITORY / "docs" / "openapi.yml"
_PRODUCTION = REPOSITORY / "tests" / "structure" / "production.env"
_AT_ONCE = 2

# Turns what a command printed into a complaint; empty when all is well.
Judge = Callable[[], str]


@dataclass(frozen=True)
class Check:
    """A command that must succeed, and what else must be true of its result."""

    name: str
    command: Sequence[str | Path]
    variables: Mapping[str, str]
    complaint: Judge = lambda: ""


@dataclass(frozen=True)
class Running:
    check: Check
    child: Child
    said: IO[bytes]
    began: float

    @classmethod
    def begin(cls, check: Check) -> "Running":
        said = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the check is reported
        child = spawn(check.command, environment=check.variables, cwd=REPOSITORY, output=said)
        return cls(check, child, said, time.monotonic())

    def report(self) -> bool:
        """Print the outcome, with what was said if it failed; True if the check passed."""
        with self.said:
            self.said.seek(0)
            said = self.said.read().decode(errors="replace")
        failed = self.child.exit_code() != 0
        complaint = said if failed else self.check.complaint()
        verdict = "failed" if failed or complaint else "ok"
        print(f"{verdict:<6} {self.check.name} ({time.monotonic() - self.began:.1f} s)")
        for line in complaint.splitlines():
            print(f"       {line}")
        sys.stdout.flush()
        return verdict == "ok"


def check(arguments: argparse.Namespace) -> int:
    """Run all checks, two at a time; 1 if any of them failed."""
    with throwaway_servers() as servers:
        variables = environment.development(servers, make_private(servers.data / "files"))
        described = servers.data / "openapi.yml"
        checks = _all_checks(variables, described, write_openapi=arguments.write_openapi)
        failed = sum(not passed for passed in _outcomes(checks))
    print(f"{failed} of {len(checks)} checks failed" if failed else "all checks passed")
    return 1 if failed else 0


def _all_checks(
    variables: Mapping[str, str], described: Path, *, write_openapi: bool
) -> list[Check]:
    production = {**variables, "DEBUG": "0", **_production_variables()}
    strict = ["--fail-level", "WARNING"]
    migrations = ["makemigrations", "--check", "--dry-run"]
    spectacular = ["spectacular", "--validate", "--fail-on-warn", "--file", str(described)]
    lint_imports = Path(sys.executable).with_name("lint-imports")
    openapi = _write if write_openapi else _differences
    # The slow one first, so that the quick ones run beside it.
    return [
        Check("mypy", module("mypy", "."), variables),
        Check("ruff check", module("ruff", "check", ".", "dev"), variables),
        Check("ruff format", module("ruff", "format", "--check", ".", "dev"), variables),
        Check("lint-imports", [lint_imports], variables),
        Check("migrations", manage(*migrations), variables),
        Check("manage.py check", manage("check", *strict), variables),
        Check("manage.py check --deploy", manage("check", "--deploy", *strict), production),
        Check("docs/openapi.yml", manage(*spectacular), variables, lambda: openapi(described)),
    ]


def _outcomes(checks: Sequence[Check]) -> Iterator[bool]:
    """Run the checks beside each other; yield whether each passed, in the order of their ends."""
    waiting, running = list(checks), list[Running]()
    while waiting or running:
        while waiting and len(running) < _AT_ONCE:
            running.append(Running.begin(waiting.pop(0)))
        time.sleep(0.05)
        for each in [each for each in running if not each.child.is_alive()]:
            running.remove(each)
            yield each.report()


def _production_variables() -> dict[str, str]:
    """The dummy but safe production settings that the deployment check is run with."""
    if not _PRODUCTION.exists():
        return {}
    lines = (line.strip() for line in _PRODUCTION.read_text().splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name.strip(): value.strip().strip("'\"") for name, _, value in pairs}


def _write(described: Path) -> str:
    _OPENAPI.parent.mkdir(exist_ok=True)
    _OPENAPI.write_bytes(described.read_bytes())
    return ""


def _differences(described: Path) -> str:
    """How the contract in the repository differs from the one that the code describes."""
    pinned = _OPENAPI.read_text().splitlines() if _OPENAPI.exists() else []
    fresh = described.read_text().splitlines()
    if pinned == fresh:
        return ""
    diff = difflib.unified_diff(pinned, fresh, "docs/openapi.yml", "the code", lineterm="")
    return "\n".join([*diff, "run ./dev check --write-openapi"])
