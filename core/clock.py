"""The one source of the present moment."""

from datetime import datetime

from django.utils import timezone


def now() -> datetime:
    """The present, aware and in UTC."""
    return timezone.now()
