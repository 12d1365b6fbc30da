"""What happens to posts by itself."""

from celery import shared_task

from posts import publishing


@shared_task
def publish_due() -> None:
    publishing.publish_due()
