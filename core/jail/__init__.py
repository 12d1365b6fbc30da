"""Running a program that handles other people's bytes, so that it can harm nobody.

Each call is a fresh process: `launch.py` limits itself, gives up the network, and only then runs
the program. An order goes in as JSON, one JSON report comes out, anything else is ProgramFailed.
What holds on which machine: docs/architecture.md, "The jail".
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from tempfile import TemporaryFile
from time import monotonic
from typing import IO, Any

from django.conf import settings

LAUNCHER = Path(__file__).with_name("launch.py")
MAX_REPORT_BYTES = 16 * 1024 * 1024
MAX_COMPLAINT_BYTES = 2000
_CHUNK_BYTES = 64 * 1024
# Nothing of the service's own environment: its secrets are there. One arena of memory, because
# each that glibc adds for a thread takes 64 MiB of the address space.
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "1"}


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may take: address space, CPU time, time by the clock, largest file written."""

    memory_bytes: int
    cpu_seconds: int
    wall_seconds: float
    file_bytes: int


class ProgramFailed(Exception):
    """The program ended in any other way than with a report.

    `reason` is `time` (by the clock), `signal` (also at a limit), `exit` (a status that is not
    zero), `output` (too much of it, or no JSON object). The message holds the program's last words.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason


def run(program: Path, order: Mapping[str, Any], *, limits: Limits) -> dict[str, Any]:
    """Run a Python program (a file, or a folder with `__main__.py`) and return its report.

    The program reads `order` from its standard input and prints a JSON object. It inherits no
    environment, no descriptors, no network, and none of its processes outlives it.
    Raises ProgramFailed.
    """
    demand = asdict(limits) | {"network_must_be_cut": settings.JAIL_MUST_HOLD}
    arguments = [sys.executable, "-I", str(LAUNCHER), str(program), json.dumps(demand)]
    with TemporaryFile() as given, TemporaryFile() as complaints:
        given.write(json.dumps(order).encode())
        given.seek(0)
        deadline = monotonic() + limits.wall_seconds
        with _session(arguments, given, complaints) as process:
            printed = _output(process, deadline)
            status = _status(process, deadline)
        if status:
            raise ProgramFailed("signal" if status < 0 else "exit", _last_words(status, complaints))
    return _report(printed)


def network_walls() -> tuple[str, ...]:
    """What keeps a jailed program off the network on this machine; empty if nothing does.

    `namespace`: a network namespace of its own, with nothing in it. `filter`: a system call filter
    that knows no sockets. Either is enough; both are put up where both are allowed.
    """
    probed = subprocess.run(  # noqa: S603  # our own program, no shell
        [sys.executable, "-I", str(LAUNCHER)],
        env=_ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=30,
        check=True,
    )
    return tuple(json.loads(probed.stdout))


@contextmanager
def _session(
    arguments: list[str], given: IO[bytes], complaints: IO[bytes]
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that leads a session of its own; at the end all that is left of it is killed."""
    process = subprocess.Popen(  # noqa: S603  # our own program, no shell
        arguments,
        env=_ENVIRONMENT,
        stdin=given,
        stdout=subprocess.PIPE,
        stderr=complaints,
        start_new_session=True,
    )
    with process:
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _output(process: subprocess.Popen[bytes], deadline: float) -> bytes:
    """All that the program prints. Raises ProgramFailed when it takes too long or is too much."""
    pipe = process.stdout
    assert pipe is not None  # noqa: S101  # for the type: it was asked for
    printed = bytearray()
    with DefaultSelector() as selector:
        selector.register(pipe, EVENT_READ)
        while (left := deadline - monotonic()) > 0:
            if not selector.select(left):
                continue
            chunk = os.read(pipe.fileno(), _CHUNK_BYTES)
            if not chunk:
                return bytes(printed)
            printed += chunk
            if len(printed) > MAX_REPORT_BYTES:
                raise ProgramFailed("output", f"more than {MAX_REPORT_BYTES} bytes")
    raise ProgramFailed("time", "it was still printing")


def _status(process: subprocess.Popen[bytes], deadline: float) -> int:
    """How the program ended. Raises ProgramFailed when it does not."""
    try:
        return process.wait(timeout=max(0.0, deadline - monotonic()))
    except subprocess.TimeoutExpired as error:
        raise ProgramFailed("time", "it had printed all and was still running") from error


def _last_words(status: int, complaints: IO[bytes]) -> str:
    end = complaints.seek(0, os.SEEK_END)
    complaints.seek(max(0, end - MAX_COMPLAINT_BYTES))
    return f"{status} {complaints.read().decode(errors='replace')}"


def _report(printed: bytes) -> dict[str, Any]:
    try:
        report = json.loads(printed)
    except (ValueError, RecursionError) as error:
        raise ProgramFailed("output", "no JSON") from error
    if not isinstance(report, dict):
        raise ProgramFailed("output", "no JSON object")
    return report
