"""What happens to posts."""

from dataclasses import dataclass

from core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PostPublished(Event):
    post_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PostEdited(Event):
    """A published post says something else now, or is shown to others."""

    post_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemixReachChanged(Event):
    """A post is shown to more or fewer than before, and has images that others were made of, or
    that were made of others."""

    post_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Commented(Event):
    comment_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reacted(Event):
    post_id: str
    user_id: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactionTakenBack(Event):
    post_id: str
    user_id: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved(Event):
    """Somebody put a post on a public board of their own. What is kept in secret is no event, and
    who helps to keep somebody's board is for those to know who do."""

    post_id: str
    board_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsaved(Event):
    """A post was taken off a board."""

    post_id: str
    board_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn(Event):
    """Its author took a post off the boards of others."""

    post_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardFollowed(Event):
    board_id: str
    user_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardUnfollowed(Event):
    board_id: str
    user_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardShared(Event):
    """The owner of a board let somebody in."""

    board_id: str
    user_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardUnshared(Event):
    board_id: str
    user_id: str
