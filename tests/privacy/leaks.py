"""Slips that would show people what they may not see. The machine must find every one of them.

A slip is a piece of one function's source that is missing, or that is something else.
"""

import inspect
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from core import prepared
from feeds import queries as feeds
from feeds import surfaces
from media.services import set_exposure
from notifications.queries import _named, for_recipient, hidden_targets
from posts import boards, publishing, queries, services, standing
from posts.models import BoardQuerySet, CommentQuerySet, PostQuerySet, shows_something
from posts.serializers import present_comments
from users import queries as people
from users import services as graph


class Leak(NamedTuple):
    where: Callable[..., Any]
    right: str
    wrong: str = ""


POSTS, COMMENTS, BOARDS = (
    PostQuerySet.visible_to,
    CommentQuerySet.visible_to,
    BoardQuerySet.visible_to,
)
LEAKS = {
    "posts: a block is forgotten": Leak(POSTS, 'mine | ~Q(blocked_between(viewer, "author")),'),
    "posts: private ones are the followers'": Leak(
        POSTS, " & ~Q(visibility=Post.Visibility.PRIVATE)"
    ),
    "posts: private accounts are open": Leak(POSTS, "author__private=False,"),
    "posts: those of the suspended": Leak(POSTS, ' author__limit="",'),
    "posts: what a Decision hides": Leak(POSTS, ' limit="",'),
    "posts: drafts": Leak(POSTS, "state=Post.State.PUBLISHED,"),
    "posts: without an image that may be seen": Leak(POSTS, "mine | shows_something(),"),
    "posts: held images are something to show": Leak(shows_something, ".shown()", ".all()"),
    "people: a block works one way": Leak(
        people.blocked_between, "| Q(blocker=OuterRef(person), blocked=viewer.pk)"
    ),
    "people: who asked to follow follows": Leak(people.follows, ", accepted=True"),
    "people: a block leaves a follow": Leak(
        graph.block, "unfollow(follower=blocked, followee=blocker)", "pass"
    ),
    "images: hidden ones in a post that shows others": Leak(queries.assets_visible_to, "SHOWN & "),
    "images: of posts that one may not see": Leak(
        queries.assets_visible_to, ", post__in=Post.objects.visible_to(viewer)"
    ),
    "addresses: they stay when a post closes": Leak(
        publishing.edit_post, "if post.visibility != before:", "if False:"
    ),
    "addresses: they stay when a post is removed": Leak(
        services.remove_post, "refresh_exposure(assets=Asset.objects.filter(posts=post))", "pass"
    ),
    "addresses: they stay when an account closes": Leak(
        services.expose_account,
        "refresh_exposure(assets=Asset.objects.filter(owner=UUID(event.user_id)))",
        "pass",
    ),
    "addresses: old ones go on": Leak(set_exposure, "asset.token = new_token()", "pass"),
    "explore: unlisted posts": Leak(
        PostQuerySet.discoverable, "visibility=Post.Visibility.PUBLIC, "
    ),
    "explore: posts of private accounts": Leak(
        PostQuerySet.discoverable, ", author__private=False"
    ),
    "home: unlisted posts under a tag": Leak(feeds.home, " & Q(visibility=Post.Visibility.PUBLIC)"),
    "home: seen by nobody's leave": Leak(
        feeds.home, "published(viewer)", "Post.objects.published()"
    ),
    "profiles: seen by nobody's leave": Leak(feeds.published, ".visible_to(viewer)", ".all()"),
    "related: whatever is near": Leak(
        surfaces.goes_with, "queries.explore", "lambda viewer: Post.objects.published()"
    ),
    "comments: under posts that one may not see": Leak(COMMENTS, "Exists(posts), "),
    "comments: a block is forgotten": Leak(
        COMMENTS, 'rows = rows.exclude(blocked_between(viewer, "author"))', "pass"
    ),
    "history: words that were said to fewer": Leak(
        queries.versions_of, "post.versions.filter(visibility__in=open_to)", "post.versions.all()"
    ),
    "comments: an answer names what it answers": Leak(
        present_comments, "if comment.parent_id in seen else None", ""
    ),
    "boards: a block is forgotten": Leak(BOARDS, ' & ~Q(blocked_between(viewer, "owner"))'),
    "boards: secret ones": Leak(BOARDS, "Q(visibility=BoardVisibility.PUBLIC)", "Q()"),
    "boards: a block leaves collaborators": Leak(
        boards.part, "let_out(board=share.board, user=share.user)", "pass"
    ),
    "boards: posts that one may not see": Leak(queries.on_board, ".visible_to(viewer)", ".all()"),
    "boards: posts whose authors withdrew them": Leak(queries.on_board, "_LET, "),
    "notifications: of what is hidden now": Leak(
        hidden_targets, "if target not in seen", "if not target"
    ),
    "notifications: with posts that are gone": Leak(
        _named, 'if "post" in row.facts else []', 'if "nothing" in row.facts else []'
    ),
    "notifications: of people who are blocked": Leak(
        for_recipient, ' & ~Q(blocked_between(recipient, "actor"))'
    ),
    "notifications: of boards that one may not see": Leak(
        for_recipient, "~Q(type__in=_OF_BOARDS) | Q(Exists(boards)),"
    ),
    "counts: of posts that nobody sees": Leak(standing.recount_posts, "shows_something(),"),
}


@contextmanager
def planted(leak: Leak) -> Iterator[None]:
    """With the slip in place, for everybody who calls that function under whatever name."""
    function = inspect.unwrap(leak.where)
    source = textwrap.dedent(inspect.getsource(function))
    assert source.count(leak.right) == 1, f"{function.__qualname__} no longer says {leak.right!r}"
    made: dict[str, Any] = {}
    exec(source.replace(leak.right, leak.wrong), dict(function.__globals__), made)  # noqa: S102  # our own source
    right = function.__code__
    prepared.forget()
    function.__code__ = inspect.unwrap(made[function.__name__]).__code__
    try:
        yield
    finally:
        function.__code__ = right
        prepared.forget()
