"""Prints the names of all task queues, comma-separated: what a worker's -Q takes."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Print the names of all task queues, comma-separated."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(",".join(settings.CELERY_TASK_QUEUES))
