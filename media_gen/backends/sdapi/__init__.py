"""The API of the Stable Diffusion web UIs: A1111, Forge and servers that speak it."""

from media_gen.backends.sdapi.backend import SDAPIBackend

__all__ = ["SDAPIBackend"]
