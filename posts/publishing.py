"""From a draft to what others see, at once or later, and what becomes of it when it is edited."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from core.clock import now
from core.errors import Conflict, DomainError, NotFound
from core.ids import uuid7
from core.outbox import emit
from media.models import Asset
from posts.events import PostEdited, PostPublished
from posts.models import Post, PostQuerySet, PostTag, PostVersion
from posts.standing import (
    OPEN,
    lock_person,
    recount_posts,
    refresh_exposure,
    refresh_remixes,
    set_tags,
)

UNPUBLISHED = (Post.State.DRAFT, Post.State.SCHEDULED)
PUBLISHED_AT_ONCE = 100


class NothingToShow(DomainError):
    """A post needs an image, a text or a mood."""

    code = "empty_post"


class NotADraft(Conflict):
    """This post is published already."""

    code = "not_a_draft"


def as_published() -> dict[str, Any]:
    """The columns of a post that is published now, under a key of its own."""
    return {
        "state": Post.State.PUBLISHED,
        "publish_at": None,
        "published_key": uuid7(),
        "published_at": now(),
    }


def as_unpublished(publish_at: datetime | None) -> dict[str, Any]:
    """Those of a draft, or of what waits for its time."""
    state = Post.State.DRAFT if publish_at is None else Post.State.SCHEDULED
    return {"state": state, "publish_at": publish_at}


@transaction.atomic
def publish_post(*, post: Post) -> None:
    """Show a draft, or what waits for its time, to whom its visibility says. Raises NotADraft."""
    lock_person(post.author_id)
    columns = as_published()
    if not Post.objects.filter(pk=post.pk, state__in=UNPUBLISHED).update(**columns):
        raise NotADraft
    PostTag.objects.filter(post=post).update(published_key=columns["published_key"])
    recount_posts(post.author_id)
    refresh_exposure(assets=Asset.objects.filter(posts=post))
    refresh_remixes(post)
    emit(PostPublished(post_id=str(post.pk)))


@transaction.atomic
def schedule_post(*, post: Post, publish_at: datetime | None) -> None:
    """Let a draft be published at a time; None makes it a draft again. Raises NotADraft."""
    waiting = Post.objects.filter(pk=post.pk, state__in=UNPUBLISHED)
    if not waiting.update(**as_unpublished(publish_at)):
        raise NotADraft


def publish_due() -> int:
    """Publish what waits for a time that has come; how many. The suspended wait until they may."""
    found = _due().order_by("publish_at").values_list("pk", "author")[:PUBLISHED_AT_ONCE]
    return sum(_publish_if_due(post, author) for post, author in found)


def _due() -> PostQuerySet:
    return Post.objects.filter(
        state=Post.State.SCHEDULED,
        publish_at__lte=now(),
        author__limit="",
        author__is_active=True,
    )


@transaction.atomic
def _publish_if_due(post_id: UUID, author_id: UUID) -> bool:
    """Asked again when both are locked: its author may have changed their mind, or another worker
    was quicker, or a moderator."""
    lock_person(author_id)
    post = _due().select_for_update(of=("self",)).filter(pk=post_id).first()
    if post is None:
        return False
    publish_post(post=post)
    return True


@transaction.atomic
def edit_post(*, post: Post, changes: dict[str, Any]) -> None:
    """Apply validated changes; what a published post said before is kept.

    Another visibility may give the images new addresses. Raises NothingToShow, NotADraft, NotFound
    if it was deleted meanwhile.
    """
    lock_person(post.author_id)
    post = Post.objects.select_for_update().get(pk=post.pk)
    if post.state == Post.State.REMOVED:
        raise NotFound
    before = post.visibility
    if "publish_at" in changes:
        schedule_post(post=post, publish_at=changes.pop("publish_at"))
        post.refresh_from_db(fields=["state", "publish_at"])
    if post.state == Post.State.PUBLISHED:
        post.edited_at = now() if _keep_version(post, changes) else post.edited_at
    if "tags" in changes:
        set_tags(post, changes.pop("tags"))
    for name, value in changes.items():
        setattr(post, name, value)
    if not (post.kind == Post.Kind.IMAGE or post.body or post.mood):
        raise NothingToShow
    post.save()
    recount_posts(post.author_id)
    if post.visibility != before:
        refresh_exposure(assets=Asset.objects.filter(posts=post))
        refresh_remixes(post)
    if post.state == Post.State.PUBLISHED:
        emit(PostEdited(post_id=str(post.pk)))


def _keep_version(post: Post, changes: dict[str, Any]) -> bool:
    """Unless the words stay as they are; whether they change.

    What a private account says is for its followers, also when it opens later.
    """
    tags = sorted(post.tags.values_list("name", flat=True))
    said = {"body": post.body, "mood": post.mood, "tags": tags}
    wanted = {**said, **{name: changes[name] for name in said.keys() & changes.keys()}}
    if {**wanted, "tags": sorted(set(wanted["tags"]))} == said:
        return False
    closed = post.author.private and post.visibility in OPEN
    written_at = post.edited_at or post.published_at
    assert written_at is not None  # noqa: S101  # for the type: a constraint of the table
    PostVersion.objects.create(
        post=post,
        **said,
        visibility=Post.Visibility.FOLLOWERS if closed else post.visibility,
        written_at=written_at,
    )
    return True
