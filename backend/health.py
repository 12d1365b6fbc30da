"""Whether this process lives, and whether the service can do its work."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import redis
from django.conf import settings
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from core.clock import now
from core.tasks import canary_key

SILENT_AFTER_SECONDS = 120
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
        return (
            f"{type(error).__name__} {error}"
            if isinstance(error, SilentQueue)
            else (type(error).__name__)
        )
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
    """The bucket answers, or the folder can be written."""
    store: Any = default_storage
    if bucket := getattr(store, "bucket_name", None):
        store.connection.meta.client.head_bucket(Bucket=bucket)
        return
    folder = Path(store.location)
    folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK):
        raise PermissionError


def _workers() -> None:
    """Each queue's canary was heard lately. Not needed to be ready: jobs wait in the table."""
    oldest = now().timestamp() - SILENT_AFTER_SECONDS
    for queue in settings.CELERY_TASK_QUEUES:
        if (cache.get(canary_key(queue)) or 0) < oldest:
            raise SilentQueue(queue)


class SilentQueue(Exception):
    """No worker was heard at this queue."""


class PendingMigrations(Exception):
    """The database is older than the code."""


CHECKS: dict[str, Callable[[], None]] = {
    "database": _database,
    "migrations": _migrations,
    "storage": _storage,
    "redis": _redis,
    "workers": _workers,
}
