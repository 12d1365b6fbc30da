"""What people do with posts. One function, one transaction."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from core.clock import now
from core.errors import DomainError
from core.ids import uuid7
from core.outbox import emit
from media import services as media
from media.events import ImageReachChanged
from media.models import Asset
from posts.events import Commented, PostPublished, Reacted, ReactionTakenBack
from posts.models import (
    Comment,
    Post,
    Reaction,
    Tag,
    TagFollow,
    TagHide,
)
from posts.publishing import NothingToShow, as_published, as_unpublished
from posts.standing import (
    OPEN,
    count_posts,
    lock_person,
    put_in,
    put_under,
    recount_comments,
    recount_posts,
    refresh_exposure,
    refresh_flag,
    refresh_remixes,
)
from provenance.events import VerdictChanged
from users.events import AccountReachChanged
from users.models import User


class UnknownAssets(DomainError):
    """These images are not in your library."""

    code = "unknown_asset"
    field = "assets"


class RepeatedAsset(DomainError):
    """An image can be in a post only once."""

    code = "repeated_asset"
    field = "assets"


class ThreadTooDeep(DomainError):
    """Replies nest 20 deep. Answer further up."""

    code = "thread_too_deep"
    field = "parent"


@transaction.atomic
def create_post(
    *,
    author: User,
    assets: Sequence[UUID],
    body: str = "",
    mood: str = "",
    visibility: str = Post.Visibility.PUBLIC,
    tags: Iterable[str] = (),
    allow_remix: bool = True,
    allow_saving: bool = True,
    licence: str = Post.Licence.ALL_RIGHTS_RESERVED,
    draft: bool = False,
    publish_at: datetime | None = None,
) -> Post:
    """Write a post, and publish it unless it is a draft or has a time.

    What `publish_post` finds out about a post is known of a new one; so it is written as it will
    be, with what it changes about its author and its images. Raises NothingToShow, UnknownAssets.
    """
    if not (assets or body or mood):
        raise NothingToShow
    published = not draft and publish_at is None
    for_all = published and visibility in OPEN
    in_the_open = count_posts(author.pk, int(for_all))
    shown = _refer_to(author, assets, shown_to_all=for_all and in_the_open)
    if for_all and shown and not any(shown):
        count_posts(author.pk, -1)
    key = uuid7()
    post = Post.objects.create(
        id=key,
        author=author,
        kind=Post.Kind.IMAGE if assets else Post.Kind.TEXT,
        body=body,
        mood=mood,
        visibility=visibility,
        flag=put_in(key, assets),
        allow_remix=allow_remix,
        allow_saving=allow_saving,
        licence=licence,
        **(as_published() if published else as_unpublished(publish_at)),
    )
    put_under(post, tags)
    if published:
        emit(PostPublished(post_id=str(post.pk)))
    return post


@transaction.atomic
def remove_post(*, post: Post) -> None:
    """Delete a post of one's own. Its images stay in the library, under new addresses."""
    lock_person(post.author_id)
    post = Post.objects.select_for_update().get(pk=post.pk)
    if post.state == Post.State.REMOVED:
        return
    assets = list(post.assets.all())
    post.versions.all().delete()
    Post.objects.filter(pk=post.pk).update(
        state=Post.State.REMOVED, body="", mood="", publish_at=None
    )
    recount_posts(post.author_id)
    media.release(assets=assets)
    refresh_exposure(assets=Asset.objects.filter(posts=post))
    refresh_remixes(post)


@transaction.atomic
def react(*, post: Post, user: User, kind: str) -> None:
    """React once; a second time changes nothing."""
    try:
        with transaction.atomic():
            Reaction.objects.create(post=post, user=user, kind=kind)
    except IntegrityError:
        return
    Post.objects.filter(pk=post.pk).update(reactions_count=F("reactions_count") + 1)
    emit(Reacted(post_id=str(post.pk), user_id=str(user.pk), kind=kind))


@transaction.atomic
def unreact(*, post: Post, user: User, kind: str) -> None:
    gone, _ = Reaction.objects.filter(post=post, user=user, kind=kind).delete()
    if gone:
        Post.objects.filter(pk=post.pk).update(reactions_count=F("reactions_count") - 1)
        emit(ReactionTakenBack(post_id=str(post.pk), user_id=str(user.pk), kind=kind))


@transaction.atomic
def comment(*, post: Post, author: User, body: str, parent: Comment | None = None) -> Comment:
    """Say something under a post. Raises ThreadTooDeep."""
    if parent and _depth(parent) >= 20:
        raise ThreadTooDeep
    said = Comment.objects.create(post=post, author=author, body=body, parent=parent)
    recount_comments(post.pk)
    emit(Commented(comment_id=str(said.pk)))
    return said


@transaction.atomic
def delete_comment(*, comment: Comment) -> None:
    """Take a comment back, or away from under one's own post. Replies stay."""
    if Comment.objects.filter(pk=comment.pk, deleted_at=None).update(deleted_at=now(), body=""):
        recount_comments(comment.post_id)


@transaction.atomic
def follow_tag(*, user: User, name: str) -> None:
    """Meet posts under a tag at home. Who hid it wants to see it again."""
    lock_person(user.pk)
    tag, _ = Tag.objects.get_or_create(name=name)
    TagHide.objects.filter(user=user, tag=tag).delete()
    TagFollow.objects.get_or_create(user=user, tag=tag)


def unfollow_tag(*, user: User, name: str) -> None:
    TagFollow.objects.filter(user=user, tag__name=name).delete()


@transaction.atomic
def hide_tag(*, user: User, name: str) -> None:
    """Meet no posts under a tag. Who followed it does so no more."""
    lock_person(user.pk)
    tag, _ = Tag.objects.get_or_create(name=name)
    TagFollow.objects.filter(user=user, tag=tag).delete()
    TagHide.objects.get_or_create(user=user, tag=tag)


def unhide_tag(*, user: User, name: str) -> None:
    TagHide.objects.filter(user=user, tag__name=name).delete()


@transaction.atomic
def limit_post(*, post: Post, limit: str, decision_id: Any, reason_code: str) -> None:
    """Carry out what a Decision says about a post; an empty `limit` lifts it."""
    lock_person(post.author_id)
    Post.objects.filter(pk=post.pk).update(
        limit=limit, decision_id=decision_id, reason_code=reason_code
    )
    recount_posts(post.author_id)
    refresh_exposure(assets=Asset.objects.filter(posts=post))
    refresh_remixes(post)


def limit_comment(*, comment: Comment, limit: str, decision_id: Any, reason_code: str) -> None:
    """Carry out what a Decision says about a comment; an empty `limit` lifts it."""
    Comment.objects.filter(pk=comment.pk).update(
        limit=limit, decision_id=decision_id, reason_code=reason_code
    )
    recount_comments(comment.post_id)


def expose_account(event: AccountReachChanged) -> None:
    """An account went private or open, or was suspended or restored: so did its images."""
    refresh_exposure(assets=Asset.objects.filter(owner=UUID(event.user_id)))


def expose_image(event: ImageReachChanged) -> None:
    """An image was hidden by a Decision or held, or is shown again: so are posts of it alone."""
    asset = Asset.objects.get(pk=UUID(event.asset_id))
    recount_posts(asset.owner_id)
    for post in Post.objects.filter(assets=asset).order_by("pk"):
        refresh_flag(post)
        refresh_remixes(post)
    refresh_exposure(assets=Asset.objects.filter(pk=asset.pk))


def hold_posts(event: VerdictChanged) -> None:
    """Nobody else changes the posts that show the work until it is known what they are now."""
    shown = Post.objects.filter(assets__record=UUID(event.record_id)).order_by("pk")
    list(shown.select_for_update(of=("self",), no_key=True).values_list("pk"))


def refresh_flags(event: VerdictChanged) -> None:
    """A verdict changed: the posts that show the work may be candidates for other feeds."""
    for post in Post.objects.filter(assets__record=UUID(event.record_id)).order_by("pk"):
        refresh_flag(post)


def _refer_to(author: User, assets: Sequence[UUID], *, shown_to_all: bool) -> list[bool]:
    if len(set(assets)) != len(assets):
        raise RepeatedAsset
    try:
        return media.refer_to(owner=author, assets=assets, shown_to_all=shown_to_all)
    except media.AssetGone as error:
        raise UnknownAssets from error


def _depth(comment: Comment) -> int:
    depth, above = 1, comment.parent
    while above is not None:
        depth, above = depth + 1, above.parent
    return depth
