"""The AI dial: an upper bound on the share of AI items that holds for every prefix of a walk.

Pure. With n items shown so far and a of them AI, an AI item may be shown iff
a + 1 ≤ floor(share · (n + 1) / 100), both on this page and since the walk began. It is never
made up for later, and a page that comes out short says so.
"""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Count:
    """Image items shown, and how many of them were AI."""

    shown: int = 0
    ai: int = 0

    def allows_ai(self, share: int) -> bool:
        return self.ai + 1 <= share * (self.shown + 1) // 100

    def add(self, *, ai: bool) -> None:
        self.shown += 1
        self.ai += ai


@dataclass(slots=True)
class Dial:
    """`share` in percent, 0 to 100. `walk` travels in the cursor; `page` begins anew."""

    share: int
    walk: Count = field(default_factory=Count)
    page: Count = field(default_factory=Count)

    def admits(self, *, ai: bool) -> bool:
        """Whether the next image item may be shown; if so it is counted."""
        if ai and not (self.page.allows_ai(self.share) and self.walk.allows_ai(self.share)):
            return False
        self.page.add(ai=ai)
        self.walk.add(ai=ai)
        return True
