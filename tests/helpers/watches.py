"""Watches for trying a backend without an engine."""

from media_gen.backends.errors import CancelRequested


class Recorder:
    """Keeps what a backend tells. `stop_after` calls that may say so, the work is unwanted."""

    def __init__(self, handle=None, stop_after=None):
        self.handle = handle or {}
        self.fractions = []
        self.previews = []
        self.calls = 0
        self.stop_after = stop_after

    def report(self, fraction, preview=None):
        self.fractions.append(fraction)
        if preview is not None:
            self.previews.append(preview())
        self.check()

    def remember(self, handle):
        self.handle = dict(handle)
        self.check()

    def check(self):
        self.calls += 1
        if self.stop_after is not None and self.calls > self.stop_after:
            raise CancelRequested
