"""What may go wrong while a backend works, and what the engine makes of it."""

from dataclasses import dataclass, field


@dataclass(eq=False)
class BackendError(Exception):
    """Base of what a backend raises. `detail` is shown to the person who asked."""

    detail: str
    code: str = field(default="broken")

    def __str__(self) -> str:
        return self.detail


@dataclass(eq=False)
class Busy(BackendError):
    """Not now: overloaded or away. Tried again after `retry_after` seconds, or the backoff."""

    code: str = "busy"
    retry_after: float | None = None


@dataclass(eq=False)
class Refused(BackendError):
    """The backend will not make this. Never tried again, never charged."""

    code: str = "refused_by_backend"


@dataclass(eq=False)
class BadRequest(BackendError):
    """The backend does not understand the request; `field` names what it stumbled over."""

    code: str = "bad_request"
    field: str | None = None


@dataclass(eq=False)
class Broken(BackendError):
    """The backend answered nonsense or fell over. An operator should look."""

    code: str = "backend_broken"


@dataclass(eq=False)
class Uncertain(BackendError):
    """The answer was lost after the work was sent: it may have been done, and paid by us.

    Tried once more at most.
    """

    code: str = "answer_lost"


@dataclass(eq=False)
class Unusable(BackendError):
    """Nobody can use this backend: a wrong key, no credit with the provider, a model that is gone.

    Not the asker's fault and not tried again; the backend is left alone for a while.
    """

    code: str = "backend_unusable"


@dataclass(eq=False)
class Missing(Unusable):
    """There is nothing at this address: of a provider that is set up wrongly, unless the adapter
    asked for a thing that may have gone, and says what that means."""


class Unwanted(Exception):
    """Nobody waits for the work any more. Raised by Watch; a backend lets it pass through.

    `stop_provider`: whether a provider that goes on by itself should be told to stop.
    """

    stop_provider = True


class CancelRequested(Unwanted):
    """The owner no longer wants the job."""


class DeadlinePassed(Unwanted):
    """The attempt took longer than the backend's DEADLINE."""


class LeaseLost(Unwanted):
    """Another worker owns the job now, or it has ended. It may go on with the provider's work."""

    stop_provider = False
