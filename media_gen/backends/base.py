"""What a generation backend is. Knows neither the database nor the web nor Celery.

A backend gets a fully resolved Request, tells a Watch how it gets on, and returns a Result or
raises one of the errors of `errors.py`. The Watch raises Unwanted when nobody waits for the work
any more; a backend lets that pass through.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from media_gen.backends.errors import BadRequest
from media_gen.backends.options import whole
from provenance.vocabulary import SourceType


class Operation(StrEnum):
    TEXT_TO_IMAGE = "text_to_image"
    IMAGE_TO_IMAGE = "image_to_image"
    #: Image to image near the source, for those who want more of the same.
    VARIATION = "variation"
    #: Only what is white in the mask is made anew.
    INPAINT = "inpaint"
    #: The same picture, larger.
    UPSCALE = "upscale"


#: Options of every backend: what it is called, and what a megapixel costs in credits.
TAKEN_BY_ALL = frozenset({"label", "price"})
MIN_STRENGTH = 0.05
#: Operations whose `strength` counts.
CHANGING = frozenset({Operation.IMAGE_TO_IMAGE, Operation.VARIATION, Operation.INPAINT})


class Progress(StrEnum):
    """How finely a backend can say how far it is."""

    NONE = "none"
    COARSE = "coarse"
    STEP = "step"


@dataclass(frozen=True, slots=True)
class SizeRule:
    """Sides in pixels: `minimum` ≤ side ≤ `maximum`, a multiple of `step`.

    `max_pixels`: of the whole picture. `max_ratio`: of the longer side to the shorter.
    """

    minimum: int
    maximum: int
    step: int = 1
    max_pixels: int | None = None
    max_ratio: float | None = None

    def allows(self, side: int) -> bool:
        return self.minimum <= side <= self.maximum and side % self.step == 0

    def in_proportion(self, width: int, height: int) -> bool:
        """Whether the two sides go together, each allowed by itself."""
        within = self.max_pixels is None or width * height <= self.max_pixels
        return within and (self.max_ratio is None or _ratio(width, height) <= self.max_ratio)

    def fit(self, width: int, height: int) -> tuple[int, int]:
        """The allowed size that is next to these sides and their proportions."""
        scale = min(1.0, self.maximum / max(width, height))
        if self.max_pixels is not None:
            scale = min(scale, math.sqrt(self.max_pixels / (width * height)))
        scale = max(scale, self.minimum / min(width, height))
        wide, high = (self._near(side * scale) for side in (width, height))
        if self.max_ratio is not None:
            most = self._near(self.max_ratio * min(wide, high))
            wide, high = min(wide, most), min(high, most)
        return wide, high

    def _near(self, side: float) -> int:
        lowest = -(-self.minimum // self.step) * self.step
        highest = self.maximum // self.step * self.step
        # Down, for up might be too many pixels.
        return int(min(max(side // self.step * self.step, lowest), highest))


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a backend can do; drives validation and `GET /api/v1/backends`."""

    operations: frozenset[Operation]
    models: tuple[str, ...]
    sizes: SizeRule
    suggested_sizes: tuple[tuple[int, int], ...]
    max_count: int
    seed: bool
    strength: bool
    negative_prompt: bool
    progress: Progress
    previews: bool
    cancellable: bool
    deterministic: bool
    #: A change below this would be the input again.
    min_strength: float = MIN_STRENGTH
    #: What each model does, where not every model does all.
    model_operations: Mapping[str, frozenset[Operation]] = field(default_factory=dict)

    def models_for(self, operation: Operation) -> tuple[str, ...]:
        return tuple(
            model
            for model in self.models
            if operation in self.model_operations.get(model, self.operations)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One job, fully resolved.

    `source` is the image to work from, an opaque sRGB PNG; `mask` a grey PNG of the same size,
    white where it is to be made anew (both in the size that is asked for). `strength` 0..1: how far
    the result may leave the source. `seed` is the first image's; the n-th uses seed + n. `attempt`
    counts from 1. `end_user` is a pseudonym of who asked, for providers that look for abuse.
    `hook`: an address where the provider may say that there is news; "" if it cannot reach us.
    """

    job_id: UUID
    attempt: int
    operation: Operation
    model: str
    prompt: str
    negative_prompt: str
    width: int
    height: int
    count: int
    seed: int
    strength: float
    source: bytes | None = None
    mask: bytes | None = None
    end_user: str = ""
    hook: str = ""


@dataclass(frozen=True, slots=True)
class GeneratedImage:
    """PNG, JPEG or WebP as the backend made it; the seed that repeats it, if there is one."""

    data: bytes
    seed: int | None


@dataclass(frozen=True, slots=True)
class Result:
    images: tuple[GeneratedImage, ...]


class Watch(Protocol):
    """Who waits for the work. Every method raises Unwanted once nobody does."""

    @property
    def handle(self) -> Mapping[str, Any]:
        """What an earlier attempt of this job remembered; empty at first."""

    def report(self, fraction: float, preview: Callable[[], bytes] | None = None) -> None:
        """Tell how far the work is, 0..1, and how to make a small JPEG of it."""

    def remember(self, handle: Mapping[str, Any]) -> None:
        """Keep what is needed to find the provider's work again, should this worker die."""

    def pause(self, seconds: float) -> None:
        """Let so many seconds pass, or fewer if the provider says at the hook that it has news."""

    def check(self) -> None:
        """Go on only if the work is wanted; cheap enough to be called ten times a second."""


class Backend(ABC):
    """A configured backend. One instance per process and alias; must be safe to call in threads."""

    #: Shown to people.
    label: str
    #: What IPTC calls the work of this backend. A truthful statement, not a setting.
    source_type: SourceType
    #: The names that its OPTIONS may have, besides those that every backend takes.
    takes: frozenset[str] = frozenset()

    def __init__(self, alias: str, options: Mapping[str, Any]) -> None:
        """Raises ValueError for options that cannot be meant."""
        if unknown := set(options) - self.takes - TAKEN_BY_ALL:
            known = ", ".join(sorted(self.takes | TAKEN_BY_ALL))
            raise ValueError(f"no such option: {', '.join(sorted(unknown))}. There are: {known}.")
        self.alias = alias
        self.options = options
        self._price = whole(options, "price", 1)
        if "label" in options:
            self.label = str(options["label"])

    @property
    @abstractmethod
    def capabilities(self) -> Capabilities: ...

    @abstractmethod
    def generate(self, request: Request, watch: Watch) -> Result:
        """Make `request.count` images. Raises a BackendError, and lets Unwanted pass."""

    def healthy(self) -> bool:
        """Whether a request made now has a chance."""
        return True

    def price(self, request: Request) -> int:
        """Credits for one image: one per started megapixel times the option `price` (1)."""
        megapixels = -(-request.width * request.height // (1024 * 1024))
        return self._price * megapixels


def check_request(capabilities: Capabilities, request: Request) -> None:
    """Hold a request against what the backend can do. Raises BadRequest naming the field."""
    failures: Sequence[tuple[bool, str, str]] = (
        (request.operation in capabilities.operations, "operation", "not offered by this backend"),
        (request.model in capabilities.models, "model", "not offered by this backend"),
        (
            request.model in capabilities.models_for(request.operation),
            "model",
            "does something else; see model_operations",
        ),
        (capabilities.sizes.allows(request.width), "width", _sides(capabilities.sizes)),
        (capabilities.sizes.allows(request.height), "height", _sides(capabilities.sizes)),
        (
            capabilities.sizes.in_proportion(request.width, request.height),
            "width",
            _proportions(capabilities.sizes),
        ),
        (1 <= request.count <= capabilities.max_count, "count", f"1 to {capabilities.max_count}"),
        (
            capabilities.negative_prompt or not request.negative_prompt,
            "negative_prompt",
            "not understood by this backend",
        ),
        (
            request.operation not in CHANGING
            or capabilities.min_strength <= request.strength <= 1.0,
            "strength",
            f"{capabilities.min_strength:g} to 1",
        ),
    )
    for holds, name, rule in failures:
        if not holds:
            raise BadRequest(f"{name}: {rule}.", field=name)


def check_input(request: Request) -> None:
    """Hold what a worker was given against what the operation needs. Raises BadRequest."""
    if request.operation is not Operation.TEXT_TO_IMAGE and request.source is None:
        raise BadRequest("parents: an image to work from is needed.", field="parents")
    if request.operation is Operation.INPAINT and request.mask is None:
        raise BadRequest("mask: needed to inpaint.", field="mask")


def _ratio(width: int, height: int) -> float:
    return max(width, height) / min(width, height)


def _proportions(sizes: SizeRule) -> str:
    rules = []
    if sizes.max_pixels is not None:
        rules.append(f"at most {sizes.max_pixels:,} pixels in all")
    if sizes.max_ratio is not None:
        rules.append(f"the longer side at most {sizes.max_ratio:g} times the shorter")
    return " and ".join(rules)


def _sides(sizes: SizeRule) -> str:
    multiple = f" in steps of {sizes.step}" if sizes.step > 1 else ""
    return f"{sizes.minimum} to {sizes.maximum} pixels{multiple}"
