"""Walking down a feed: candidates in order, filtered and dialled until the page is full.

What decides is the verdict of the images; the `flag` column only saves reading posts that
cannot qualify.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from feeds.dial import Count, Dial
from feeds.keys import Key
from feeds.surfaces import Surface
from posts.rows import PostRow, read_posts
from provenance.vocabulary import Flag
from users.models import User, Viewer

MAX_EXAMINED = 1000
#: How many places are looked at by one query: few sizes, since each is prepared.
STRETCHES = (11, 21, 41, 101, 201, 401)


@dataclass(frozen=True, slots=True)
class Taste:
    """What the viewer wants to meet. `flag` None means all.

    `hide_muted`: neither muted people nor hidden tags, but for a tag that is looked at.
    """

    flag: Flag | None
    share: int
    unknown_policy: str
    hide_muted: bool
    hide_agents: bool = False

    @property
    def takes_all(self) -> bool:
        """Whether nearly everything will be shown."""
        open_to_all = self.share == 100 and self.unknown_policy != "hide" and not self.hide_agents
        return open_to_all and self.flag is None


@dataclass(slots=True)
class Position:
    """Where a walk stands: the last key examined, and the dial's count since its beginning."""

    last: Key | None = None
    count: Count = field(default_factory=Count)

    def state(self) -> list[Any]:
        return [str(self.last), self.count.shown, self.count.ai]

    @classmethod
    def from_state(cls, state: Any, key: Callable[[str], Key] = UUID) -> "Position":
        """Raises ValueError if `state` is not what `state()` gave. `key` reads what orders."""
        last, shown, ai = state
        return cls(key(last), Count(int(shown), int(ai)))


@dataclass(slots=True)
class Page:
    """What was found; `position` is None at the end of the feed."""

    posts: list[PostRow]
    position: Position | None
    skipped: dict[str, int]

    @property
    def filtered(self) -> dict[str, Any]:
        told = {
            "ai": "ai_max_share",
            "unknown": "unknown_policy",
            "muted": "mute",
            "agents": "agents",
        }
        reasons = [told[kind] for kind, count in self.skipped.items() if count]
        return {**self.skipped, "reason": ",".join(reasons) or None}


def walk(surface: Surface, *, viewer: Viewer, taste: Taste, start: Position, limit: int) -> Page:
    """The next page of a surface from `start`."""
    dial = Dial(taste.share, walk=Count(start.count.shown, start.count.ai))
    page = Page([], None, {"ai": 0, "unknown": 0, "muted": 0, "agents": 0})
    last = after = start.last
    size, examined = _size(limit, taste), 0
    while True:
        places = surface.places(after, size, taste.flag)
        found = _read(surface, viewer, places)
        shown_before = len(page.posts)
        for key, place in places:
            post = found.get(key)
            if examined == MAX_EXAMINED or (post and len(page.posts) == limit):
                page.position = Position(last, dial.walk)
                return page
            examined += 1
            # Only when it has to does a cursor tell of the place of what one may not see.
            if post or examined == MAX_EXAMINED:
                last = place
            skip = _why_not(post, taste, dial) if post else "unseen"
            if post and skip is None:
                page.posts.append(post)
            elif skip in page.skipped:
                page.skipped[skip] += 1
        if len(places) < size:
            return page
        after = places[-1][1]
        lacking = _size(limit - len(page.posts), taste)
        few = (len(page.posts) - shown_before) * 4 < size
        size = max(lacking, _at_least(2 * size)) if few else lacking


def _size(limit: int, taste: Taste) -> int:
    """How many places to look at for so many posts, and whether there are more."""
    return _at_least(limit + 1 if taste.takes_all else 2 * limit + 1)


def _at_least(size: int) -> int:
    return next((each for each in STRETCHES if each >= size), STRETCHES[-1])


def _read(surface: Surface, viewer: Viewer, places: list[tuple[UUID, Key]]) -> dict[UUID, PostRow]:
    if not places:
        return {}
    return read_posts(
        viewer, [key for key, _ in places], among=surface.rows, by=surface.by, but=surface.tag,
        **surface.given,
    )  # fmt: skip


def _why_not(post: PostRow, taste: Taste, dial: Dial) -> str | None:
    """Why a post is passed over: a kind that is counted, "flag", or None if it is shown."""
    if taste.hide_muted and post.unwanted:
        return "muted"
    if taste.hide_agents and post.author.kind == User.Kind.AGENT and not post.mine:
        return "agents"
    speaker = post.speaker()
    flag = Flag(speaker.flag) if speaker else Flag.UNKNOWN
    if taste.flag is not None and flag is not taste.flag:
        return "flag"
    if speaker is None:
        return None  # texts have no origin and stand outside the dial
    if flag is Flag.UNKNOWN and taste.unknown_policy == "hide":
        return "unknown"
    counts_as_ai = flag is Flag.AI or (flag is Flag.UNKNOWN and taste.unknown_policy == "as_ai")
    if dial.admits(ai=counts_as_ai):
        return None
    return "ai" if flag is Flag.AI else "unknown"
