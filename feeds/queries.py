"""Which posts a surface may draw from, newest first. Blocks and visibility are already in."""

from django.db.models import Exists, OuterRef, Q

from posts.models import Post, PostQuerySet, TagFollow
from users.models import User, Viewer
from users.queries import follows


def home(viewer: User) -> PostQuerySet:
    """One's own posts, those of people one follows, and public ones under tags one follows."""
    followed_tag = TagFollow.objects.filter(user=viewer, tag__posts=OuterRef("pk"))
    tagged = Exists(followed_tag) & Q(visibility=Post.Visibility.PUBLIC, author__private=False)
    return (
        Post.objects.visible_to(viewer)
        .published()
        .filter(Q(author=viewer) | follows(viewer, "author") | tagged)
    )


def explore(viewer: Viewer) -> PostQuerySet:
    """Everything that is public."""
    return Post.objects.visible_to(viewer).discoverable()


def tagged(viewer: Viewer, tag: str) -> PostQuerySet:
    return explore(viewer).filter(tags__name=tag)


def profile(viewer: Viewer, author: User) -> PostQuerySet:
    """What `author` published, unlisted posts included: a profile is a link."""
    return Post.objects.visible_to(viewer).published().filter(author=author)
