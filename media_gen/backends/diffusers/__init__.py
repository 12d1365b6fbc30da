"""Weights on this machine's disk, run by Hugging Face's diffusers. An extra: docs/backends.md."""

from media_gen.backends.diffusers.backend import DiffusersBackend

__all__ = ["DiffusersBackend"]
