"""What uvicorn serves: the event streams in production (`live`), all of it in development."""

import os
import warnings

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")

# Files are read synchronously. That is right for `web`, which serves them in production; only in
# development they pass through here, where Django would warn at each of them.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous")

django.setup(set_prefix=False)

from backend.requests import LiveHandler  # noqa: E402  # needs the apps

application = LiveHandler()
