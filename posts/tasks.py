"""What happens to posts by itself."""

from celery import shared_task

from posts import boards, publishing
from posts.models import Post


@shared_task
def publish_due() -> None:
    publishing.publish_due()


@shared_task
def withdraw_from_boards(post_id: str) -> None:
    boards.withdraw_from_boards(post=Post.objects.get(pk=post_id))
