from django.apps import AppConfig
from django.core.checks import register

from media_gen.checks import check_backends


class MediaGenConfig(AppConfig):
    name = "media_gen"
    verbose_name = "Generation"

    def ready(self) -> None:
        register(check_backends)
