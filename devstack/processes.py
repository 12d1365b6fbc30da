"""Child processes that die with their parent and never leave anything behind."""

import contextlib
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO

import psutil

_SHIM = Path(__file__).with_name("shim.py")
_STOP_SIGNALS = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}

Command = list[str | Path]

# Every child that `spawn` started, so that an interrupt at the wrong moment cannot lose one.
_spawned: list["Child"] = []


@dataclass(frozen=True)
class Account:
    """The account that a server runs under when root may not run it."""

    uid: int
    gid: int

    @classmethod
    def nobody(cls) -> "Account":
        entry = pwd.getpwnam("nobody")
        return cls(entry.pw_uid, entry.pw_gid)

    def can(self, test: str, path: Path) -> bool:
        """Whether this account passes `test -x`, `-r` … on the path (parent folders count)."""
        command = ["test", f"-{test}", str(path)]
        done = subprocess.run(
            command, check=False, cwd="/", user=self.uid, group=self.gid, extra_groups=[]
        )
        return done.returncode == 0


class Child:
    """A process of ours: one that we started, or one of an earlier life that we adopted.

    A started child leads its own session, so that ending it can also end its own children.
    """

    def __init__(
        self,
        pid: int,
        popen: subprocess.Popen[bytes] | None = None,
        stop_signal: int = signal.SIGTERM,
    ) -> None:
        self.pid = pid
        self.popen = popen
        self.stop_signal = stop_signal

    def is_alive(self) -> bool:
        if self.popen is not None:
            return self.popen.poll() is None
        return is_alive(self.pid)

    def exit_code(self, seconds: float | None = None) -> int | None:
        """Wait for its end and return the exit code; None if it still runs or was adopted."""
        if self.popen is None:
            return None
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.popen.wait(seconds)
        return None

    def lines(self) -> Iterator[str]:
        """What it says, line by line until its end; for a child whose output is a pipe."""
        if self.popen and self.popen.stdout:
            with self.popen.stdout as stream:
                for line in stream:
                    yield line.decode(errors="replace").rstrip()

    def describe_end(self) -> str:
        """How it ended: "exit code 1", "signal SIGKILL"."""
        code = self.exit_code(0)
        if code is None:
            return "gone"
        return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"

    def ask_to_stop(self) -> None:
        """Send the signal that this program takes for an orderly end."""
        if self.is_alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, self.stop_signal)

    def stop(self, grace: float) -> None:
        """Ask it to end, wait at most `grace` seconds, then kill it and all that it left."""
        self.ask_to_stop()
        self._wait(grace)
        self.kill_group()

    def kill_group(self) -> None:
        """Kill what still lives of the child and of its process group."""
        kill = os.kill if self.popen is None else os.killpg
        if self.popen is not None or self.is_alive():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                kill(self.pid, signal.SIGKILL)
        self._wait(5)

    def _wait(self, seconds: float) -> None:
        if self.popen is not None:
            self.exit_code(seconds)
            return
        with contextlib.suppress(psutil.TimeoutExpired, psutil.NoSuchProcess):
            psutil.Process(self.pid).wait(seconds)


def is_alive(pid: int) -> bool:
    """Whether the process runs; a zombie, which containers without an init keep, does not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def wait_for_absence(names: Collection[str], directory: Path, seconds: float) -> bool:
    """Wait until no living program of these names works in the directory; False if one stays."""
    deadline = time.monotonic() + seconds
    while any(_works_in(process, directory) for process in _living(names)):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _living(names: Collection[str]) -> Iterator[psutil.Process]:
    for process in psutil.process_iter(["name", "status"]):
        if process.info["name"] in names and process.info["status"] != psutil.STATUS_ZOMBIE:
            yield process


def _works_in(process: psutil.Process, directory: Path) -> bool:
    with contextlib.suppress(psutil.Error):
        return bool(process.cwd() == str(directory))
    return False


def spawn(
    command: Sequence[str | Path],
    *,
    environment: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    account: Account | None = None,
    stop_signal: int = signal.SIGTERM,
    death_signal: int | None = None,
    stdin: str | None = None,
    output: IO[bytes] | int | None = None,
    errors: IO[bytes] | None = None,
) -> Child:
    """Start a child in its own session; its errors go where its output goes unless told.

    `stop_signal` asks it for an orderly end; it gets `death_signal` (the same unless given) when
    this process dies, on Linux. The kernel watches the *thread* that started the child: call this
    from the main thread only.
    """
    with _stop_signals_held():
        popen = subprocess.Popen(
            _shimmed(command, account, stop_signal if death_signal is None else death_signal),
            env=environment,
            cwd=cwd,
            stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
            stdout=output,
            stderr=errors or (None if output is None else subprocess.STDOUT),
            start_new_session=True,
        )
        child = Child(popen.pid, popen, stop_signal)
        _spawned.append(child)
    if stdin is not None and popen.stdin is not None:
        with contextlib.suppress(BrokenPipeError), popen.stdin as pipe:
            pipe.write(stdin.encode())
    return child


def run_quietly(
    command: Sequence[str | Path],
    *,
    environment: Mapping[str, str] | None = None,
    account: Account | None = None,
) -> tuple[int, str]:
    """Run a command to its end; return its exit code and all that it said."""
    child = spawn(command, environment=environment, account=account, output=subprocess.PIPE)
    said = "\n".join(child.lines())
    return child.exit_code() or 0, said


def run_in_foreground(command: Sequence[str | Path], environment: Mapping[str, str]) -> int:
    """Give the terminal to a command (shell, debugger, pytest) and return its exit code.

    Ctrl-C reaches it directly, so here it is only waited for; SIGTERM is passed on.
    """

    def pass_on(number: int, _frame: FrameType | None) -> None:
        if number != signal.SIGINT or not sys.stdin.isatty():
            popen.send_signal(number)

    with _stop_signals_held():
        popen = subprocess.Popen(_shimmed(command, None, signal.SIGTERM), env=environment)
        previous = {number: signal.signal(number, pass_on) for number in _STOP_SIGNALS}
    try:
        code = popen.wait()
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
    return 128 - code if code < 0 else code


def stop_leftovers() -> None:
    """End every started child that still lives; the last thing a command does."""
    for child in reversed(_spawned):
        if child.is_alive():
            child.stop(grace=10)


def _shimmed(
    command: Sequence[str | Path], account: Account | None, death_signal: int
) -> list[str]:
    uid, gid = (account.uid, account.gid) if account else (-1, -1)
    shim = [sys.executable, "-I", "-S", _SHIM, os.getpid(), int(death_signal), uid, gid]
    return [str(part) for part in (*shim, *command)]


@contextlib.contextmanager
def _stop_signals_held() -> Iterator[None]:
    """Let SIGINT and SIGTERM wait until the new child is on record (the shim lifts the mask)."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _STOP_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
