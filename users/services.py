"""What people do with their accounts and with each other. One function, one transaction."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from core.errors import Conflict, DomainError, NotFound
from core.outbox import emit
from users import preferences
from users.events import (
    AccountReachChanged,
    FollowAccepted,
    Followed,
    FollowEnded,
    PeopleParted,
    ProfileChanged,
    SignedUp,
    TrainingChoiceChanged,
)
from users.models import Block, Follow, Mute, User
from users.queries import is_blocked_between


class NotOneself(DomainError):
    """You cannot do this to yourself."""

    code = "self_reference"


class Blocked(Conflict):
    """You have blocked this person. Unblock them first."""

    code = "blocked"


@transaction.atomic
def create_account(*, username: str, email: str, password: str, **fields: Any) -> User:
    """An account made by code (demo content, tests, the terminal) rather than by signing up."""
    user = User.objects.create_user(username, email, password, **fields)
    welcome(user=user)
    return user


def welcome(*, user: User) -> None:
    """Tell the house that `user` exists. Part of the transaction that stored them."""
    emit(SignedUp(user_id=str(user.pk)))


@transaction.atomic
def change_profile(*, user: User, changes: dict[str, Any]) -> User:
    """Apply validated changes; opening a private account accepts the waiting requests."""
    opens = changes.get("private") is False
    lock_people(user, *(_waiting_for(user) if opens else []))
    user = User.objects.get(pk=user.pk)
    before = user.private
    consent = preferences.effective(user.preferences)["training_consent"]
    if "preferences" in changes:
        patch = changes.pop("preferences")
        user.preferences = preferences.merged(user.preferences, patch) if patch else {}
    for name, value in changes.items():
        setattr(user, name, value)
    user.save()
    if before and not user.private:
        for follower in _waiting_for(user):  # now that nobody can ask any more
            with suppress(NotFound):  # the request was withdrawn meanwhile
                accept_follow(followee=user, follower=follower)
        user.refresh_from_db(fields=["followers_count"])
    if before != user.private:
        emit(AccountReachChanged(user_id=str(user.pk)))
    emit(ProfileChanged(user_id=str(user.pk)))
    if preferences.effective(user.preferences)["training_consent"] != consent:
        emit(TrainingChoiceChanged(user_id=str(user.pk)))
    return user


@transaction.atomic
def follow(*, follower: User, followee: User) -> None:
    """Follow, or ask to. Twice is once. Raises NotOneself, NotFound, Blocked."""
    _not_oneself(follower, followee)
    lock_people(follower, followee)
    if Block.objects.filter(blocker=follower, blocked=followee).exists():
        raise Blocked
    if is_blocked_between(follower, followee.pk):
        raise NotFound
    followee.refresh_from_db(fields=["private"])
    _, created = Follow.objects.get_or_create(
        follower=follower, followee=followee, defaults={"accepted": not followee.private}
    )
    if not created:
        return
    if not followee.private:
        _count(follower, followee, by=1)
    emit(
        Followed(
            follower_id=str(follower.pk),
            followee_id=str(followee.pk),
            accepted=not followee.private,
        )
    )


@transaction.atomic
def unfollow(*, follower: User, followee: User) -> None:
    """Stop following, or withdraw the request. Also how a follower is removed."""
    lock_people(follower, followee)
    found = Follow.objects.filter(follower=follower, followee=followee).first()
    if found is None:
        return
    found.delete()
    if found.accepted:
        _count(follower, followee, by=-1)
    emit(FollowEnded(follower_id=str(follower.pk), followee_id=str(followee.pk)))


@transaction.atomic
def accept_follow(*, followee: User, follower: User) -> None:
    """Let somebody who asked follow. Raises NotFound if nobody asked."""
    lock_people(follower, followee)
    if not Follow.objects.filter(follower=follower, followee=followee, accepted=False).update(
        accepted=True
    ):
        raise NotFound
    _count(follower, followee, by=1)
    emit(FollowAccepted(follower_id=str(follower.pk), followee_id=str(followee.pk)))


@transaction.atomic
def reject_follow(*, followee: User, follower: User) -> None:
    """Decline a request. Raises NotFound if nobody asked."""
    asked = Follow.objects.filter(follower=follower, followee=followee, accepted=False)
    if not asked.delete()[0]:
        raise NotFound
    emit(FollowEnded(follower_id=str(follower.pk), followee_id=str(followee.pk)))


@transaction.atomic
def block(*, blocker: User, blocked: User) -> None:
    """Part the two: no sight either way, and neither follows the other."""
    _not_oneself(blocker, blocked)
    lock_people(blocker, blocked)
    Block.objects.get_or_create(blocker=blocker, blocked=blocked)
    unfollow(follower=blocker, followee=blocked)
    unfollow(follower=blocked, followee=blocker)
    emit(PeopleParted(blocker_id=str(blocker.pk), blocked_id=str(blocked.pk)))


def unblock(*, blocker: User, blocked: User) -> None:
    Block.objects.filter(blocker=blocker, blocked=blocked).delete()


def mute(*, muter: User, muted: User, until: datetime | None = None) -> None:
    """Do not meet somebody, for good or `until` a moment; the last word counts."""
    _not_oneself(muter, muted)
    Mute.objects.update_or_create(muter=muter, muted=muted, defaults={"until": until})


def unmute(*, muter: User, muted: User) -> None:
    Mute.objects.filter(muter=muter, muted=muted).delete()


@transaction.atomic
def limit_account(*, user: User, limit: str, decision_id: Any, reason_code: str) -> None:
    """Carry out what a Decision says about an account; an empty `limit` lifts it."""
    User.objects.filter(pk=user.pk).update(
        limit=limit, decision_id=decision_id, reason_code=reason_code
    )
    emit(AccountReachChanged(user_id=str(user.pk)))


def _waiting_for(user: User) -> list[User]:
    return list(User.objects.filter(following__followee=user, following__accepted=False))


def _not_oneself(one: User, other: User) -> None:
    if one.pk == other.pk:
        raise NotOneself


def lock_people(*people: User) -> None:
    """All of them, always in the same order, so that two opposite verbs cannot deadlock."""
    list(
        User.objects.select_for_update(no_key=True)
        .filter(pk__in=[person.pk for person in people])
        .order_by("pk")
        .values_list("pk")
    )


def _count(follower: User, followee: User, *, by: int) -> None:
    User.objects.filter(pk=follower.pk).update(
        following_count=F("following_count") + by,
        following_version=F("following_version") + 1,
    )
    User.objects.filter(pk=followee.pk).update(followers_count=F("followers_count") + by)
