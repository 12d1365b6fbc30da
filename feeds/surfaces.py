"""The surfaces: for each where to look, and what of that belongs there."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

from feeds import keys, queries
from feeds.keys import Key
from feeds.related import near, related
from posts.models import Board, BoardSection, Post, PostQuerySet
from posts.queries import on_board
from provenance.vocabulary import Flag
from users.models import User

Keys = Callable[..., list[tuple[UUID, Key]]]


@dataclass(frozen=True, slots=True)
class Surface:
    """`keys(after=…, size=…)` says where to look, `rows(viewer, **given)` what of that is shown.

    `by` is the column of posts that the keys are of; `place_from` reads a place out of a cursor.
    `by_flag`: the keys can be had of one flag only. `name` is that of the viewer's preferences,
    and `tag` what is looked at, if it is one. `arranged`: by the viewer, who meets there whom they
    have muted, or they could not put it in order.
    """

    name: str
    keys: Keys
    rows: Callable[..., PostQuerySet]
    given: dict[str, Any] = field(default_factory=dict)
    by: str = "published_key"
    place_from: Callable[[str], Key] = UUID
    by_flag: bool = False
    tag: str = ""
    arranged: bool = False

    def places(self, after: Key | None, size: int, flag: Flag | None) -> list[tuple[UUID, Key]]:
        """The next places; fewer than `size` only at the end."""
        chosen = {"flag": flag} if self.by_flag else {}
        return self.keys(after=after, size=size, **chosen)


def home(viewer: User) -> Surface:
    return Surface("home", partial(keys.home, viewer), queries.home)


def explore() -> Surface:
    return Surface("explore", keys.explore, queries.explore, by_flag=True)


def tag(name: str) -> Surface:
    return Surface("tag", partial(keys.tagged, name), queries.explore, tag=name)


def profile(author: User) -> Surface:
    return Surface("profile", partial(keys.profile, author), queries.published, by_flag=True)


def board(of: Board, section: BoardSection | None, *, arranged: bool = False) -> Surface:
    where, given = partial(keys.board, of, section), {"board": of}
    return Surface("board", where, on_board, given, by="pk", place_from=int, arranged=arranged)


def goes_with(post: Post) -> Surface:
    where = partial(related, **near(post))
    return Surface("related", where, queries.explore, by="pk", place_from=str)
