"""The zero-set-up backend: a painter that is an algorithm, not a trained model."""

from media_gen.backends.procedural.backend import ProceduralBackend

__all__ = ["ProceduralBackend"]
