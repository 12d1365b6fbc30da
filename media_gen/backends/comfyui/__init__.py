"""ComfyUI: workflows with named slots."""

from media_gen.backends.comfyui.backend import ComfyUIBackend

__all__ = ["ComfyUIBackend"]
