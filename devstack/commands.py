"""The short commands: test, generate, manage, bench and servers."""

import argparse
import contextlib
import os
import signal
from pathlib import Path

from devstack import environment
from devstack.embedded import Servers, running_servers, throwaway_servers
from devstack.environment import module
from devstack.errors import DevError, failure
from devstack.paths import REPOSITORY, data_directory, make_private
from devstack.processes import run_in_foreground, run_quietly


def test(arguments: argparse.Namespace) -> int:
    """pytest on throwaway servers; its exit code."""
    with throwaway_servers() as servers:
        command = module("pytest", "-n", "3", *arguments.rest)
        return run_in_foreground(command, environment.development(servers, _files_of(servers)))


def generate(arguments: argparse.Namespace) -> int:
    """`manage.py generate`, on a database that has its tables."""
    with running_servers(data_directory()) as servers:
        variables = environment.development(servers, servers.data)
        migrate = environment.manage("migrate", "--no-input", "--verbosity", "0")
        run_step("The database could not be migrated", migrate, variables)
        rest = _from_where_we_stand(arguments.rest)
        return run_in_foreground(environment.manage("generate", *rest), variables)


def _from_where_we_stand(arguments: list[str]) -> list[str]:
    """`--out` as an absolute path: ./dev works in the repository, who calls it may not."""
    here = Path(os.environ.get("PWD", "."))
    return [
        str(here / value) if before == "--out" else value
        for before, value in zip(["", *arguments], arguments, strict=False)
    ]


def manage(arguments: argparse.Namespace) -> int:
    """manage.py with the kept servers up."""
    with running_servers(data_directory()) as servers:
        variables = environment.development(servers, servers.data)
        return run_in_foreground(environment.manage(*arguments.rest), variables)


def bench(arguments: argparse.Namespace) -> int:
    """A benchmark, on throwaway servers that are as durable as kept ones."""
    if not (REPOSITORY / "tests" / "benchmarks" / "__main__.py").exists():
        raise DevError("There are no benchmarks in this checkout (tests/benchmarks is missing).")
    with throwaway_servers(durable=True) as servers:
        command = module("tests.benchmarks", *arguments.rest)
        return run_in_foreground(command, environment.development(servers, _files_of(servers)))


def servers(arguments: argparse.Namespace) -> int:
    """Start both servers, print how to reach them and stay until SIGTERM or Ctrl-C."""
    either = throwaway_servers() if arguments.throwaway else running_servers(data_directory())
    with contextlib.suppress(KeyboardInterrupt), either as running:
        for name, value in running.environment.items():
            print(f"export {name}={value}", flush=True)
        signal.pause()
    return 0


def run_step(complaint: str, command: list[str], variables: dict[str, str]) -> str:
    """Run a command and return what it said; raises DevError with the complaint if it fails."""
    code, said = run_quietly(command, environment=variables)
    if code:
        raise failure(complaint, said, Path(variables["APP_DATA_DIR"]))
    return said


def _files_of(servers: Servers) -> Path:
    """The data directory of the code under test, beside that of its servers."""
    return make_private(servers.data / "files")
