"""Which posts a surface may draw from, newest first. Blocks and visibility are already in.

Each gives its rows a `place`, by which they are walked, the greatest first.
"""

from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q

from core.prepared import any_of
from posts.models import Post, PostQuerySet, TagFollow
from users.models import User, Viewer
from users.queries import follows


def home(viewer: User) -> PostQuerySet:
    """One's own posts, those of people one follows, and public ones under tags one follows."""
    followed_tag = TagFollow.objects.filter(user=viewer, tag__posts=OuterRef("pk"))
    tagged = Exists(followed_tag) & Q(visibility=Post.Visibility.PUBLIC, author__private=False)
    posts = (
        Post.objects.visible_to(viewer)
        .published()
        .filter(Q(author=viewer) | follows(viewer, "author") | tagged)
    )
    return _newest(posts)


def home_among(viewer: User, *, keys: list[UUID]) -> PostQuerySet:
    """What is at home of the posts that were published under `keys`."""
    return home(viewer).filter(published_key__in=any_of(keys))


def explore(viewer: Viewer) -> PostQuerySet:
    """Everything that is public."""
    return _newest(Post.objects.visible_to(viewer).discoverable())


def tagged(viewer: Viewer, *, tag: str) -> PostQuerySet:
    return explore(viewer).filter(tags__name=tag)


def profile(viewer: Viewer, *, author: User) -> PostQuerySet:
    """What `author` published, unlisted posts included: a profile is a link."""
    return _newest(Post.objects.visible_to(viewer).published().filter(author=author))


def _newest(posts: PostQuerySet) -> PostQuerySet:
    return posts.annotate(place=F("published_key"))
