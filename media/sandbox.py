"""Calling the decoder: a fresh process per file, with a wall clock around it."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from core.errors import DomainError
from provenance.readers.raw import RawMetadata

DECODER = Path(__file__).with_name("decoder.py")
WALL_SECONDS = 20
# Each child may take a gigabyte; a process lets so many work at once, and others wait for a while.
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
    """A file to make: `width` in pixels (never upscaled), `xmp` the packet to write into it."""

    path: Path
    width: int
    media_type: str
    xmp: bytes | None = None


@dataclass(frozen=True, slots=True)
class RenditionReport:
    """A file that was made. `digest` is that of its decoded pixels."""

    path: Path
    width: int
    height: int
    media_type: str
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class Examination:
    """What a file is. Width and height are those of the upright picture."""

    media_type: str
    width: int
    height: int
    frames: int
    digest: str
    blurhash: str
    metadata: RawMetadata
    renditions: tuple[RenditionReport, ...]


def examine(
    path: Path, renditions: Sequence[RenditionOrder] = (), *, placeholder: bool = False
) -> Examination:
    """Decode `path` in the sandbox. Raises UnsupportedType, Undecodable, DecodersBusy."""
    order = {
        "path": str(path),
        "placeholder": placeholder,
        "renditions": [
            {
                "path": str(wanted.path),
                "width": wanted.width,
                "media_type": wanted.media_type,
                "xmp": wanted.xmp.decode() if wanted.xmp else None,
            }
            for wanted in renditions
        ],
    }
    if not _slots.acquire(timeout=WAIT_SECONDS):
        raise DecodersBusy(retry_after=5)
    try:
        return _examination(_run(json.dumps(order)))
    finally:
        _slots.release()


def _run(order: str) -> dict[str, Any]:
    try:
        done = subprocess.run(  # noqa: S603  # our own program, no shell
            [sys.executable, "-I", str(DECODER)],
            input=order,
            capture_output=True,
            text=True,
            timeout=WALL_SECONDS,
            check=False,
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
        )
    except subprocess.TimeoutExpired as error:
        raise TooCostly("Decoding took too long.") from error
    try:
        report: dict[str, Any] = json.loads(done.stdout)
    except ValueError as error:
        raise TooCostly("Decoding needed more than it may use.") from error
    if refusal := report.get("error"):
        raised = _KINDS.get(refusal["code"], Undecodable)(refusal["detail"])
        raised.code = refusal["code"]
        raise raised
    return report


_KINDS: dict[str, type[DomainError]] = {
    "unsupported_type": UnsupportedType,
    "too_costly": TooCostly,
}


def _examination(report: dict[str, Any]) -> Examination:
    return Examination(
        media_type=report["media_type"],
        width=report["width"],
        height=report["height"],
        frames=report["frames"],
        digest=report["digest"],
        blurhash=report["blurhash"],
        metadata=RawMetadata.from_report(report["metadata"]),
        renditions=tuple(
            RenditionReport(**{**made, "path": Path(made["path"])}) for made in report["renditions"]
        ),
    )
