"""What the two have in common: models as templates of an input, and how predictions end."""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from media_gen.backends.base import (
    Backend,
    Capabilities,
    GeneratedImage,
    Operation,
    Progress,
    Request,
    SizeRule,
)
from media_gen.backends.errors import Broken, Busy, Refused
from media_gen.backends.http import Provider
from media_gen.backends.options import table
from media_gen.backends.pictures import as_base64, from_address
from media_gen.backends.slots import filled, seed_of, slots_in, values_of
from provenance.vocabulary import SourceType

SIZES = SizeRule(minimum=64, maximum=2048, step=8)
INPUT = {
    "prompt": "{{prompt}}",
    "width": "{{width}}",
    "height": "{{height}}",
    "seed": "{{seed}}",
}
ENDED = {"succeeded", "failed", "canceled", "aborted"}
_PERCENT = re.compile(r"(\d{1,3})%\|")
_UNSAFE = re.compile(r"\bnsfw\b|safety|sensitive content|content policy", re.IGNORECASE)


class PredictionsBackend(Backend):
    """Options: `models`, name → {"version", "input", "operations"}; see docs/backends.md."""

    label = "Replicate"
    source_type = SourceType.TRAINED
    takes = frozenset({"base_url", "models", "sizes"})
    progress = Progress.NONE

    def __init__(self, alias: str, options: Mapping[str, Any], provider: Provider) -> None:
        super().__init__(alias, options)
        self.provider = provider
        self.models = table(options, "models")
        self._slots = {name: slots_in(self.template(name)) for name in self.models}

    def template(self, model: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.models[model].get("input", INPUT)
        return found

    @cached_property
    def capabilities(self) -> Capabilities:
        slots = set().union(*self._slots.values())
        of_model = {model: self._operations(model) for model in self.models}
        return Capabilities(
            operations=frozenset().union(*of_model.values()),
            model_operations=of_model,
            models=tuple(self.models),
            sizes=replace(SIZES, **self.options.get("sizes", {})),
            suggested_sizes=((1024, 1024), (1344, 768), (768, 1344)),
            max_count=4,
            seed="seed" in slots,
            strength="strength" in slots,
            negative_prompt="negative_prompt" in slots,
            progress=self.progress,
            previews=False,
            cancellable=True,
            deterministic=False,
        )

    def _operations(self, model: str) -> frozenset[Operation]:
        """What a model's input has room for, unless the configuration says it."""
        if named := self.models[model].get("operations"):
            return frozenset(Operation(name) for name in named)
        if "mask" in self._slots[model]:
            return frozenset({Operation.INPAINT})
        if "image" in self._slots[model]:
            return frozenset({Operation.IMAGE_TO_IMAGE, Operation.VARIATION})
        return frozenset({Operation.TEXT_TO_IMAGE})

    def input_of(self, request: Request, index: int) -> Any:
        files = {"image": _data_url(request.source), "mask": _data_url(request.mask)}
        return filled(self.template(request.model), values_of(request, index, **files))

    def image_of(
        self, request: Request, index: int, prediction: Mapping[str, Any]
    ) -> GeneratedImage:
        """The first image of a prediction that ended. Raises what its end means."""
        status, output = prediction.get("status"), prediction.get("output")
        if status == "canceled":
            raise Busy("The backend's work was cancelled elsewhere.")
        if status != "succeeded":
            said = str(prediction.get("error") or "")
            if _UNSAFE.search(said):
                raise Refused("The backend will not make this: its safety system refused.")
            raise Broken("The backend fell over.")
        first = output[0] if isinstance(output, list) and output else output
        if not isinstance(first, str):
            raise Broken("The backend said that it succeeded, but sent no image.", "no_image")
        return GeneratedImage(from_address(first, self.provider), seed_of(request, index))


def fraction_in(logs: str | None) -> float | None:
    """How far a prediction is, by the last progress bar in its logs."""
    found = _PERCENT.findall(logs or "")
    return min(int(found[-1]), 100) / 100 if found else None


def _data_url(data: bytes | None) -> str:
    return f"data:image/png;base64,{as_base64(data)}" if data else ""
