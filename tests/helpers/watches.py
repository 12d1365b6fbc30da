"""Watches for trying a backend without an engine."""

import time
from contextlib import suppress

from media_gen.backends.errors import BackendError, CancelRequested


class Recorder:
    """Keeps what a backend tells. After `stop_after` calls the work is unwanted, and `why`."""

    def __init__(self, handle=None, stop_after=None, why=CancelRequested):
        self.handle = handle or {}
        self.fractions = []
        self.previews = []
        self.calls = 0
        self.stop_after = stop_after
        self.why = why

    def report(self, fraction, preview=None):
        self.fractions.append(fraction)
        if preview is not None:
            with suppress(BackendError):  # as the engine: no reason to lose the work
                self.previews.append(preview())
        self.check()

    def remember(self, handle):
        self.handle = dict(handle)
        self.check()

    def pause(self, seconds):
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(0.1, left))
            self.check()

    def check(self):
        self.calls += 1
        if self.stop_after is not None and self.calls > self.stop_after:
            raise self.why
