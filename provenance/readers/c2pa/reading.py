"""Calling the program that parses manifest stores, in the jail."""

import logging
from collections.abc import Mapping
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from core import jail
from core.jail import Limits, ProgramFailed
from provenance.readers.c2pa.store import Store

logger = logging.getLogger(__name__)
PROGRAM = Path(__file__).with_name("program.py")
LIMITS = Limits(
    memory_bytes=768 * 1024 * 1024, cpu_seconds=8, wall_seconds=10, file_bytes=1024 * 1024
)
# As many as there are decoders (media.sandbox); others wait, which takes seconds at most.
READERS_AT_ONCE = 4
_slots = BoundedSemaphore(READERS_AT_ONCE)


def read(path: Path, trust: Mapping[str, Any]) -> Store:
    """The manifest store of the file at `path`. `trust`: TrustPolicy.settings.

    Never fails: a store that cannot be read, for whatever reason, is `unreadable`.
    """
    order = {"path": str(path), "trust": dict(trust)}
    try:
        with _slots:
            return Store.from_report(jail.run(PROGRAM, order, limits=LIMITS))
    except (ProgramFailed, KeyError, TypeError) as error:
        logger.warning("a manifest store cannot be read: %s", error)
        return Store(state="unreadable", error=type(error).__name__)
