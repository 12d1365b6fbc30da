"""Keeps a list of services alive and shows what they say, until told to stop.

One thread and one loop: children are tied to the life of the thread that starts them, and a
single reader needs no locks.
"""

import os
import selectors
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType
from typing import IO

from devstack.errors import DevError
from devstack.processes import Child

_FIRST_DELAY, _LONGEST_DELAY = 1.0, 30.0  # seconds before a dead service is started again
_SETTLED = 60.0  # seconds of life after which a service's next death counts as its first
_TICK = 0.2  # seconds
_COLOURS = (36, 33, 35, 32, 34)  # cyan, yellow, magenta, green, blue


@dataclass
class Service:
    """A named program, how to start it (again) and how long it may take to end, in seconds.

    A `kept` service is restarted here but stopped by its owner, who knows its other users.
    """

    name: str
    start: Callable[[], Child]
    grace: float = 10.0
    child: Child | None = None
    kept: bool = False
    colour: int = 37
    unfinished: bytes = b""
    started_at: float = 0.0
    start_again_at: float | None = None
    delay: float = _FIRST_DELAY


@dataclass
class Supervisor:
    """Services in the order of their start; they are stopped in the reverse order."""

    services: list[Service] = field(default_factory=list)
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    _hurry: bool = False

    def add(self, service: Service) -> None:
        """Take the service in; start it, unless it comes with a child that runs already."""
        service.colour = _COLOURS[len(self.services) % len(_COLOURS)]
        self.services.append(service)
        if service.child is None:
            self._start(service)
        service.started_at = time.monotonic()

    def watch(self, until: Callable[[], bool] = lambda: False) -> None:
        """Show output and restart the dead until `until()` is true."""
        while not until():
            self._show_output(_TICK)
            for service in self.services:
                self._tend(service)

    def died(self, name: str) -> bool:
        """Whether the service of that name has died and waits to be started again."""
        return any(s.name == name and s.start_again_at is not None for s in self.services)

    def stop(self) -> None:
        """Stop every service that is not kept, last first; a second Ctrl-C takes the grace away."""
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {number: signal.signal(number, self._take_grace_away) for number in numbers}
        for service in reversed(self.services):
            if service.child and not service.kept:
                self._stop(service, service.child)
        self._show_output(0)
        self._selector.close()
        for number, handler in before.items():
            signal.signal(number, handler)

    def say(self, service: Service, line: str) -> None:
        """Print a line of a service, under its name."""
        width = max(len(each.name) for each in self.services)
        prefix = f"{service.name:<{width}} │"
        if sys.stdout.isatty() and "NO_COLOR" not in os.environ:
            prefix = f"\x1b[{service.colour}m{prefix}\x1b[0m"
        print(f"{prefix} {line}", flush=True)

    def _start(self, service: Service) -> None:
        service.start_again_at = None
        service.started_at = time.monotonic()
        service.child = service.start()
        if service.child.popen and service.child.popen.stdout:
            os.set_blocking(service.child.popen.stdout.fileno(), False)
            self._selector.register(service.child.popen.stdout, selectors.EVENT_READ, data=service)

    def _tend(self, service: Service) -> None:
        if service.start_again_at is not None:
            if time.monotonic() >= service.start_again_at:
                self._restart(service)
        elif service.child and not service.child.is_alive():
            self._bury(service, service.child)

    def _bury(self, service: Service, child: Child) -> None:
        """Clear away what a dead service left and decide when it starts again."""
        child.kill_group()
        self._show_output(0)
        if time.monotonic() - service.started_at > _SETTLED:
            service.delay = _FIRST_DELAY
        self.say(
            service, f"ended ({child.describe_end()}); starting it again in {service.delay:.0f} s"
        )
        service.start_again_at = time.monotonic() + service.delay
        service.delay = min(service.delay * 2, _LONGEST_DELAY)

    def _restart(self, service: Service) -> None:
        try:
            self._start(service)
        except DevError as error:
            self.say(service, f"{error}\nnext try in {service.delay:.0f} s")
            service.start_again_at = time.monotonic() + service.delay
            service.delay = min(service.delay * 2, _LONGEST_DELAY)
        else:
            self.say(service, "started again")

    def _stop(self, service: Service, child: Child) -> None:
        child.ask_to_stop()
        deadline = time.monotonic() + service.grace
        while child.is_alive() and time.monotonic() < deadline and not self._hurry:
            self._show_output(0.05)
        if child.is_alive():
            self.say(service, "did not end in time and was killed")
        child.kill_group()

    def _show_output(self, seconds: float) -> None:
        """Wait for output for at most `seconds`, then print the whole lines that came."""
        for key, _ in self._selector.select(seconds):
            stream: IO[bytes] = key.fileobj  # type: ignore[assignment] # we register only pipes
            chunk = stream.read(65536)
            if chunk:
                self._show_lines(key.data, chunk)
            elif chunk == b"":
                self._selector.unregister(stream)
                stream.close()

    def _show_lines(self, service: Service, chunk: bytes) -> None:
        *lines, service.unfinished = (service.unfinished + chunk).split(b"\n")
        for line in lines:
            self.say(service, line.decode(errors="replace").rstrip("\r"))

    def _take_grace_away(self, _number: int, _frame: FrameType | None) -> None:
        self._hurry = True
