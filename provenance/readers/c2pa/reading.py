"""Calling the program that parses manifest stores, in the jail."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core import jail
from core.jail import Limits, ProgramFailed
from provenance.readers.c2pa.store import Store

logger = logging.getLogger(__name__)
PROGRAM = Path(__file__).with_name("program.py")
LIMITS = Limits(
    memory_bytes=1024 * 1024 * 1024, cpu_seconds=8, wall_seconds=10, file_bytes=1024 * 1024
)


def read(path: Path, trust: Mapping[str, Any]) -> Store:
    """The manifest store of the file at `path`. `trust`: TrustPolicy.settings.

    Never fails: a store that cannot be read, for whatever reason, is `unreadable`.
    """
    try:
        report = jail.run(PROGRAM, {"path": str(path), "trust": dict(trust)}, limits=LIMITS)
        return Store.from_report(report)
    except (ProgramFailed, KeyError, TypeError) as error:
        logger.warning("a manifest store cannot be read: %s", error)
        return Store(state="unreadable", error=type(error).__name__)
