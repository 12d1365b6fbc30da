"""Facts that have happened, in the words of the app that caused them.

An app's `events.py` holds frozen dataclasses of ids. What follows from an event is written in
one place only: `backend/reactions.py`.
"""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of all events. Fields are JSON scalars: ids and small facts, never objects."""

    @classmethod
    def name(cls) -> str:
        """The stable name under which the event is stored: `<app>.<Class>`."""
        return f"{cls.__module__.partition('.')[0]}.{cls.__name__}"

    def payload(self) -> dict[str, Any]:
        return asdict(self)
