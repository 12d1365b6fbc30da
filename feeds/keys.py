"""Where to look: what might be on a surface, in its order, from one index each.

Each gives the next `size` places after `after`, the greatest first, each with the key of its post:
cheap, and not to be shown to anybody. Who may see what of it is asked of the few then, which a
planner does well; asked of all, it reads the table.
"""

from uuid import UUID

from django.db.models import F, QuerySet

from core.prepared import prepared
from feeds import homes, timelines
from posts.models import Board, BoardItem, BoardSection, Post, PostTag
from provenance.vocabulary import Flag
from users.models import User

#: What orders a surface: the key of a publication, or a place.
Key = UUID | int | str


def home(viewer: User, after: UUID | None, size: int) -> list[tuple[UUID, Key]]:
    """See feeds/homes.py."""
    start = timelines.NEWEST if after is None else after
    return [(key, key) for key in homes.keys(viewer, start, size)]


@prepared("size")
def explore(after: Key | None, size: int, flag: Flag | None) -> QuerySet[Post, tuple[UUID, UUID]]:
    """`flag`: only those whose column has it."""
    return _latest(Post.objects.filter(visibility=Post.Visibility.PUBLIC), after, size, flag)


@prepared("size")
def profile(
    author: User, after: Key | None, size: int, flag: Flag | None
) -> QuerySet[Post, tuple[UUID, UUID]]:
    return _latest(Post.objects.filter(author=author), after, size, flag)


@prepared("size")
def tagged(tag: str, after: Key | None, size: int) -> QuerySet[PostTag, tuple[UUID, UUID]]:
    rows = PostTag.objects.filter(tag__name=tag, published_key__isnull=False)
    if after is not None:
        rows = rows.filter(published_key__lt=after)
    key = F("published_key")
    return rows.order_by("-published_key").values_list("published_key", key)[:size]


@prepared("size")
def board(
    of: Board, section: BoardSection | None, after: Key | None, size: int
) -> QuerySet[BoardItem, tuple[UUID, int]]:
    rows = BoardItem.objects.filter(board=of)
    if section is not None:
        rows = rows.filter(section=section)
    if after is not None:
        rows = rows.filter(position__lt=after)
    return rows.order_by("-position").values_list("post", "position")[:size]


def _latest(
    posts: QuerySet[Post], after: Key | None, size: int, flag: Flag | None
) -> QuerySet[Post, tuple[UUID, UUID]]:
    posts = posts.filter(state=Post.State.PUBLISHED)
    if flag is not None:
        posts = posts.filter(flag=flag)
    if after is not None:
        posts = posts.filter(published_key__lt=after)
    key = F("published_key")
    return posts.order_by("-published_key").values_list("published_key", key)[:size]
