"""The configured backends: settings.GENERATION_BACKENDS, in the form of Django's CACHES.

GENERATION_BACKENDS = {"alias": {"BACKEND": "dotted.path.Class", "OPTIONS": {…}}}
"""

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


backends = BackendHandler()


def default_alias() -> str:
    return str(settings.DEFAULT_GENERATION_BACKEND)
