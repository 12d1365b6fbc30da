"""What has to be right after any change to a post: its tags, its flag, counts, who sees its images.

Parts of the verbs in services.py and publishing.py, inside their transactions.
"""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import BooleanField, ExpressionWrapper, QuerySet

from core.prepared import any_of, ask, prepared
from media import services as media
from media.models import SHOWN, Asset, AssetQuerySet
from posts.models import Comment, Post, PostTag, Tag, shows_something
from posts.queries import assets_visible_to
from provenance.models import Record
from provenance.vocabulary import Flag
from users.models import User

#: Where everybody may see a post of somebody who is in the open.
OPEN = (Post.Visibility.PUBLIC, Post.Visibility.UNLISTED)
_LOCK_AUTHOR = """
    SELECT NOT private AND "limit" = '' AND is_active FROM users_user WHERE id = $1
       FOR NO KEY UPDATE
"""


def lock_person(user_id: UUID) -> None:
    """Before their images: counts are made one by one, and accounts do not change meanwhile."""
    User.objects.select_for_update(no_key=True).get(pk=user_id)


def lock_author(user_id: UUID) -> bool:
    """`lock_person`, and whether everybody may see what they publish for everybody."""
    (in_the_open,) = ask(_LOCK_AUTHOR, [user_id])[0]
    return bool(in_the_open)


class Look(NamedTuple):
    """An image as it is now: whether others may see it, if a post shows it to them."""

    shown: bool
    flag: str


def look_at(assets: list[UUID]) -> list[Look]:
    """Under the author's lock: what was read before it may have been hidden or held since."""
    return [Look(*row) for row in _looks(assets)]


@prepared()
def _looks(assets: list[UUID]) -> QuerySet[Asset, tuple[bool, str]]:
    shown = ExpressionWrapper(SHOWN, output_field=BooleanField())
    return Asset.objects.filter(pk__in=any_of(assets)).values_list(shown, "record__flag")


def refresh_exposure(*, assets: AssetQuerySet) -> None:
    """Tell media which of these images everybody may see now. The others get new addresses.

    Called after whatever may have changed it, and after the author's row was locked: so the
    account does not go private, or open, in between.
    """
    media.set_exposure(assets=assets.present(), posted=assets_visible_to(AnonymousUser()))


def refresh_flag(post: Post) -> None:
    flags = Record.objects.filter(asset__posts=post).values_list("flag", flat=True)
    Post.objects.filter(pk=post.pk).update(flag=most_ai_flag(flags))


def most_ai_flag(flags: Iterable[str]) -> Flag:
    """What a post of images with these flags is; `unknown` of none."""
    found = set(flags)
    return next(
        (flag for flag in (Flag.AI, Flag.UNKNOWN, Flag.HUMAN) if flag in found), Flag.UNKNOWN
    )


def set_tags(post: Post, names: Iterable[str]) -> None:
    post.tags.set(_tags(names), through_defaults={"published_key": post.published_key})


def put_under(post: Post, names: Iterable[str]) -> None:
    """The tags of a new post."""
    PostTag.objects.bulk_create(
        PostTag(post=post, tag=tag, published_key=post.published_key) for tag in _tags(names)
    )


def _tags(names: Iterable[str]) -> list[Tag]:
    wanted = sorted(set(names))
    if not wanted:
        return []
    found = list(Tag.objects.filter(name__in=wanted))
    if len(found) == len(wanted):
        return found
    Tag.objects.bulk_create([Tag(name=name) for name in wanted], ignore_conflicts=True)
    return list(Tag.objects.filter(name__in=wanted))


def recount_posts(author_id: UUID) -> None:
    """How many posts a profile shows to everybody: a count must not tell of hidden ones."""
    lock_person(author_id)
    shown = Post.objects.filter(
        shows_something(),
        author=author_id,
        state=Post.State.PUBLISHED,
        limit="",
        visibility__in=OPEN,
    )
    User.objects.filter(pk=author_id).update(posts_count=shown.count())


def recount_comments(post_id: UUID) -> None:
    """How many comments are there to be read."""
    Post.objects.select_for_update(no_key=True).get(pk=post_id)  # counts are made one by one
    shown = Comment.objects.filter(post=post_id, deleted_at=None, limit="")
    Post.objects.filter(pk=post_id).update(comments_count=shown.count())
