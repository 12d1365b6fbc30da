"""Questions about posts that other apps ask too."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q

from media.models import SHOWN, Asset, AssetQuerySet
from posts.models import Post, PostAsset
from provenance.origin import ai_ward
from provenance.vocabulary import Grade, Origin
from users import preferences
from users.models import Viewer
from users.queries import is_following


def assets_visible_to(viewer: Viewer) -> AssetQuerySet:
    """One's own images, and those in posts that one may see. `media` itself serves owners only."""
    shown = PostAsset.objects.filter(asset=OuterRef("pk"), post__in=Post.objects.visible_to(viewer))
    mine = Q(owner=viewer.pk) if viewer.is_authenticated else Q(pk__in=[])
    return Asset.objects.present().filter(mine | (SHOWN & Q(Exists(shown))))


def most_ai_ward(assets: Iterable[Asset]) -> Asset | None:
    """The asset whose verdict speaks for the whole post."""
    return max(
        assets,
        key=lambda asset: ai_ward(Origin(asset.record.origin), Grade(asset.record.grade)),
        default=None,
    )


def can_remix_asset(asset: Asset, viewer: Viewer) -> bool:
    """Whether `viewer` may work from an image: their own, or open to it in a post they see.

    From a held image nobody does, or a generator would carry it past the door.
    """
    if asset.state == Asset.State.HELD:
        return False
    if viewer.pk == asset.owner_id:
        return True
    posts = Post.objects.visible_to(viewer).filter(assets=asset).select_related("author")
    return any(can_remix(post, viewer) for post in posts)


def can_remix(post: Post, viewer: Viewer) -> bool:
    """Whether the author lets `viewer` work from this post's images."""
    if not viewer.is_authenticated or post.kind != Post.Kind.IMAGE:
        return False
    if viewer.pk == post.author_id:
        return True
    if not post.allow_remix:
        return False
    who = preferences.effective(post.author.preferences)["remix_policy"]["who"]
    if who == "followers":
        return is_following(viewer, post.author)
    return bool(who == "everyone")
