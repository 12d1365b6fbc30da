"""What one viewer is shown, surface by surface, asked of the code that the API asks."""

from collections.abc import Callable, Collection
from functools import cache
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import QuerySet

from feeds import queries as feeds
from feeds.related import related_to
from media.models import Asset
from notifications.queries import for_recipient
from notifications.serializers import present_notifications
from posts.models import Board, Comment, Post
from posts.queries import assets_visible_to, on_board, versions_of
from tests.privacy.oracle import Facts
from users.models import User, Viewer

Shown = tuple[str, Collection[object], Collection[object]]
#: What is the same question for a viewer whatever is the case: it is put into SQL once.
ALWAYS_THE_SAME: dict[str, Callable[..., QuerySet[Any]]] = {
    "link": Post.objects.visible_to,
    "explore": feeds.explore,
    "home": feeds.home,
    "tag": feeds.tagged,
    "profile": lambda viewer, author: feeds.profile(viewer, User.objects.get(username=author)),
    "images": assets_visible_to,
    "comments": Comment.objects.visible_to,
    "boards": Board.objects.visible_to,
}


class Look:
    """One viewer's look at everything. Each surface gives what it shows, and what it should."""

    def __init__(self, facts: Facts, name: str | None, pick: Callable[[list[object]], object]):
        self.facts, self.name, self.pick = facts, name, pick
        self.viewer = viewer_called(name)

    def surfaces(self) -> list[Shown]:
        facts = self.facts
        shown = [
            self._rows("link", facts.posts, facts.can_see),
            self._rows("explore", facts.posts, facts.is_discoverable),
            self._tag(),
            self._profile(),
            self._rows("images", facts.images, facts.can_see_image),
            self._rows("comments", facts.comments, facts.can_see_comment),
            self._rows("boards", facts.boards, facts.can_see_board),
            *self._board(),
            *self._about_a_post(),
        ]
        if self.name is not None:
            shown += [self._rows("home", facts.posts, facts.is_at_home), *self._notifications()]
        return shown

    def _rows(self, surface, things, right, *given) -> Shown:
        """`right`: of a viewer and a thing, whether it belongs there."""
        expected = {thing.id for thing in things if right(self.name, thing)}
        with connection.cursor() as cursor:
            cursor.execute(*as_sql(surface, self.name, *given))
            return surface, {key for (key,) in cursor.fetchall()}, expected

    def _tag(self) -> Shown:
        tag, right = self.pick(self.facts.tags), self.facts.is_discoverable
        tagged = [post for post in self.facts.posts if post.tag == tag]
        return self._rows("tag", tagged, right, tag)

    def _profile(self) -> Shown:
        author, right = self.pick(list(self.facts.people)), self.facts.is_published
        theirs = [post for post in self.facts.posts if post.author == author]
        return self._rows("profile", theirs, right, author)

    def _board(self) -> list[Shown]:
        seen = [board for board in self.facts.boards if self.facts.can_see_board(self.name, board)]
        if not seen:
            return []
        board = self.pick(seen)
        rows = on_board(Board.objects.get(pk=board.id), self.viewer)
        return [
            ("board", keys(rows), {post.id for post in self.facts.on_board(self.name, board)}),
        ]

    def _about_a_post(self) -> list[Shown]:
        """What stands under a post and beside it, if the viewer sees it."""
        facts, name = self.facts, self.name
        seen = [post for post in facts.posts if facts.can_see(name, post)]
        if not seen:
            return []
        post = self.pick(seen)
        row = Post.objects.select_related("author").get(pk=post.id)
        versions = versions_of(row, self.viewer).order_by("id").values_list("visibility", flat=True)
        near = [
            other.id
            for other in facts.posts
            if other is not post and facts.is_discoverable(name, other) and other.tag == post.tag
        ]
        return [
            (
                "history",
                list(versions),
                [was for was in post.versions if facts.can_see_version(name, post, was)],
            ),
            ("related", keys(related_to(row, self.viewer)), set(near)),
        ]

    def _notifications(self) -> list[Shown]:
        """What is named in what somebody was told, and what of it they may not see."""
        facts, viewer = self.facts, self.viewer
        rows = list(for_recipient(viewer))
        told = present_notifications(rows, viewer)
        named = {UUID(row["target"]["id"]) for row in told if row["target"]}
        hidden = {post.id for post in facts.posts if not facts.can_see(self.name, post)}
        hidden |= {said.id for said in facts.comments if not facts.can_see_comment(self.name, said)}
        actors = {row["actor"]["username"] for row in told if row["actor"]}
        apart = {name for name in actors if {(self.name, name), (name, self.name)} & facts.blocks}
        return [("notifications", named & hidden, set()), ("actors", apart, set())]


def addresses() -> dict[UUID, tuple[bool, str]]:
    """Of every image: whether everybody may see it, and what its address is made of."""
    rows = Asset.objects.values_list("pk", "public", "token")
    return {key: (public, token) for key, public, token in rows}


def viewer_called(name: str | None) -> Viewer:
    return User.objects.get(username=name) if name else AnonymousUser()


@cache
def as_sql(surface: str, name: str | None, *given: str) -> tuple[str, tuple[Any, ...]]:
    rows = ALWAYS_THE_SAME[surface](viewer_called(name), *given)
    return rows.order_by().values_list("pk", flat=True).query.sql_with_params()


def keys(rows) -> set[UUID]:
    return set(rows.order_by().values_list("pk", flat=True))


def hidden_from(facts: Facts, name: str | None) -> set[str]:
    """The ids of all that a viewer must find in no answer."""
    posts = [post for post in facts.posts if not facts.can_see(name, post)]
    comments = [said for said in facts.comments if not facts.can_see_comment(name, said)]
    boards = [board for board in facts.boards if not facts.can_see_board(name, board)]
    images = [image for image in facts.images if not facts.can_see_image(name, image)]
    return {str(each.id) for each in (*posts, *comments, *boards, *images)}
