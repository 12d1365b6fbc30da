"""What happens to posts by itself."""

from uuid import UUID

from celery import shared_task

from media.models import Asset
from posts import boards, publishing, standing
from posts.models import Post


@shared_task
def publish_due() -> None:
    publishing.publish_due()


@shared_task
def count_remixes(post_id: str) -> None:
    """Of a post, and of those that show what its images were made of."""
    sources = Post.objects.filter(assets__record__children__child__asset__posts=UUID(post_id))
    for each in {UUID(post_id), *sources.values_list("pk", flat=True)}:
        standing.recount_remixes(each)


@shared_task
def count_remixes_of_account(user_id: str) -> None:
    """Of posts that show what somebody's images were made of: others see these now, or none do."""
    made = Asset.objects.filter(owner=UUID(user_id), uses__gt=0)
    sources = Post.objects.filter(assets__record__children__child__asset__in=made)
    for each in set(sources.values_list("pk", flat=True)):
        standing.recount_remixes(each)


@shared_task
def withdraw_from_boards(post_id: str) -> None:
    boards.withdraw_from_boards(post=Post.objects.get(pk=post_id))
