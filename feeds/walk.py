"""Walking down a feed: candidates in order, filtered and dialled until the page is full.

What decides is the verdict of the images; the `flag` column only saves reading posts that
cannot qualify.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain, repeat
from typing import Any
from uuid import UUID

from feeds.candidates import Candidate, Key, Rows, candidates
from feeds.dial import Count, Dial
from provenance.vocabulary import Flag
from users.models import User, Viewer

MAX_EXAMINED = 1000
#: How many posts are looked at by one query, then by the next: few sizes, each prepared once.
STRETCHES = (21, 41, 101, 201, 401)


@dataclass(frozen=True, slots=True)
class Taste:
    """What the viewer wants to meet. `flag` None means all.

    `hide_muted`: neither muted people nor hidden tags, but for the `tag` that is looked at.
    """

    flag: Flag | None
    share: int
    unknown_policy: str
    hide_muted: bool
    hide_agents: bool = False
    tag: str = ""

    @property
    def takes_all(self) -> bool:
        """Whether nearly everything will be shown."""
        return self.share == 100 and self.unknown_policy != "hide" and not self.hide_agents


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

    posts: list[UUID]
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


@dataclass(slots=True)
class Stretch:
    """Some of a surface, in order; `end` is the last place of it, None where the surface ends."""

    candidates: list[Candidate]
    end: Key | None


#: Gives the stretch of so many places after a place.
Surface = Callable[[Key | None, int], Stretch]


def surface(rows: Rows, *, viewer: Viewer, taste: Taste, **given: Any) -> Surface:
    """What `rows(viewer, **given)` gives."""

    def stretch(after: Key | None, size: int) -> Stretch:
        found = candidates(
            rows, given, viewer, after=after, batch=size, flag=taste.flag, but=taste.tag
        )
        return Stretch(found, found[-1].place if len(found) == size else None)

    return stretch


def walk(surface: Surface, *, viewer: Viewer, taste: Taste, start: Position, limit: int) -> Page:
    """The next page of a surface from `start`."""
    dial = Dial(taste.share, walk=Count(start.count.shown, start.count.ai))
    page = Page([], None, {"ai": 0, "unknown": 0, "muted": 0, "agents": 0})
    last = start.last
    ahead = limit + 1 if taste.takes_all else 2 * limit + 1
    for examined, post in enumerate(_onward(surface, start.last, ahead)):
        if len(page.posts) == limit or examined == MAX_EXAMINED:
            page.position = Position(last, dial.walk)
            return page
        last = post.place
        skip = _why_not(post, viewer, taste, dial)
        if skip is None:
            page.posts.append(post.id)
        elif skip in page.skipped:
            page.skipped[skip] += 1
    return page


def _onward(surface: Surface, after: Key | None, ahead: int) -> Iterator[Candidate]:
    """Candidates after a place, fetched in ever longer stretches of at least `ahead`."""
    for size in chain((s for s in STRETCHES if s >= ahead), repeat(STRETCHES[-1])):
        stretch = surface(after, size)
        yield from stretch.candidates
        if stretch.end is None:
            return
        after = stretch.end


def _why_not(post: Candidate, viewer: Viewer, taste: Taste, dial: Dial) -> str | None:
    """Why a post is passed over: a kind that is counted, "flag", or None if it is shown."""
    if taste.hide_muted and post.unwanted:
        return "muted"
    if taste.hide_agents and post.author_kind == User.Kind.AGENT and post.author_id != viewer.pk:
        return "agents"
    flag = post.flag()
    if taste.flag is not None and (flag or Flag.UNKNOWN) is not taste.flag:
        return "flag"
    if flag is None:
        return None  # texts have no origin and stand outside the dial
    if flag is Flag.UNKNOWN and taste.unknown_policy == "hide":
        return "unknown"
    counts_as_ai = flag is Flag.AI or (flag is Flag.UNKNOWN and taste.unknown_policy == "as_ai")
    if dial.admits(ai=counts_as_ai):
        return None
    return "ai" if flag is Flag.AI else "unknown"
