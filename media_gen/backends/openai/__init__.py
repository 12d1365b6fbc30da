"""The OpenAI Images API, at OpenAI or at any server that speaks it."""

from media_gen.backends.openai.backend import OpenAIBackend

__all__ = ["OpenAIBackend"]
