"""What becomes of a publication, and of a home that nobody has read for long."""

from uuid import UUID

from celery import shared_task
from redis.exceptions import RedisError

from feeds import homes
from posts.models import Post
from users.models import User


@shared_task(
    autoretry_for=(RedisError,),
    retry_backoff=True,
    max_retries=10,
    acks_late=True,
    acks_on_failure_or_timeout=False,
    reject_on_worker_lost=True,
)
def fan_out(post_id: str) -> None:
    """Done in full, or done again: timelines say that they lack nothing."""
    post = Post.objects.select_related("author").filter(pk=UUID(post_id)).first()
    if post is not None:
        homes.fan_out(post)


@shared_task
def fill_timeline(user_id: str) -> None:
    """Lost, the timeline is begun again a minute later."""
    user = User.objects.filter(pk=UUID(user_id)).first()
    if user is not None:
        homes.fill(user)
