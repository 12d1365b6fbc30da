"""The environment variables of the commands that ./dev starts."""

import os
import sys
from pathlib import Path

from devstack.embedded import Servers

# Root in a container is common in development, and Celery's warning about it is eight lines long.
_WARNINGS = "ignore:You're running the worker with superuser"
_OFF = {"0", "false", "no", "off", ""}


def development(servers: Servers, data: Path) -> dict[str, str]:
    """Our own environment, completed for development; what is set already stays as it is."""
    defaults = {"DEBUG": "1", "PORT": "8000", "PYTHONUNBUFFERED": "1"}
    defaults["PYTHONWARNINGS"] = _WARNINGS
    return defaults | os.environ | servers.environment | {"APP_DATA_DIR": str(data)}


def is_debug() -> bool:
    return os.environ.get("DEBUG", "1").strip().lower() not in _OFF


def manage(*arguments: str) -> list[str]:
    """The command line of manage.py under this Python."""
    return [sys.executable, "manage.py", *arguments]


def module(name: str, *arguments: str) -> list[str]:
    """The command line of `python -m name` under this Python."""
    return [sys.executable, "-m", name, *arguments]
