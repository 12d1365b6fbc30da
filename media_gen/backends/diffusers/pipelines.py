"""Diffusers' pipelines. Imports torch: only a worker that has a job for it does so."""

import io
import threading
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any, Protocol

import torch
from diffusers import (
    AutoPipelineForImage2Image,
    AutoPipelineForInpainting,
    AutoPipelineForText2Image,
)
from PIL import Image, ImageOps

from media_gen.backends.base import Operation, Request
from media_gen.backends.errors import Broken, Refused, Unusable

PREVIEW_SIDE = 256
#: The four latent channels of Stable Diffusion as colours, about: a linear fit that is widely used.
COLOURS = torch.tensor(
    [
        [0.298, 0.207, 0.208],
        [0.187, 0.286, 0.173],
        [-0.158, 0.189, 0.264],
        [-0.184, -0.271, -0.473],
    ]
)
_ONE_AT_A_TIME = threading.Lock()


class Step(Protocol):
    """Called after every step with how far the image is; whatever it raises ends the work."""

    def __call__(self, fraction: float, preview: Callable[[], bytes] | None) -> None: ...


def made(
    request: Request,
    *,
    path: str,
    device: str | None,
    seed: int,
    steps: int,
    guidance: float,
    step: Step,
) -> bytes:
    """One image as PNG. Raises Broken, Refused, Unusable, and what `step` raises."""
    with _ONE_AT_A_TIME:
        pipeline = _pipeline(path, device or _best_device(), request.operation)
        given: dict[str, Any] = {
            "prompt": request.prompt,
            "negative_prompt": request.negative_prompt or None,
            "num_inference_steps": steps,
            "guidance_scale": guidance,
            # Drawn on the CPU, so that a seed means the same on every device.
            "generator": torch.Generator("cpu").manual_seed(seed),
            "callback_on_step_end": partial(_after_step, step),
            "callback_on_step_end_tensor_inputs": ["latents"],
            **_input(request),
        }
        try:
            result = pipeline(**given)
        except torch.cuda.OutOfMemoryError as error:
            torch.cuda.empty_cache()
            raise Broken("The picture is too large for the backend's memory.") from error
    if any(getattr(result, "nsfw_content_detected", None) or ()):
        raise Refused("The backend will not make this: its safety system refused.")
    return _png(result.images[0])


def _input(request: Request) -> dict[str, Any]:
    size = (request.width, request.height)
    if request.source is None:
        return {"width": request.width, "height": request.height}
    source = ImageOps.fit(_opened(request.source, "RGB"), size)
    if request.mask is None:
        return {"image": source, "strength": request.strength}
    return {
        "image": source,
        "mask_image": _opened(request.mask, "L"),
        "strength": request.strength,
        "width": request.width,
        "height": request.height,
    }


@lru_cache(maxsize=1)
def _loaded(path: str, device: str) -> Any:
    """The weights of a model; those of the one before go, for memory is for one."""
    kind = torch.float32 if device == "cpu" else torch.float16
    try:
        pipeline = AutoPipelineForText2Image.from_pretrained(
            path, local_files_only=True, dtype=kind
        )
    except (OSError, ValueError) as error:
        raise Unusable("The backend has no such weights.") from error
    pipeline.set_progress_bar_config(disable=True)
    return pipeline.to(device)


def _pipeline(path: str, device: str, operation: Operation) -> Any:
    loaded = _loaded(path, device)
    if operation is Operation.TEXT_TO_IMAGE:
        return loaded
    kind = (
        AutoPipelineForInpainting if operation is Operation.INPAINT else AutoPipelineForImage2Image
    )
    made = kind.from_pipe(loaded)
    made.set_progress_bar_config(disable=True)
    return made


def _best_device() -> str:
    return "cuda" if torch.cuda.is_available() else "cpu"


def _after_step(
    step: Step, pipeline: Any, index: int, timestep: int, tensors: dict[str, Any]
) -> dict[str, Any]:
    """Diffusers' callback. An image from an image has fewer steps than were asked for."""
    del timestep
    latents = tensors.get("latents")
    known = latents is not None and latents.ndim == 4 and latents.shape[1] == len(COLOURS)
    shown = partial(_preview, latents) if known else None
    step(min((index + 1) / max(pipeline.num_timesteps, 1), 1.0), shown)
    return tensors


def _preview(latents: Any) -> bytes:
    pixels = latents[0].float().cpu().permute(1, 2, 0) @ COLOURS
    grid = ((pixels + 1) / 2).clamp(0, 1).mul(255).byte().numpy()
    picture = Image.fromarray(grid)
    scale = max(1, PREVIEW_SIDE // max(picture.size))
    picture = picture.resize((picture.width * scale, picture.height * scale))
    picture.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=70)
    return buffer.getvalue()


def _opened(data: bytes, mode: str) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert(mode)


def _png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
