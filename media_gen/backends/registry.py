"""The configured backends: settings.GENERATION_BACKENDS, in the form of Django's CACHES.

GENERATION_BACKENDS = {
    "alias": {
        "BACKEND": "dotted.path.Class",
        "OPTIONS": {…},          # what the class takes
        "QUEUE": "generate",     # the workers that serve it: a name of CELERY_TASK_QUEUES
        "CONCURRENCY": 8,        # jobs at a time
        "PER_MINUTE": None,      # jobs begun a minute, at most
        "DEADLINE": 600,         # seconds for one attempt
    }
}
"""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.connection import BaseConnectionHandler, ConnectionDoesNotExist
from django.utils.module_loading import import_string

from media_gen.backends.base import Backend


class UnknownBackend(ConnectionDoesNotExist):
    """No backend of this name is configured."""


class BackendHandler(BaseConnectionHandler):  # type: ignore[type-arg]  # not generic at run time
    """`backends["procedural"]`; instances are made on first use."""

    settings_name = "GENERATION_BACKENDS"
    exception_class = UnknownBackend

    def create_connection(self, alias: str) -> Backend:
        configured = self.settings[alias]
        made: Backend = import_string(configured["BACKEND"])(alias, configured.get("OPTIONS", {}))
        return made


@dataclass(frozen=True, slots=True)
class Terms:
    """How much may be asked of a backend. `deadline` in seconds, for one attempt."""

    queue: str = "generate"
    concurrency: int = 8
    per_minute: float | None = None
    deadline: float = 600.0


backends = BackendHandler()


def default_alias() -> str:
    return str(settings.DEFAULT_GENERATION_BACKEND)


def terms_of(alias: str) -> Terms:
    """Raises UnknownBackend."""
    configured: dict[str, Any] | None = settings.GENERATION_BACKENDS.get(alias)
    if configured is None:
        raise UnknownBackend(alias)
    given = {name.lower(): configured[name] for name in _TERMS if name in configured}
    return Terms(**given)


def aliases_on(queue: str) -> list[str]:
    """The backends that the workers of a queue serve."""
    return [alias for alias in settings.GENERATION_BACKENDS if terms_of(alias).queue == queue]


def queues() -> set[str]:
    """The queues that have a backend."""
    return {terms_of(alias).queue for alias in settings.GENERATION_BACKENDS}


_TERMS = ("QUEUE", "CONCURRENCY", "PER_MINUTE", "DEADLINE")
