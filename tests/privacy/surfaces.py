"""What one viewer is shown, surface by surface, asked of the code that the API asks."""

import json
from collections.abc import Callable, Collection
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from core.prepared import prepared
from feeds import homes, surfaces, timelines
from feeds.walk import Position, Taste, walk
from media.models import Asset
from notifications.models import Notification
from notifications.queries import told_together
from notifications.serializers import present_notifications
from posts.models import Board, Comment, Post
from posts.queries import assets_visible_to, versions_of
from posts.serializers import present_comments
from tests.privacy.oracle import Facts
from users.models import User, Viewer

EVERYTHING = Taste(flag=None, share=100, unknown_policy="show", hide_muted=False)
_COLUMNS = [field.attname for field in User._meta.concrete_fields]
Shown = tuple[str, Collection[object], Collection[object]]


class Look:
    """One viewer's look at everything. Each surface gives what it shows, and what it should."""

    def __init__(
        self,
        facts: Facts,
        name: str | None,
        pick: Callable[[list[object]], object],
        *,
        quiet: bool,
    ):
        """`quiet`: nothing is on its way to anybody's home."""
        self.facts, self.name, self.pick, self.quiet = facts, name, pick, quiet
        self.viewer = viewer_called(name)

    def surfaces(self) -> list[Shown]:
        facts = self.facts
        shown = [
            self._rows("link", posts, facts.posts, facts.can_see),
            self._feed(surfaces.explore(), facts.posts, facts.is_discoverable),
            self._tag(),
            self._profile(),
            self._rows("images", assets_visible_to, facts.images, facts.can_see_image),
            self._rows("comments", comments, facts.comments, facts.can_see_comment),
            self._answers(),
            self._rows("boards", boards, facts.boards, facts.can_see_board),
            *self._board(),
            *self._about_a_post(),
        ]
        if self.name is not None:
            shown += self._home()
            shown += self._notifications()
        return shown

    def _answers(self) -> Shown:
        """What the comments that one sees answer, as far as one is told."""
        facts = self.facts
        if not any(said.answers for said in facts.comments):
            return "answers", set(), set()
        rows = _rows_of(Comment, "author__avatar__asset", answers, self.viewer)
        told = present_comments(rows, self.viewer)
        hidden = {said.id for said in facts.comments if not facts.can_see_comment(self.name, said)}
        return "answers", {UUID(row["parent"]) for row in told if row["parent"]} & hidden, set()

    def _rows(self, surface, rows, things, right, **given) -> Shown:
        """`right`: of a viewer and a thing, whether it belongs there."""
        expected = {thing.id for thing in things if right(self.name, thing)}
        return surface, {key for (key,) in _keys(rows, self.viewer, **given)}, expected

    def _feed(self, surface, things, right) -> Shown:
        """What one meets who walks it to its end and wants to meet everything."""
        expected = {thing.id for thing in things if right(self.name, thing)}
        start, shown = Position(), set()
        while start is not None:
            page = walk(surface, viewer=self.viewer, taste=EVERYTHING, start=start, limit=100)
            shown |= {post.id for post in page.posts}
            start = page.position
        return surface.name, shown, expected

    def _home(self) -> list[Shown]:
        """Looked up, it is whole; what was pushed is the same, but for what is on its way."""
        pushed = surfaces.home(self.viewer)
        whole = replace(pushed, keys=partial(_looked_up, self.viewer))
        name, shown, expected = self._feed(pushed, self.facts.posts, self.facts.is_at_home)
        return [
            self._feed(whole, self.facts.posts, self.facts.is_at_home),
            (f"{name}, pushed", shown, expected if self.quiet else expected & shown),
        ]

    def _tag(self) -> Shown:
        tag, right = self.pick(self.facts.tags), self.facts.is_discoverable
        tagged = [post for post in self.facts.posts if post.tag == tag]
        return self._feed(surfaces.tag(tag), tagged, right)

    def _profile(self) -> Shown:
        author, right = self.pick(list(self.facts.people)), self.facts.is_published
        theirs = [post for post in self.facts.posts if post.author == author]
        return self._feed(surfaces.profile(viewer_called(author)), theirs, right)

    def _board(self) -> list[Shown]:
        seen = [board for board in self.facts.boards if self.facts.can_see_board(self.name, board)]
        if not seen:
            return []
        board = self.pick(seen)
        row, shown = Board.objects.get(pk=board.id), self.facts.on_board(self.name, board)
        return [self._feed(surfaces.board(row, None), board.items, lambda _, post: post in shown)]

    def _about_a_post(self) -> list[Shown]:
        """What stands under a post and beside it, if the viewer sees it."""
        facts, name = self.facts, self.name
        seen = [post for post in facts.posts if facts.can_see(name, post)]
        if not seen:
            return []
        post = self.pick(seen)
        row = Post.objects.select_related("author").get(pk=post.id)
        versions = versions_of(row, self.viewer).order_by("id").values_list("visibility", flat=True)

        def is_near(name, other):
            return (
                other is not post and other.tag == post.tag and facts.is_discoverable(name, other)
            )

        return [
            (
                "history",
                list(versions),
                [was for was in post.versions if facts.can_see_version(name, post, was)],
            ),
            self._feed(surfaces.goes_with(row), facts.posts, is_near),
        ]

    def _notifications(self) -> list[Shown]:
        """What is named in what somebody was told, and what of it they may not see.

        Who saved a post of theirs did so on a board that they see.
        """
        facts, viewer = self.facts, self.viewer
        rows = _rows_of(Notification, "actor__avatar__asset", told_together, viewer)
        told = present_notifications(rows, viewer)
        targets = [row["target"] for row in told if row["target"]]
        named = {UUID(each[of]) for each in targets for of in ("id", "post") if of in each}
        hidden = {post.id for post in facts.posts if not facts.can_see(self.name, post)}
        hidden |= {said.id for said in facts.comments if not facts.can_see_comment(self.name, said)}
        hidden |= {board.id for board in facts.boards if not facts.can_see_board(self.name, board)}
        actors = {name for row in told for name in _people_in(row)}
        apart = {name for name in actors if {(self.name, name), (name, self.name)} & facts.blocks}
        savers = {name for row in told if row["type"] == "save" for name in _people_in(row)}
        seen = {board.owner for board in facts.boards if facts.can_see_board(self.name, board)}
        return [
            ("notifications", named & hidden, set()),
            ("actors", apart, set()),
            ("savers", savers - seen, set()),
        ]


def _people_in(told: dict[str, Any]) -> set[str]:
    actors = [told["actor"], *told["others"]] if told["actor"] else told["others"]
    return {actor["username"] for actor in actors}


def addresses() -> dict[UUID, tuple[bool, str]]:
    """Of every image: whether everybody may see it, and what its address is made of."""
    rows = Asset.objects.values_list("pk", "public", "token")
    return {key: (public, token) for key, public, token in rows}


def viewer_called(name: str | None) -> Viewer:
    return person_called(name) if name else AnonymousUser()


def person_called(name: str) -> User:
    """As they are now. Asked many times at each step."""
    ((*columns,),) = _person(name)
    place = _COLUMNS.index("preferences")
    columns[place] = json.loads(columns[place])
    return User.from_db("default", _COLUMNS, columns)


@prepared()
def _person(name: str) -> QuerySet[Any]:
    return User.objects.filter(username=name).values_list(*_COLUMNS)


def _looked_up(viewer: User, after: UUID | None, size: int) -> list[tuple[UUID, UUID]]:
    return [(key, key) for key in homes.look_up(viewer, after or timelines.NEWEST, size)]


def posts(viewer: Viewer) -> QuerySet[Post]:
    return Post.objects.visible_to(viewer)


def comments(viewer: Viewer) -> QuerySet[Comment]:
    return Comment.objects.visible_to(viewer)


def answers(viewer: Viewer) -> QuerySet[Comment]:
    return comments(viewer).filter(parent__isnull=False)


def boards(viewer: Viewer) -> QuerySet[Board]:
    return Board.objects.visible_to(viewer)


@prepared()
def _keys(rows: Callable[..., QuerySet[Any]], viewer: Viewer, **given: Any) -> QuerySet[Any]:
    return rows(viewer, **given).order_by().values_list("pk")


def _rows_of(
    model: type[Any], shown: str, rows: Callable[..., QuerySet[Any]], viewer: Viewer
) -> Any:
    """In two steps, since of the larger the SQL is made once then; `shown`: what is read along."""
    keys = [key for (key,) in _keys(rows, viewer)]
    return list(model.objects.select_related(shown).filter(pk__in=keys))


def hidden_from(facts: Facts, name: str | None) -> set[str]:
    """The ids of all that a viewer must find in no answer."""
    posts = [post for post in facts.posts if not facts.can_see(name, post)]
    comments = [said for said in facts.comments if not facts.can_see_comment(name, said)]
    boards = [board for board in facts.boards if not facts.can_see_board(name, board)]
    images = [image for image in facts.images if not facts.can_see_image(name, image)]
    return {str(each.id) for each in (*posts, *comments, *boards, *images)}
