"""Workflows: those of the operator, exported in the API format, and plain ones for a checkpoint."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from media_gen.backends.base import Operation

Graph = Mapping[str, Any]
STEPS, GUIDANCE, SAMPLER, SCHEDULER = 25, 6.5, "dpmpp_2m", "karras"


def loaded(configured: Mapping[str, Any]) -> dict[Operation, Graph]:
    """What a model does: operation → a graph, or the path of a file that holds one.

    Raises ValueError for an unknown operation or a file that is no workflow.
    """
    found = {Operation(name): _graph(given) for name, given in configured.items()}
    if Operation.IMAGE_TO_IMAGE in found:
        found.setdefault(Operation.VARIATION, found[Operation.IMAGE_TO_IMAGE])
    return found


def for_checkpoint(checkpoint: str) -> dict[Operation, Graph]:
    """Text to image, image to image and inpainting with one file of `models/checkpoints`."""
    fresh = {
        "class_type": "EmptyLatentImage",
        "inputs": {"width": "{{width}}", "height": "{{height}}", "batch_size": 1},
    }
    source = {
        "load": {"class_type": "LoadImage", "inputs": {"image": "{{image}}"}},
        "sized": {
            "class_type": "ImageScale",
            "inputs": {
                "image": ["load", 0],
                "upscale_method": "lanczos",
                "width": "{{width}}",
                "height": "{{height}}",
                "crop": "center",
            },
        },
    }
    encoded = {
        "class_type": "VAEEncode",
        "inputs": {"pixels": ["sized", 0], "vae": ["checkpoint", 2]},
    }
    hole = {
        "where": {
            "class_type": "LoadImageMask",
            "inputs": {"image": "{{mask}}", "channel": "red"},
        },
        "whole": encoded,
    }
    masked = {
        "class_type": "SetLatentNoiseMask",
        "inputs": {"samples": ["whole", 0], "mask": ["where", 0]},
    }
    changed = {**_sampled(checkpoint, "{{strength}}"), **source, "latent": encoded}
    return {
        Operation.TEXT_TO_IMAGE: {**_sampled(checkpoint, 1.0), "latent": fresh},
        Operation.IMAGE_TO_IMAGE: changed,
        Operation.VARIATION: changed,
        Operation.INPAINT: {
            **_sampled(checkpoint, "{{strength}}"),
            **source,
            **hole,
            "latent": masked,
        },
    }


def _sampled(checkpoint: str, denoise: float | str) -> Graph:
    """From a latent to a saved image."""

    def text(slot: str) -> Graph:
        inputs = {"text": slot, "clip": ["checkpoint", 1]}
        return {"class_type": "CLIPTextEncode", "inputs": inputs}

    return {
        "checkpoint": {
            "class_type": "CheckpointLoaderSimple",
            "inputs": {"ckpt_name": checkpoint},
        },
        "positive": text("{{prompt}}"),
        "negative": text("{{negative_prompt}}"),
        "sampled": {
            "class_type": "KSampler",
            "inputs": {
                "model": ["checkpoint", 0],
                "positive": ["positive", 0],
                "negative": ["negative", 0],
                "latent_image": ["latent", 0],
                "seed": "{{seed}}",
                "steps": STEPS,
                "cfg": GUIDANCE,
                "sampler_name": SAMPLER,
                "scheduler": SCHEDULER,
                "denoise": denoise,
            },
        },
        "decoded": {
            "class_type": "VAEDecode",
            "inputs": {"samples": ["sampled", 0], "vae": ["checkpoint", 2]},
        },
        "saved": {
            "class_type": "SaveImage",
            "inputs": {"images": ["decoded", 0], "filename_prefix": "pentimento"},
        },
    }


def _graph(given: Any) -> Graph:
    graph = given if isinstance(given, Mapping) else json.loads(Path(given).read_text())
    if not all(isinstance(node, Mapping) and "class_type" in node for node in graph.values()):
        raise ValueError("this is no workflow in ComfyUI's API format (Workflow > Export (API))")
    return dict(graph)
