"""Local weights as a backend.

Torch is imported with the first job, by the worker that does it: web processes and other workers
need neither it nor its memory.
"""

import importlib.util
import math
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from media_gen.backends.base import (
    MIN_STRENGTH,
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
from media_gen.backends.errors import Unusable
from media_gen.backends.options import table, whole
from media_gen.backends.slots import seed_of
from provenance.vocabulary import SourceType

SIZES = SizeRule(minimum=64, maximum=2048, step=8)
OPERATIONS = frozenset(Operation) - {Operation.UPSCALE}
STEPS, GUIDANCE = 25, 7.0


class DiffusersBackend(Backend):
    """Options: see docs/backends.md."""

    label = "Diffusers"
    source_type = SourceType.TRAINED
    takes = frozenset({"models", "device", "steps", "guidance", "sizes"})

    def __init__(self, alias: str, options: Mapping[str, Any]) -> None:
        super().__init__(alias, options)
        self._models: Mapping[str, str] = table(options, "models")
        self._steps = max(1, whole(options, "steps", STEPS))
        self._guidance = float(options.get("guidance", GUIDANCE))

    @cached_property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            operations=OPERATIONS,
            models=tuple(self._models),
            sizes=replace(SIZES, **self.options.get("sizes", {})),
            suggested_sizes=((512, 512), (768, 512), (512, 768), (1024, 1024)),
            max_count=4,
            seed=True,
            strength=True,
            negative_prompt=True,
            progress=Progress.STEP,
            previews=True,
            cancellable=True,
            deterministic=self.options.get("device") == "cpu",
            # Of fewer than one step a pipeline makes nothing.
            min_strength=max(MIN_STRENGTH, math.ceil(100 / self._steps) / 100),
        )

    def generate(self, request: Request, watch: Watch) -> Result:
        check_request(self.capabilities, request)
        check_input(request)
        watch.report(0.0)
        pipelines = self._pipelines()
        images = []
        for index in range(request.count):
            seed = seed_of(request, index)
            data = pipelines.made(
                request,
                path=self._models[request.model],
                device=self.options.get("device"),
                seed=seed,
                steps=self._steps,
                guidance=self._guidance,
                step=_Steps(watch, index, request.count),
            )
            images.append(GeneratedImage(data, seed))
        return Result(tuple(images))

    def _pipelines(self) -> Any:
        try:
            return importlib.import_module("media_gen.backends.diffusers.pipelines")
        except ImportError as error:
            raise Unusable("The backend is not installed on this worker.") from error


class _Steps:
    """The watch of one image among several."""

    def __init__(self, watch: Watch, index: int, count: int) -> None:
        self._watch, self._index, self._count = watch, index, count

    def __call__(self, fraction: float, preview: Any) -> None:
        self._watch.report((self._index + fraction) / self._count, preview)
