"""Blocking calls, with progress and interruption asked for beside them where the server has both.

Both are the server's, not a job's, so a server should be given one job at a time (CONCURRENCY 1).
"""

import math
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

import httpx

from media_gen.backends.base import (
    Backend,
    Capabilities,
    GeneratedImage,
    Operation,
    Progress,
    Request,
    Result,
    SizeRule,
    Watch,
    check_input,
    check_request,
)
from media_gen.backends.errors import BackendError, Broken
from media_gen.backends.http import Provider
from media_gen.backends.options import names, seconds
from media_gen.backends.pictures import as_base64, from_base64, preview_in
from media_gen.backends.slots import seed_of
from media_gen.backends.waiting import until_done
from provenance.vocabulary import SourceType

SIZES = SizeRule(minimum=64, maximum=2048, step=8)
#: A model of this name is whatever the server has loaded.
LOADED = "default"
PROGRESS_EVERY = 1.0
CROP_AND_RESIZE, KEEP_ORIGINAL = 1, 1


class SDAPIBackend(Backend):
    """Options: see docs/backends.md."""

    label = "Stable Diffusion"
    source_type = SourceType.TRAINED
    takes = frozenset(
        {"base_url", "authorization", "models", "sizes", "extra", "upscaler", "progress"}
        | {"progress_seconds", "seconds"}
    )

    def __init__(self, alias: str, options: Mapping[str, Any]) -> None:
        super().__init__(alias, options)
        self._models = names(options, "models", (LOADED,))
        self._provider = Provider(
            str(options["base_url"]),
            {"Authorization": options["authorization"]} if "authorization" in options else {},
            seconds(options, "seconds", 600),
        )
        self._tells = bool(options.get("progress", True))
        self._progress_seconds = seconds(options, "progress_seconds", PROGRESS_EVERY)

    @cached_property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            operations=frozenset(Operation),
            models=self._models,
            sizes=replace(SIZES, **self.options.get("sizes", {})),
            suggested_sizes=((512, 512), (768, 512), (512, 768), (1024, 1024)),
            max_count=4,
            seed=True,
            strength=True,
            negative_prompt=True,
            progress=Progress.COARSE if self._tells else Progress.NONE,
            previews=self._tells,
            cancellable=True,
            deterministic=False,
        )

    def generate(self, request: Request, watch: Watch) -> Result:
        check_request(self.capabilities, request)
        check_input(request)
        watch.report(0.0)
        every = self._progress_seconds if self._tells else math.inf
        progress = ProgressBeside(self._provider, watch, every)
        with self._provider.client() as client:

            def give_up() -> None:
                self._interrupt()
                client.close()

            answer = until_done(
                lambda: self._asked(client, request),
                watch,
                give_up=give_up,
                meanwhile=progress.look,
            )
        watch.report(1.0)
        return _result(request, answer)

    def _asked(self, client: httpx.Client, request: Request) -> Any:
        path, body = self._body(request)
        return self._provider.ask(client, "POST", path, json=body, starts_work=True)

    def _body(self, request: Request) -> tuple[str, dict[str, Any]]:
        source = as_base64(request.source or b"")
        if request.operation is Operation.UPSCALE:
            upscaler = self.options.get("upscaler", "Lanczos")
            sides = {"upscaling_resize_w": request.width, "upscaling_resize_h": request.height}
            body = {"image": source, "resize_mode": 1, "upscaler_1": upscaler, **sides}
            return "/sdapi/v1/extra-single-image", body
        body = {
            "prompt": request.prompt,
            "negative_prompt": request.negative_prompt,
            "seed": request.seed,
            "width": request.width,
            "height": request.height,
            "batch_size": request.count,
            **self.options.get("extra", {}),
        }
        if request.model != LOADED:
            body["override_settings"] = {"sd_model_checkpoint": request.model}
        if request.source is None:
            return "/sdapi/v1/txt2img", body
        body |= {
            "init_images": [source],
            "denoising_strength": request.strength,
            "resize_mode": CROP_AND_RESIZE,
        }
        if request.mask is not None:
            body |= {"mask": as_base64(request.mask), "inpainting_fill": KEEP_ORIGINAL}
        return "/sdapi/v1/img2img", body

    def _interrupt(self) -> None:
        """Ask the server to stop; one that cannot goes on for nobody."""
        try:
            self._provider.tell("/sdapi/v1/interrupt", json={})
        except BackendError:
            return


class ProgressBeside:
    """Asks now and then how far the server is, until it says that it knows no such things."""

    def __init__(self, provider: Provider, watch: Watch, seconds: float) -> None:
        self._provider = provider
        self._watch = watch
        self._every = seconds
        self._next = time.monotonic() + seconds

    def look(self) -> None:
        if time.monotonic() < self._next:
            return
        try:
            found = self._provider.get("/sdapi/v1/progress?skip_current_image=false")
            fraction = float(found["progress"])
        except (BackendError, KeyError, TypeError, ValueError):
            self._next = math.inf
            return
        picture = found.get("current_image")
        self._watch.report(fraction, preview_in(picture) if picture else None)
        self._next = time.monotonic() + self._every


def _result(request: Request, answer: Any) -> Result:
    try:
        if request.operation is Operation.UPSCALE:
            return Result((GeneratedImage(from_base64(answer["image"]), None),))
        # With several images some servers send a contact sheet of them first.
        images = [from_base64(text) for text in answer["images"]][-request.count :]
    except (KeyError, TypeError) as error:
        raise Broken("The backend answered in another shape than images have.") from error
    return Result(
        tuple(GeneratedImage(data, seed_of(request, index)) for index, data in enumerate(images))
    )
