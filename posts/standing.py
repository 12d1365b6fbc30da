"""What has to be right after any change to a post: its tags, its flag, counts, who sees its images.

Parts of the verbs in services.py and publishing.py, inside their transactions.
"""

from collections.abc import Iterable
from uuid import UUID

from django.contrib.auth.models import AnonymousUser

from media import services as media
from media.models import AssetQuerySet
from posts.models import Comment, Post, Tag, shows_something
from posts.queries import assets_visible_to
from provenance.models import Record
from provenance.vocabulary import Flag
from users.models import User


def lock_person(user_id: UUID) -> None:
    """Before their images: counts are made one by one, and accounts do not change meanwhile."""
    User.objects.select_for_update(no_key=True).get(pk=user_id)


def refresh_exposure(*, assets: AssetQuerySet) -> None:
    """Tell media which of these images everybody may see now. The others get new addresses.

    Called after whatever may have changed it, and after the author's row was locked: so the
    account does not go private, or open, in between.
    """
    media.set_exposure(assets=assets.present(), posted=assets_visible_to(AnonymousUser()))


def refresh_flag(post: Post) -> None:
    flags = set(Record.objects.filter(asset__posts=post).values_list("flag", flat=True))
    order = [Flag.AI, Flag.UNKNOWN, Flag.HUMAN]
    flag = next((flag for flag in order if flag in flags), Flag.UNKNOWN)
    Post.objects.filter(pk=post.pk).update(flag=flag)


def set_tags(post: Post, names: Iterable[str]) -> None:
    names = sorted(set(names))
    Tag.objects.bulk_create([Tag(name=name) for name in names], ignore_conflicts=True)
    tags = Tag.objects.filter(name__in=names)
    post.tags.set(tags, through_defaults={"published_key": post.published_key})


def recount_posts(author_id: UUID) -> None:
    """How many posts a profile shows to everybody: a count must not tell of hidden ones."""
    lock_person(author_id)
    shown = Post.objects.filter(
        shows_something(),
        author=author_id,
        state=Post.State.PUBLISHED,
        limit="",
        visibility__in=[Post.Visibility.PUBLIC, Post.Visibility.UNLISTED],
    )
    User.objects.filter(pk=author_id).update(posts_count=shown.count())


def recount_comments(post_id: UUID) -> None:
    """How many comments are there to be read."""
    Post.objects.select_for_update(no_key=True).get(pk=post_id)  # counts are made one by one
    shown = Comment.objects.filter(post=post_id, deleted_at=None, limit="")
    Post.objects.filter(pk=post_id).update(comments_count=shown.count())
