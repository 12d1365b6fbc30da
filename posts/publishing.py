"""From a draft to what others see, at once or later, and what becomes of it when it is edited."""

from typing import Any

from django.db import transaction

from core.clock import now
from core.errors import Conflict, DomainError
from core.ids import uuid7
from core.outbox import emit
from media.models import Asset
from posts.events import PostPublished
from posts.models import Post
from posts.standing import recount_posts, refresh_exposure, set_tags


class NothingToShow(DomainError):
    """A post needs an image, a text or a mood."""

    code = "empty_post"


class NotADraft(Conflict):
    """This post is published already."""

    code = "not_a_draft"


@transaction.atomic
def publish_post(*, post: Post) -> None:
    """Make a draft public to whom its visibility says. Raises NotADraft."""
    moment = now()
    drafts = Post.objects.filter(pk=post.pk, state=Post.State.DRAFT)
    if not drafts.update(state=Post.State.PUBLISHED, published_key=uuid7(), published_at=moment):
        raise NotADraft
    recount_posts(post.author_id)
    refresh_exposure(assets=Asset.objects.filter(posts=post))
    emit(PostPublished(post_id=str(post.pk)))


@transaction.atomic
def edit_post(*, post: Post, changes: dict[str, Any]) -> None:
    """Apply validated changes. Another visibility may give the images new addresses."""
    post = Post.objects.select_for_update().get(pk=post.pk)
    before = post.visibility
    if "tags" in changes:
        set_tags(post, changes.pop("tags"))
    for name, value in changes.items():
        setattr(post, name, value)
    has_images = post.kind == Post.Kind.IMAGE
    if not (has_images or post.body or post.mood):
        raise NothingToShow
    if post.state == Post.State.PUBLISHED:
        post.edited_at = now()
    post.save()
    recount_posts(post.author_id)
    if post.visibility != before:
        refresh_exposure(assets=Asset.objects.filter(posts=post))
