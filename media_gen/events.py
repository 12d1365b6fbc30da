"""What happens to jobs."""

from dataclasses import dataclass

from core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class JobQueued(Event):
    """A job waits for a worker, newly or again. `delay` in seconds."""

    job_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFinished(Event):
    job_id: str
    state: str
