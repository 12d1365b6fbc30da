"""What happens to posts by itself."""

from celery import shared_task
from django.db.models import Q

from posts import boards, publishing, standing
from posts.models import Post


@shared_task
def publish_due() -> None:
    publishing.publish_due()


@shared_task
def count_remixes(asset_id: str) -> None:
    """Of the posts that show an image, and of those that show what it was made of."""
    shown = Q(assets=asset_id) | Q(assets__record__children__child__asset=asset_id)
    for post_id in set(Post.objects.filter(shown).values_list("pk", flat=True)):
        standing.recount_remixes(post_id)


@shared_task
def withdraw_from_boards(post_id: str) -> None:
    boards.withdraw_from_boards(post=Post.objects.get(pk=post_id))
