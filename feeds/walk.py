"""Walking down a feed: candidates in order, filtered and dialled until the page is full.

What decides is the verdict read at hydration; the `flag` column only saves reading posts that
cannot qualify.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Q

from feeds.dial import Count, Dial
from posts.models import Post, PostQuerySet
from posts.queries import most_ai_ward, under_hidden_tag
from provenance.vocabulary import Flag
from users.models import User, Viewer
from users.queries import mutes

MAX_EXAMINED = 1000
#: What orders a surface: the key of a publication, or a place.
Key = UUID | int | str


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

    posts: list[Post]
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


def walk(
    rows: PostQuerySet,
    *,
    viewer: Viewer,
    taste: Taste,
    start: Position,
    limit: int,
    by: str = "published_key",
) -> Page:
    """The next page of `rows` from `start`, the greatest `by` first."""
    dial = Dial(taste.share, walk=Count(start.count.shown, start.count.ai))
    page = Page([], None, {"ai": 0, "unknown": 0, "muted": 0, "agents": 0})
    last = start.last
    for examined, post in enumerate(_candidates(rows, viewer, taste, start.last, limit, by)):
        if len(page.posts) == limit or examined == MAX_EXAMINED:
            page.position = Position(last, dial.walk)
            return page
        last = getattr(post, by)
        skip = _why_not(post, viewer, taste, dial)
        if skip is None:
            page.posts.append(post)
        elif skip in page.skipped:
            page.skipped[skip] += 1
    return page


def _candidates(
    rows: PostQuerySet,
    viewer: Viewer,
    taste: Taste,
    after: Key | None,
    limit: int,
    by: str,
) -> Iterator[Post]:
    """Hydrated posts after a key, fetched in batches."""
    unwanted = Q(mutes(viewer, "author")) | Q(under_hidden_tag(viewer, but=taste.tag))
    rows = rows.hydrated(viewer).order_by(f"-{by}").annotate(is_muted=unwanted)
    if taste.flag is not None:
        rows = rows.filter(flag=taste.flag)
    batch = limit + 1
    while True:
        found = list((rows if after is None else rows.filter(**{f"{by}__lt": after}))[:batch])
        yield from found
        if len(found) < batch:
            return
        after = getattr(found[-1], by)


def _why_not(post: Post, viewer: Viewer, taste: Taste, dial: Dial) -> str | None:
    """Why a post is passed over: a kind that is counted, "flag", or None if it is shown."""
    if taste.hide_muted and post.is_muted:  # type: ignore[attr-defined]  # annotated above
        return "muted"
    if taste.hide_agents and post.author.kind == User.Kind.AGENT and post.author != viewer:
        return "agents"
    speaker = most_ai_ward(post.shown_assets)  # type: ignore[attr-defined]  # set by hydrated()
    flag = Flag(speaker.record.flag) if speaker else Flag.UNKNOWN
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
