"""What has to be right after any change to a post: its tags, its flag, counts, who sees its images.

Parts of the verbs in services.py and publishing.py, inside their transactions.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Q,
    QuerySet,
    UUIDField,
    Value,
)
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast

from core.outbox import emit
from core.prepared import any_of, any_word, ask, prepared
from media import services as media
from media.models import SHOWN, Asset, AssetQuerySet
from posts.events import RemixReachChanged
from posts.models import Comment, Post, Tag, shows_something
from posts.queries import assets_visible_to
from provenance.models import LineageEdge
from provenance.vocabulary import Flag
from users.models import User

#: Where everybody may see a post of somebody who is in the open.
OPEN = (Post.Visibility.PUBLIC, Post.Visibility.UNLISTED)
_ENDS = ("child", "parent")
_COUNT_POSTS = """
    UPDATE users_user SET posts_count = posts_count + $2 WHERE id = $1
    RETURNING NOT private AND "limit" = '' AND is_active
"""


def lock_person(user_id: UUID) -> None:
    """Before their posts and images, so that nobody waits for another who waits for them: counts
    are made one by one, and accounts do not change meanwhile."""
    User.objects.select_for_update(no_key=True).get(pk=user_id)


def count_posts(author_id: UUID, more: int) -> bool:
    """`lock_person`, with so many posts more; whether all may see what they publish for all."""
    (in_the_open,) = ask(_COUNT_POSTS, [author_id, more])[0]
    return bool(in_the_open)


def refresh_exposure(*, assets: AssetQuerySet) -> None:
    """Tell media which of these images everybody may see now. The others get new addresses.

    Called after whatever may have changed it, and after the author's row was locked: so the
    account does not go private, or open, in between.
    """
    media.set_exposure(assets=assets.present(), posted=assets_visible_to(AnonymousUser()))


def refresh_remixes(post: Post) -> None:
    """Have those counted anew whose count may change with who sees this post."""
    if Asset.objects.filter(_has_kin(), posts=post).exists():
        emit(RemixReachChanged(post_id=str(post.pk)))


def refresh_flag(post: Post) -> None:
    """What its images that are shown make it; read when it is locked, so that of two changes at
    once the later sees what the earlier did."""
    Post.objects.select_for_update(no_key=True).get(pk=post.pk)
    shown = Asset.objects.shown().filter(posts=post)
    flag = most_ai_flag(shown.values_list("record__flag", flat=True))
    Post.objects.filter(pk=post.pk).update(flag=flag)


def most_ai_flag(flags: Iterable[str]) -> Flag:
    """What a post of images with these flags is; `unknown` of none."""
    found = set(flags)
    return next(
        (flag for flag in (Flag.AI, Flag.UNKNOWN, Flag.HUMAN) if flag in found), Flag.UNKNOWN
    )


def set_tags(post: Post, names: Iterable[str]) -> None:
    post.tags.set(_tags(names), through_defaults={"published_key": post.published_key})


def put_in(post_id: UUID, assets: Sequence[UUID]) -> Flag:
    """The images of a new post, in order; what those of them make it that are shown.

    After `media.refer_to`: a verdict that changes locks the images too, and so is seen here, or
    sees this post (`services.refresh_flags`).
    """
    put = _put_in(post_id, list(assets))
    if any(has_kin for *_, has_kin in put):
        emit(RemixReachChanged(post_id=str(post_id)))
    return most_ai_flag(flag for flag, shown, _ in put if shown)


@prepared(
    within="""
        WITH found (post_id, asset_id, position, flag, shown, has_kin) AS ({}), put AS (
            INSERT INTO posts_postasset (post_id, asset_id, position)
            SELECT post_id, asset_id, position FROM found)
        SELECT flag, shown, has_kin FROM found
    """
)
def _put_in(
    post_id: UUID, assets: list[UUID]
) -> QuerySet[Asset, tuple[UUID, UUID, int, str, bool, bool]]:
    of = Cast(Value(post_id), UUIDField())
    place = RawSQL("array_position(%s::uuid[], media_asset.id) - 1", (assets,))  # a constant
    rows = Asset.objects.filter(pk__in=any_of(assets))
    shown = ExpressionWrapper(SHOWN, output_field=BooleanField())
    has_kin = ExpressionWrapper(_has_kin(), output_field=BooleanField())
    return rows.values_list(of, "pk", place, "record__flag", shown, has_kin)


def _has_kin() -> Q:
    """A condition on images: they were made of others here, or others of them."""
    made_of, made = (LineageEdge.objects.filter(**{of: OuterRef("record")}) for of in _ENDS)
    return Q(Exists(made_of)) | Q(Exists(made))


def put_under(post: Post, names: Iterable[str]) -> None:
    """The tags of a new post."""
    wanted = set(names)
    if not wanted:
        return
    known = {name for (name,) in _put_under(post, post.published_key, sorted(wanted))}
    if new := sorted(wanted - known):
        _make_tags(new)
        _put_under(post, post.published_key, new)


@prepared(
    within="""
        WITH found (post_id, tag_id, published_key, name) AS ({}), put AS (
            INSERT INTO posts_post_tags (post_id, tag_id, published_key)
            SELECT post_id, tag_id, published_key FROM found)
        SELECT name FROM found
    """
)
def _put_under(
    post: Post, published_key: UUID | None, names: list[str]
) -> QuerySet[Tag, tuple[UUID, UUID, UUID | None, str]]:
    of, key = (Cast(Value(each), UUIDField()) for each in (post.pk, published_key))
    return Tag.objects.filter(name__in=any_word(names)).values_list(of, "pk", key, "name")


def _tags(names: Iterable[str]) -> list[Tag]:
    wanted = sorted(set(names))
    _make_tags(wanted)
    return list(Tag.objects.filter(name__in=wanted))


def _make_tags(names: Iterable[str]) -> None:
    """Those that there are not."""
    Tag.objects.bulk_create([Tag(name=name) for name in names], ignore_conflicts=True)


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


@transaction.atomic
def recount_remixes(post_id: UUID) -> None:
    """How many public posts show what was made of its images. Others it must not tell of."""
    Post.objects.select_for_update(no_key=True).get(pk=post_id)
    made = Asset.objects.shown().filter(record__parents__parent__asset__posts=post_id)
    public = Post.objects.visible_to(AnonymousUser()).discoverable().exclude(pk=post_id)
    count = public.filter(assets__in=made).distinct().count()
    Post.objects.filter(pk=post_id).exclude(remixes_count=count).update(remixes_count=count)


def recount_comments(post_id: UUID) -> None:
    """How many comments are there to be read."""
    Post.objects.select_for_update(no_key=True).get(pk=post_id)  # counts are made one by one
    shown = Comment.objects.filter(post=post_id, deleted_at=None, limit="")
    Post.objects.filter(pk=post_id).update(comments_count=shown.count())
