"""Questions about posts that other apps ask too."""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, Protocol, TypeVar
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from media.models import SHOWN, Asset, AssetQuerySet
from posts.models import (
    Board,
    BoardItem,
    Post,
    PostAsset,
    PostQuerySet,
    PostVersion,
    TagHide,
)
from provenance.evidence import standing
from provenance.models import LineageEdge
from provenance.origin import ai_ward
from provenance.vocabulary import DETECTORS, Grade, Origin
from users import preferences
from users.models import User, Viewer
from users.queries import is_following

# Items whose posts' authors let them be there.
_LET = Q(post__allow_saving=True) | Q(board__owner=F("post__author"))


def assets_visible_to(viewer: Viewer) -> AssetQuerySet:
    """One's own images, and those in posts that one may see. `media` itself serves owners only."""
    shown = PostAsset.objects.filter(asset=OuterRef("pk"), post__in=Post.objects.visible_to(viewer))
    mine = Q(owner=viewer.pk) if viewer.is_authenticated else Q(pk__in=[])
    return Asset.objects.present().filter(mine | (SHOWN & Q(Exists(shown))))


def met_in_public(viewer: Viewer) -> Q:
    """A condition on images: one's own, and those in public posts. Others one sees who was given a
    link to them, or may see them as a follower: that tells nobody what was made of what."""
    public = PostAsset.objects.filter(post__in=Post.objects.visible_to(viewer).discoverable())
    return Q(pk__in=public.values("asset")) | Q(owner=viewer.pk)


def first_images(posts: Iterable[UUID], viewer: Viewer) -> dict[UUID, Asset]:
    """Of each of the posts that `viewer` may see the first image that it shows, by post."""
    shown = Asset.objects.shown()
    rows = PostAsset.objects.filter(
        post__in=Post.objects.visible_to(viewer).filter(pk__in=posts), asset__in=shown
    )
    first = dict(rows.order_by("post", "position").distinct("post").values_list("post", "asset"))
    images = shown.hydrated().in_bulk(first.values())
    return {post: images[asset] for post, asset in first.items() if asset in images}


def items_shown_to(viewer: Viewer) -> QuerySet[BoardItem]:
    """What `viewer` may see on boards: posts that they may see, whose authors let them be there."""
    return BoardItem.objects.filter(_LET, post__in=Post.objects.visible_to(viewer).published())


def on_board(viewer: Viewer, *, board: Board) -> PostQuerySet:
    """The posts that `viewer` may see on a board."""
    items = BoardItem.objects.filter(_LET, board=board, post=OuterRef("pk"))
    return Post.objects.visible_to(viewer).published().filter(Exists(items))


def versions_of(post: Post, viewer: Viewer) -> QuerySet[PostVersion]:
    """What a post that `viewer` may see said before, as far as it was shown to people like them."""
    if viewer.pk == post.author_id:
        return post.versions.all()
    open_to = [Post.Visibility.PUBLIC, Post.Visibility.UNLISTED]
    if viewer.is_authenticated and is_following(viewer, post.author):
        open_to.append(Post.Visibility.FOLLOWERS)
    return post.versions.filter(visibility__in=open_to)


def under_hidden_tag(viewer: Viewer, *, but: str = "") -> Exists:
    """A condition on posts: they carry a tag that `viewer` has hidden, other than `but`."""
    hidden = TagHide.objects.filter(user=viewer.pk, tag__posts=OuterRef("pk"))
    return Exists(hidden.exclude(tag__name=but))


class Verdict(Protocol):
    """What has an origin and a grade, as words."""

    @property
    def origin(self) -> str: ...
    @property
    def grade(self) -> str: ...


Said = TypeVar("Said", bound=Verdict)


def most_ai_ward(verdicts: Iterable[Said]) -> Said | None:
    """The one that speaks for the whole post."""
    return max(verdicts, key=lambda said: _ai_ward(said.origin, said.grade), default=None)


@cache
def _ai_ward(origin: str, grade: str) -> Any:
    return ai_ward(Origin(origin), Grade(grade))


def can_remix_asset(asset: Asset, viewer: Viewer) -> bool:
    """Whether `viewer` may work from an image, and from all that is seen in it.

    A screenshot of somebody's work is their work: it is open where theirs is. From a held image
    nobody works, or a generator would carry it past the door.
    """
    if asset.state == Asset.State.HELD:
        return False
    return all(_is_open(each, viewer) for each in (asset, *_seen_in(asset, viewer)))


def _is_open(asset: Asset, viewer: Viewer) -> bool:
    """Whether an image is one's own, or open to remixing in a post that one sees."""
    if viewer.pk == asset.owner_id:
        return True
    posts = Post.objects.visible_to(viewer).filter(assets=asset).select_related("author")
    return any(can_remix(post, viewer) for post in posts)


def _seen_in(asset: Asset, viewer: Viewer) -> Iterable[Asset]:
    """Others' works that were recognised in an image, as far as the viewer may see them.

    Others do not count: a refusal would tell that there is such a work. What the image was made
    from here was asked about then.
    """
    rows = standing(asset.record)
    matched = {row.matched_id for row in rows if row.kind in DETECTORS and row.matched_id}
    if not matched:
        return []
    parents = LineageEdge.objects.filter(child=asset.record_id).values("parent")
    works = assets_visible_to(viewer).filter(record__in=matched).exclude(owner=viewer.pk)
    return works.exclude(record__in=parents)


def can_remix(post: Post, viewer: Viewer) -> bool:
    """Whether the author lets `viewer` work from this post's images."""
    who = preferences.effective(post.author.preferences)["remix_policy"]["who"]
    return lets_remix(
        viewer,
        own=post.author_id == viewer.pk,
        kind=post.kind,
        allow_remix=post.allow_remix,
        who=who,
        follows=lambda viewer: is_following(viewer, post.author),
    )


def lets_remix(
    viewer: Viewer,
    *,
    own: bool,
    kind: str,
    allow_remix: bool,
    who: str,
    follows: Callable[[User], bool],
) -> bool:
    """The rule of `can_remix`. `who` is the author's policy; `follows`: if one follows them."""
    if not viewer.is_authenticated or kind != Post.Kind.IMAGE:
        return False
    if own:
        return True
    if not allow_remix:
        return False
    return follows(viewer) if who == "followers" else who == "everyone"
