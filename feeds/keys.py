"""Where to look: what might be on a surface, in its order, from one index each.

Each gives the next `size` places after `after`, the greatest first, each with the key of its post:
cheap, and not to be shown to anybody. Who may see what of it is asked of the few then, which a
planner does well; asked of all, it reads the table.
"""

from uuid import UUID

from django.db.models import F, QuerySet

from core.prepared import ask, prepared
from posts.models import Board, BoardItem, BoardSection, Post, PostTag
from provenance.vocabulary import Flag
from users.models import User

#: What orders a surface: the key of a publication, or a place.
Key = UUID | int | str
_NEWEST = UUID(int=2**128 - 1)

_HOME = """
SELECT published_key FROM (
    SELECT latest.published_key FROM users_follow AS followed CROSS JOIN LATERAL (
        SELECT published_key FROM posts_post
         WHERE author_id = followed.followee_id AND state = 'published'
           AND published_key < %(after)s
         ORDER BY published_key DESC LIMIT {size}) AS latest
     WHERE followed.follower_id = %(viewer)s AND followed.accepted
    UNION
    (SELECT published_key FROM posts_post
      WHERE author_id = %(viewer)s AND state = 'published' AND published_key < %(after)s
      ORDER BY published_key DESC LIMIT {size})
    UNION
    SELECT latest.published_key FROM posts_tagfollow AS followed CROSS JOIN LATERAL (
        SELECT published_key FROM posts_post_tags
         WHERE tag_id = followed.tag_id AND published_key < %(after)s
         ORDER BY published_key DESC LIMIT {size}) AS latest
     WHERE followed.user_id = %(viewer)s
) AS together ORDER BY published_key DESC LIMIT {size}
"""


def home(viewer: User, after: Key | None, size: int) -> list[tuple[UUID, Key]]:
    """What people one follows published, what is under tags one follows, and what is one's own."""
    rows = ask(_HOME.format(size=size), {"viewer": viewer.pk, "after": after or _NEWEST})
    return [(key, key) for (key,) in rows]


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
