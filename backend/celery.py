"""The Celery application. Messages carry ids only; the rows are the truth."""

import os
from typing import Any

from celery import Celery, Task, signals
from celery.app.defaults import DEFAULTS
from django.db import connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")

app = Celery("pentimento")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.on_after_configure.connect
def keep_settings(sender: Celery, **_: Any) -> None:
    """To look in Django's settings, by several names for each, is a fifth of sending a task."""
    sender.conf.update({name: sender.conf[name] for name in DEFAULTS})


@signals.task_prerun.connect
@signals.task_postrun.connect
def give_connections_back(sender: Task[..., Any], **_: Any) -> None:
    """Each task takes a connection that was checked. Celery itself would throw the pool away."""
    if not sender.request.is_eager:
        for connection in connections.all(initialized_only=True):
            connection.close()
