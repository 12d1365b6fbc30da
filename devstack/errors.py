"""The errors that a person at a terminal is meant to read."""

import errno
import shutil
from pathlib import Path

DISK_FULL = "the disk is full; free some space, or set APP_DATA_DIR to another disk"
_ALMOST_NOTHING = 1_000_000  # bytes
_SHOWN_LINES = 15


class DevError(Exception):
    """A failure told in one clear sentence; the command ends with exit code 1 and no traceback."""


def sentence_for(error: OSError) -> str:
    """Say in one sentence what the operating system refused."""
    where = f" ({error.filename})" if error.filename else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"Could not write{where}: {DISK_FULL}."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"No permission{where}; use a folder of your own, or set APP_DATA_DIR to one."
    return f"The operating system refused: {error.strerror or error}{where}."


def failure(what: str, said: str, disk: Path) -> DevError:
    """The error for a program that failed: the full disk if it is that, else its last words."""
    # A full disk may also have swallowed the log that would say so.
    if "No space left on device" in said or shutil.disk_usage(disk).free < _ALMOST_NOTHING:
        return DevError(f"{what}: {DISK_FULL}.")
    last_words = "\n".join(said.strip().splitlines()[-_SHOWN_LINES:])
    return DevError(f"{what}. Its last words:\n{last_words}" if last_words else f"{what}.")
