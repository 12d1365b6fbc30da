"""A backend that fails on purpose, for tests and drills. Never configured by default."""

from media_gen.backends.failing.backend import FailingBackend

__all__ = ["FailingBackend"]
