"""Calling the decoder: one program in the jail per file. Its report is checked, not believed."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from core import jail
from core.errors import DomainError
from provenance.readers.raw import RawMetadata

logger = logging.getLogger(__name__)
DECODER = Path(__file__).with_name("decoding") / "__main__.py"
LIMITS = jail.Limits(
    memory_bytes=528 * 1024 * 1024,
    cpu_seconds=15,
    wall_seconds=20.0,
    file_bytes=128 * 1024 * 1024,
)
# Each child may take half a gigabyte; a process lets so many work at once, and others wait.
CHILDREN_AT_ONCE = 4
WAIT_SECONDS = 15
_slots = BoundedSemaphore(CHILDREN_AT_ONCE)


class UnsupportedType(DomainError):
    """This is not an image of an accepted type."""

    status = 415
    code = "unsupported_type"
    field = "file"


class Undecodable(DomainError):
    """The image cannot be decoded within the limits."""

    status = 422
    code = "corrupt_image"
    field = "file"


class TooCostly(Undecodable):
    """Decoding took more time or memory than it may; on a busier or calmer day it might not."""

    code = "too_costly"


class DecodersBusy(DomainError):
    """Many images are being read just now. Try again in a moment."""

    status = 503
    code = "decoders_busy"


@dataclass(frozen=True, slots=True)
class RenditionOrder:
    """A file to make: `width` in pixels (never upscaled)."""

    path: Path
    width: int
    media_type: str


@dataclass(frozen=True, slots=True)
class RawOrder:
    """Bare pixels to compute with: brightness or colour, at most `side` pixels long."""

    path: Path
    side: int
    mode: Literal["L", "RGB"]


@dataclass(frozen=True, slots=True)
class RenditionReport:
    """A file that was made. `digest` is that of its decoded pixels."""

    path: Path
    width: int
    height: int
    media_type: str
    size: int
    digest: str


def _nothing() -> NDArray[np.uint8]:
    return np.empty((0, 0), np.uint8)


@dataclass(frozen=True, slots=True)
class Examination:
    """What a file is. Width and height are those of the upright picture.

    `raw`: the bare pixels that were ordered, height by width (by three), on white.
    """

    media_type: str
    width: int
    height: int
    frames: int
    digest: str
    metadata: RawMetadata
    renditions: tuple[RenditionReport, ...]
    blurhash: str = ""
    raw: NDArray[np.uint8] = field(default_factory=_nothing)


def examine(
    path: Path,
    renditions: Sequence[RenditionOrder] = (),
    *,
    raw: RawOrder | None = None,
    placeholder: bool = False,
) -> Examination:
    """Decode `path` in the sandbox. `placeholder`: its blurhash is wanted.

    Raises UnsupportedType, Undecodable, DecodersBusy.
    """
    order = {
        "path": str(path),
        "placeholder": placeholder,
        "raw": {"path": str(raw.path), "side": raw.side, "mode": raw.mode} if raw else None,
        "renditions": [
            {
                "path": str(wanted.path),
                "width": wanted.width,
                "media_type": wanted.media_type,
            }
            for wanted in renditions
        ],
    }
    if not _slots.acquire(timeout=WAIT_SECONDS):
        raise DecodersBusy(retry_after=5)
    try:
        return _run(order, renditions, raw)
    finally:
        _slots.release()


def _run(
    order: dict[str, Any], renditions: Sequence[RenditionOrder], raw: RawOrder | None
) -> Examination:
    try:
        report = jail.run(DECODER, order, limits=LIMITS)
        if refusal := report.get("error"):
            raise _refusal(str(refusal["code"]), str(refusal["detail"]))
        return _examination(report, renditions, raw)
    except jail.ProgramFailed as failure:
        logger.warning("the decoder failed: %s", failure)
        raise TooCostly from failure
    except (AttributeError, KeyError, TypeError, ValueError, OSError) as error:
        logger.exception("the decoder's report makes no sense")
        raise TooCostly from error


def _refusal(code: str, detail: str) -> DomainError:
    refusal = _KINDS.get(code, Undecodable)(detail)
    refusal.code = code
    return refusal


_KINDS: dict[str, type[DomainError]] = {
    "unsupported_type": UnsupportedType,
    "too_costly": TooCostly,
}


def _examination(
    report: dict[str, Any], orders: Sequence[RenditionOrder], raw: RawOrder | None
) -> Examination:
    """The report as an Examination; it may raise whatever wrong types raise."""
    return Examination(
        media_type=str(report["media_type"]),
        width=int(report["width"]),
        height=int(report["height"]),
        frames=int(report["frames"]),
        digest=str(report["digest"]),
        metadata=RawMetadata.from_report(report["metadata"]),
        renditions=tuple(
            RenditionReport(
                path=wanted.path,
                width=int(made["width"]),
                height=int(made["height"]),
                media_type=wanted.media_type,
                size=wanted.path.stat().st_size,
                digest=str(made["digest"]),
            )
            for wanted, made in zip(orders, report["renditions"], strict=True)
        ),
        blurhash=str(report.get("blurhash", "")),
        raw=_pixels(raw, report["raw"]) if raw else _nothing(),
    )


def _pixels(raw: RawOrder, report: dict[str, Any]) -> NDArray[np.uint8]:
    """The bare pixels, an array of the size that was reported. Raises ValueError for another."""
    height, width = int(report["height"]), int(report["width"])
    if not 0 < max(height, width) <= raw.side:
        raise ValueError("more pixels than were ordered")
    shape = (height, width) if raw.mode == "L" else (height, width, 3)
    return np.fromfile(raw.path, dtype=np.uint8).reshape(shape)
