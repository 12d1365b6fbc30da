"""A backend at a peer of its kind, as an operator would configure it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from media_gen.backends.comfyui import ComfyUIBackend
from media_gen.backends.diffusers import DiffusersBackend
from media_gen.backends.openai import OpenAIBackend
from media_gen.backends.replicate import CogBackend, ReplicateBackend
from media_gen.backends.sdapi import SDAPIBackend
from tests.helpers import tiny_diffusers
from tests.helpers.peers.comfyui import ComfyUIPeer
from tests.helpers.peers.openai import OpenAIPeer
from tests.helpers.peers.replicate import CogPeer, ReplicatePeer
from tests.helpers.peers.sdapi import SDAPIPeer
from tests.helpers.peers.serving import serving

PREDICTED = {
    "text": {"version": "someone/text:1"},
    "image": {
        "version": "someone/image:1",
        "input": {
            "prompt": "{{prompt}}, detailed",
            "image": "{{image}}",
            "prompt_strength": "{{strength}}",
            "width": "{{width}}",
            "height": "{{height}}",
            "seed": "{{seed}}",
        },
    },
}


@contextmanager
def openai(**peculiar: Any) -> Iterator[OpenAIBackend]:
    with serving(OpenAIPeer(**peculiar)) as peer:
        options = {"base_url": f"{peer.url}/v1", "models": ["m"], "sizes": {"minimum": 64}}
        yield OpenAIBackend("openai", options)


@contextmanager
def sdapi(**peculiar: Any) -> Iterator[SDAPIBackend]:
    with serving(SDAPIPeer(**peculiar)) as peer:
        peer.seconds = 0.15
        options = {"base_url": peer.url, "progress_seconds": 0.05}
        yield SDAPIBackend("sdapi", {**options, "progress": peculiar.get("knows_progress", True)})


@contextmanager
def replicate() -> Iterator[ReplicateBackend]:
    with serving(ReplicatePeer()) as peer:
        options = {"base_url": f"{peer.url}/v1", "models": PREDICTED, "poll_seconds": 0.01}
        yield ReplicateBackend("replicate", options)


@contextmanager
def cog() -> Iterator[CogBackend]:
    with serving(CogPeer()) as peer:
        yield CogBackend("cog", {"base_url": peer.url, "models": PREDICTED})


@contextmanager
def diffusers() -> Iterator[DiffusersBackend]:
    options = {"models": {"tiny": tiny_diffusers.weights()}, "device": "cpu", "steps": 4}
    yield DiffusersBackend("diffusers", options)


@contextmanager
def comfyui(**peculiar: Any) -> Iterator[ComfyUIBackend]:
    with serving(ComfyUIPeer(**peculiar)) as peer:
        options = {"base_url": peer.url, "checkpoints": ["sd.safetensors"], "look_seconds": 0.1}
        yield ComfyUIBackend("comfyui", options)
