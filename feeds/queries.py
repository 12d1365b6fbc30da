"""Which posts may be on a surface. Blocks and visibility are already in."""

from django.db.models import Exists, OuterRef, Q

from posts.models import Post, PostQuerySet, TagFollow
from users.models import User, Viewer
from users.queries import follows


def home(viewer: User) -> PostQuerySet:
    """One's own posts, those of people one follows, and public ones under tags one follows."""
    followed_tag = TagFollow.objects.filter(user=viewer, tag__posts=OuterRef("pk"))
    tagged = Exists(followed_tag) & Q(visibility=Post.Visibility.PUBLIC)
    return published(viewer).filter(Q(author=viewer) | follows(viewer, "author") | tagged)


def explore(viewer: Viewer) -> PostQuerySet:
    """Everything that is public."""
    return Post.objects.visible_to(viewer).discoverable()


def published(viewer: Viewer) -> PostQuerySet:
    """What is published, unlisted posts included: for where one has come by a link."""
    return Post.objects.visible_to(viewer).published()
