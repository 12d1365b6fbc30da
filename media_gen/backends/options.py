"""Reading a backend's OPTIONS. What cannot be meant is a ValueError that names the option."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit


def address(given: Any) -> str:
    """The base address of a provider, without a slash at its end."""
    parts = urlsplit(str(given))
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("base_url has to be an address like http://gpu:8188.")
    return str(given).rstrip("/")


def names(options: Mapping[str, Any], name: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
    """A list of names, for example of models."""
    given = options.get(name, default)
    if not isinstance(given, list | tuple) or not all(
        each and isinstance(each, str) for each in given
    ):
        raise ValueError(f"{name} is {given!r}, and has to be a list of names.")
    return tuple(given)


def table(options: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """What each name stands for."""
    given = options.get(name, {})
    if not isinstance(given, Mapping):
        raise ValueError(f"{name} is {given!r}, and has to be an object of names.")
    return given


def whole(options: Mapping[str, Any], name: str, default: int) -> int:
    """A whole number that is not negative."""
    given = options.get(name, default)
    if not isinstance(given, int) or isinstance(given, bool) or given < 0:
        raise ValueError(f"{name} is {given!r}, and has to be a whole number, 0 or more.")
    return given


def seconds(options: Mapping[str, Any], name: str, default: float) -> float:
    """A time that is not nothing."""
    given = options.get(name, default)
    if (
        not isinstance(given, int | float)
        or isinstance(given, bool)
        or not 0 < given < float("inf")
    ):
        raise ValueError(f"{name} is {given!r}, and has to be a number of seconds.")
    return float(given)
