"""The Django project: settings, URL map, servers' entry points and the table of reactions."""

from backend.celery import app as celery_app

__all__ = ["celery_app"]
