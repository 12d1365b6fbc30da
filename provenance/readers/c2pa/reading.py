"""Calling the program that parses manifest stores, in the jail."""

import logging
from collections.abc import Mapping
from mmap import ACCESS_READ, mmap
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from core import jail
from core.jail import Limits, ProgramFailed
from provenance.readers.c2pa.store import ABSENT, Store

logger = logging.getLogger(__name__)
PROGRAM = Path(__file__).with_name("program.py")
LIMITS = Limits(
    memory_bytes=768 * 1024 * 1024, cpu_seconds=8, wall_seconds=10, file_bytes=1024 * 1024
)
# As many as there are decoders (media.sandbox); others wait, which takes seconds at most.
READERS_AT_ONCE = 4
_slots = BoundedSemaphore(READERS_AT_ONCE)
# Every store is labelled `c2pa` (C2PA 2.2, 11.1.4.2), compressed ones too; WebP's chunk is `C2PA`.
# One that is kept elsewhere is named by XMP's `dcterms:provenance`.
_SIGNS = (b"c2pa", b"C2PA", b"provenance")


def read(path: Path, trust: Mapping[str, Any]) -> Store:
    """The manifest store of the file at `path`. `trust`: TrustPolicy.settings.

    Never fails: a store that cannot be read, for whatever reason, is `unreadable`.
    """
    if not _may_hold_one(path):
        return ABSENT
    order = {"path": str(path), "trust": dict(trust)}
    try:
        with _slots:
            return Store.from_report(jail.run(PROGRAM, order, limits=LIMITS))
    except (ProgramFailed, KeyError, TypeError) as error:
        logger.warning("a manifest store cannot be read: %s", error)
        return Store(state="unreadable", error=type(error).__name__)


def _may_hold_one(path: Path) -> bool:
    """Whether it is worth starting a process: most files hold no sign of a manifest anywhere.

    The signs may stand in a file by chance; what they mean there only the program says.
    """
    with path.open("rb") as file:
        if not file.read(1):
            return False
        with mmap(file.fileno(), 0, access=ACCESS_READ) as content:
            return any(content.find(sign) >= 0 for sign in _SIGNS)
