"""Where to look for what is at home: what was pushed into one's timeline, and what never is.

Pushed is what people one follows publish. Not pushed but looked up at each reading, by one index
each, are one's own posts, tags one follows, and people with too many followers to push to. Where
there is no timeline, or it does not reach so far, Postgres looks everything up.
"""

from functools import partial
from operator import attrgetter
from uuid import UUID

from celery import current_app
from django.conf import settings
from django.db import transaction

from core.prepared import ask
from feeds import timelines
from feeds.timelines import NEWEST
from posts.models import Post
from users.models import User

_FOLLOWED = """
    SELECT latest.published_key FROM users_follow AS followed CROSS JOIN LATERAL (
        SELECT published_key FROM posts_post
         WHERE author_id = followed.followee_id AND state = 'published'
           AND published_key < $2
         ORDER BY published_key DESC LIMIT {size}) AS latest
     WHERE followed.follower_id = $1 AND followed.accepted
"""
_LOOKED_UP = """
    (SELECT published_key FROM posts_post
      WHERE author_id = $1 AND state = 'published' AND published_key < $2
      ORDER BY published_key DESC LIMIT {size})
    UNION
    SELECT latest.published_key FROM posts_tagfollow AS followed CROSS JOIN LATERAL (
        SELECT published_key FROM posts_post_tags
         WHERE tag_id = followed.tag_id AND published_key < $2
         ORDER BY published_key DESC LIMIT {size}) AS latest
     WHERE followed.user_id = $1
"""
_LARGE = """
    SELECT latest.published_key FROM users_user AS large
      JOIN users_follow AS followed ON followed.followee_id = large.id
       AND followed.follower_id = $1 AND followed.accepted
     CROSS JOIN LATERAL (
        SELECT published_key FROM posts_post
         WHERE author_id = large.id AND state = 'published' AND published_key < $2
         ORDER BY published_key DESC LIMIT {size}) AS latest
     WHERE large.never_pushed
"""
_IN_ORDER = "SELECT published_key FROM ({}) AS together ORDER BY published_key DESC LIMIT {{size}}"
_BESIDES = _IN_ORDER.format(f"{_LOOKED_UP} UNION {_LARGE}")
_ALL = _IN_ORDER.format(f"{_LOOKED_UP} UNION {_FOLLOWED}")
_PUSHED = _IN_ORDER.format(_FOLLOWED)

_RECEIVERS = """
    SELECT 'timeline:' || follower_id FROM users_follow WHERE followee_id = $1 AND accepted
"""


def keys(viewer: User, after: UUID, size: int) -> list[UUID]:
    """The keys of the next `size` publications below `after`, the latest first."""
    pushed = timelines.read(viewer, after, size)
    if pushed is None:
        ask_to_fill(viewer)
        return look_up(viewer, after, size)
    besides = _look_up(_BESIDES, viewer, after, size)
    return sorted({*pushed, *besides}, key=attrgetter("int"), reverse=True)[:size]


def look_up(viewer: User, after: UUID, size: int) -> list[UUID]:
    """The same, all from Postgres."""
    return _look_up(_ALL, viewer, after, size)


def ask_to_fill(viewer: User) -> None:
    """Let a worker make the timeline that there is not; nobody waits for it."""
    if timelines.begin(viewer):
        send = partial(current_app.send_task, "feeds.tasks.fill_timeline", [str(viewer.pk)])
        transaction.on_commit(send, robust=True)


def fill(viewer: User) -> None:
    timelines.fill(viewer, _look_up(_PUSHED, viewer, NEWEST, timelines.ENTRIES + 1))


def fan_out(post: Post) -> int:
    """Push a publication to the timelines of its author's followers; to how many.

    Who ever had too many followers is not pushed any more: timelines would lack some of it.
    """
    author = post.author
    if post.published_key is None or author.never_pushed:
        return 0
    if author.followers_count > settings.FAN_OUT_MAX_FOLLOWERS:
        User.objects.filter(pk=author.pk).update(never_pushed=True)
        return 0
    names = [name for (name,) in ask(_RECEIVERS, [author.pk])]
    return timelines.push(post.published_key, names)


def _look_up(sql: str, viewer: User, after: UUID, size: int) -> list[UUID]:
    rows = ask(sql.format(size=size), [viewer.pk, after])
    return [key for (key,) in rows]
