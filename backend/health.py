"""Whether this process lives, and whether the service can do its work."""

from collections.abc import Callable

import redis
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

REQUIRED = ("database", "migrations", "storage")


@require_safe
def livez(request: HttpRequest) -> JsonResponse:
    """The process answers. No I/O, so that a slow database does not get it killed."""
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Everything that a request may need. Redis may be away: the service then works, degraded."""
    checks = {name: _outcome(check) for name, check in CHECKS.items()}
    ready = all(checks[name] == "ok" for name in REQUIRED)
    return JsonResponse(
        {"status": "ok" if ready else "unavailable", "checks": checks},
        status=200 if ready else 503,
        headers={"Cache-Control": "no-store"},
    )


def _outcome(check: Callable[[], None]) -> str:
    try:
        check()
    except Exception as error:  # noqa: BLE001  # any failure of a part is that part's outcome
        return type(error).__name__
    return "ok"


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _migrations() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise PendingMigrations


def _redis() -> None:
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
    with client:
        client.ping()


def _storage() -> None:
    default_storage.exists("readyz")


class PendingMigrations(Exception):
    """The database is older than the code."""


CHECKS: dict[str, Callable[[], None]] = {
    "database": _database,
    "migrations": _migrations,
    "storage": _storage,
    "redis": _redis,
}
