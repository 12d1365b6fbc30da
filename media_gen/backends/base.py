"""What a generation backend is. Knows neither the database nor the web nor Celery.

A backend gets a fully resolved Request, tells a Watch how it gets on, and returns a Result or
raises one of the errors of `errors.py`. The Watch raises Unwanted when nobody waits for the work
any more; a backend lets that pass through.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from media_gen.backends.errors import BadRequest
from provenance.vocabulary import SourceType


class Operation(StrEnum):
    TEXT_TO_IMAGE = "text_to_image"
    IMAGE_TO_IMAGE = "image_to_image"


class Progress(StrEnum):
    """How finely a backend can say how far it is."""

    NONE = "none"
    COARSE = "coarse"
    STEP = "step"


@dataclass(frozen=True, slots=True)
class SizeRule:
    """Sides in pixels: `minimum` ≤ side ≤ `maximum`, a multiple of `step`."""

    minimum: int
    maximum: int
    step: int = 1

    def allows(self, side: int) -> bool:
        return self.minimum <= side <= self.maximum and side % self.step == 0


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a backend can do; drives validation and `GET /api/v1/backends`."""

    operations: frozenset[Operation]
    models: tuple[str, ...]
    sizes: SizeRule
    suggested_sizes: tuple[tuple[int, int], ...]
    max_count: int
    seed: bool
    negative_prompt: bool
    progress: Progress
    previews: bool
    cancellable: bool
    deterministic: bool
    #: Image to image below this would be the input again.
    min_strength: float = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One job, fully resolved. `source` is the encoded input image of image→image.

    `strength` 0..1: how far the result may leave the source. `seed` is the first image's; the
    n-th uses seed + n. `attempt` counts from 1.
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


@dataclass(frozen=True, slots=True)
class GeneratedImage:
    """`png` bytes as the backend made them, and the seed that repeats them, if there is one."""

    png: bytes
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

    def check(self) -> None:
        """Go on only if the work is wanted; cheap enough to be called ten times a second."""


class Backend(ABC):
    """A configured backend. One instance per process and alias; must be safe to call in threads."""

    #: Shown to people.
    label: str
    #: What IPTC calls the work of this backend. A truthful statement, not a setting.
    source_type: SourceType

    def __init__(self, alias: str, options: Mapping[str, Any]) -> None:
        self.alias = alias
        self.options = options

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
        return int(self.options.get("price", 1)) * megapixels


def check_request(capabilities: Capabilities, request: Request) -> None:
    """Hold a request against what the backend can do. Raises BadRequest naming the field."""
    failures: Sequence[tuple[bool, str, str]] = (
        (request.operation in capabilities.operations, "operation", "not offered by this backend"),
        (request.model in capabilities.models, "model", "not offered by this backend"),
        (capabilities.sizes.allows(request.width), "width", _sides(capabilities.sizes)),
        (capabilities.sizes.allows(request.height), "height", _sides(capabilities.sizes)),
        (1 <= request.count <= capabilities.max_count, "count", f"1 to {capabilities.max_count}"),
        (
            capabilities.negative_prompt or not request.negative_prompt,
            "negative_prompt",
            "not understood by this backend",
        ),
        (
            request.operation is not Operation.IMAGE_TO_IMAGE
            or capabilities.min_strength <= request.strength <= 1.0,
            "strength",
            f"{capabilities.min_strength:g} to 1",
        ),
    )
    for holds, name, rule in failures:
        if not holds:
            raise BadRequest(f"{name}: {rule}.", field=name)


def _sides(sizes: SizeRule) -> str:
    multiple = f" in steps of {sizes.step}" if sizes.step > 1 else ""
    return f"{sizes.minimum} to {sizes.maximum} pixels{multiple}"
