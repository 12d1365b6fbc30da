"""Where things lie: the repository, the data directory and what is kept in it."""

import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent

# Root hands the database server down to "nobody", who must be able to pass through.
_DIRECTORY_MODE = 0o711 if os.geteuid() == 0 else 0o700


def data_directory() -> Path:
    """The folder of everything that `./dev run` keeps: APP_DATA_DIR, or var/ in the repository."""
    return Path(os.environ.get("APP_DATA_DIR") or REPOSITORY / "var").expanduser().resolve()


def make_private(directory: Path) -> Path:
    """Create the directory if need be, closed to other accounts, and return it."""
    if not directory.is_dir():
        directory.mkdir(parents=True, exist_ok=True)
        directory.chmod(_DIRECTORY_MODE)
    return directory


def write_private(path: Path, text: str) -> None:
    """Replace the file in one step; at no moment can another account read it, or see half of it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
