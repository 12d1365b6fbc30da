"""What gunicorn serves as `web`: everything but the event streams."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")

django.setup(set_prefix=False)

from backend.requests import WebHandler  # noqa: E402  # needs the apps

application = WebHandler()
