"""Predictions: at replicate.com, or of a container that cog made, which anybody can run."""

from media_gen.backends.replicate.backend import ReplicateBackend
from media_gen.backends.replicate.cog import CogBackend

__all__ = ["CogBackend", "ReplicateBackend"]
