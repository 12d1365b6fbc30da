"""What happens to jobs."""

from dataclasses import dataclass

from core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class JobQueued(Event):
    """A job waits for the workers of a queue, newly or again."""

    queue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFinished(Event):
    job_id: str
    state: str
