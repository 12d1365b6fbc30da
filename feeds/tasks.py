"""What becomes of a publication, and of a home that nobody has read for long."""

from uuid import UUID

from celery import shared_task

from feeds import homes
from posts.models import Post
from users.models import User


@shared_task
def fan_out(post_id: str) -> None:
    homes.fan_out(Post.objects.select_related("author").get(pk=UUID(post_id)))


@shared_task
def fill_timeline(user_id: str) -> None:
    homes.fill(User.objects.get(pk=UUID(user_id)))
