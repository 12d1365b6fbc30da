"""Who may see whom: the words that every other query about people is made of."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from users.models import Block, Follow, Mute, User, Viewer


def blocked_between(viewer: Viewer, person: str) -> Exists:
    """A condition: `viewer` and the person in column `person` have a block, either way."""
    return Exists(
        Block.objects.filter(
            Q(blocker=viewer.pk, blocked=OuterRef(person))
            | Q(blocker=OuterRef(person), blocked=viewer.pk)
        )
    )


def follows(viewer: Viewer, person: str) -> Exists:
    """A condition: `viewer` is an accepted follower of the person in column `person`."""
    return Exists(
        Follow.objects.filter(follower=viewer.pk, followee=OuterRef(person), accepted=True)
    )


def mutes(viewer: Viewer, person: str, *, at: datetime | None = None) -> Exists:
    """A condition: `viewer` has muted the person in column `person`, now or `at` a moment."""
    return Exists(Mute.objects.standing(at).filter(muter=viewer.pk, muted=OuterRef(person)))


def is_muting(one: User, other: User) -> bool:
    """Whether `one` does not want to meet `other` now."""
    return Mute.objects.standing().filter(muter=one, muted=other).exists()


def is_blocked_between(one: User, other_id: UUID) -> bool:
    """Whether one of the two has blocked the other."""
    return Block.objects.filter(
        Q(blocker=one, blocked=other_id) | Q(blocker=other_id, blocked=one)
    ).exists()


def relation(viewer: Viewer, person: User) -> dict[str, Any]:
    """What stands between `viewer` and `person`, as the API shows it."""
    if not viewer.is_authenticated or viewer.pk == person.pk:
        none = {"follow": "none", "followed_by": False, "block": False}
        return {**none, "mute": False, "mute_until": None}
    mute = Mute.objects.standing().filter(muter=viewer, muted=person).first()
    follow = Follow.objects.filter(follower=viewer, followee=person).first()
    return {
        "follow": "none" if not follow else "following" if follow.accepted else "requested",
        "followed_by": is_following(person, viewer),
        "block": Block.objects.filter(blocker=viewer, blocked=person).exists(),
        "mute": mute is not None,
        "mute_until": mute.until if mute else None,
    }


def is_following(one: User, other: User) -> bool:
    """Whether `one` is an accepted follower of `other`."""
    return Follow.objects.filter(follower=one, followee=other, accepted=True).exists()


def followers_of(person: User, viewer: Viewer) -> QuerySet[Follow]:
    """The accepted follows of `person` by people whom `viewer` may see."""
    visible = User.objects.visible_to(viewer)
    return Follow.objects.filter(followee=person, accepted=True, follower__in=visible)


def followed_by(person: User, viewer: Viewer) -> QuerySet[Follow]:
    """The accepted follows from `person` to people whom `viewer` may see."""
    visible = User.objects.visible_to(viewer)
    return Follow.objects.filter(follower=person, accepted=True, followee__in=visible)


def may_see_lists_of(viewer: Viewer, person: User) -> bool:
    """Whether `viewer` may see followers and posts of `person`: all but strangers to a private."""
    if not person.private or viewer.pk == person.pk:
        return True
    return viewer.is_authenticated and is_following(viewer, person)
