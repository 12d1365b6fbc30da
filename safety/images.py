"""The rule of the door: which images are held, and why. It fails closed."""

from dataclasses import dataclass
from uuid import UUID

from django.db import models

from safety import queries


class HoldReason(models.TextChoices):
    BANNED_IMAGE = "banned_image", "It looks like a banned image"
    UNCHECKED = "unchecked", "It could not be checked yet"


@dataclass(frozen=True, slots=True)
class Hold:
    """Why an image is not let in; `like` is the banned work that it looks like."""

    reason: HoldReason
    like: UUID | None = None


def why_to_hold(alike: frozenset[UUID] | None) -> Hold | None:
    """Whether to hold an image that looks like, or is, these works; None for nothing to say.

    `alike` is None where the index could not answer: what nobody looked at is not shown.
    """
    if alike is None:
        return Hold(HoldReason.UNCHECKED)
    banned = queries.banned_among(alike)
    return Hold(HoldReason.BANNED_IMAGE, like=min(banned)) if banned else None
