"""Telling people, once each, and only what they may know."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from core.bells import ring
from core.clock import now
from notifications import names
from notifications.models import Notification, NotificationType
from posts.events import BoardUnfollowed, BoardUnshared, ReactionTakenBack, Unsaved, Withdrawn
from posts.models import Board, Post
from users import preferences
from users.events import FollowAccepted, FollowEnded
from users.models import User
from users.queries import is_blocked_between, is_muting

ALWAYS_TOLD = {Notification.Type.DECISION, Notification.Type.LABEL, Notification.Type.REPORT}


def tell(
    *,
    recipient: User,
    type: NotificationType,  # noqa: A002  # the word of the API
    target: tuple[str, UUID],
    dedup: str,
    actor: User | None = None,
    facts: dict[str, Any] | None = None,
    about: str = "",
) -> None:
    """Store a notification unless the recipient did it themselves, or does not want to know.

    `about`: what is told together with others about the same; else it is told alone.
    """
    if actor is not None and not _wants_to_hear_of(recipient, actor):
        return
    if type not in ALWAYS_TOLD and not _wants(recipient, type):
        return
    kind, target_id = target
    Notification.objects.bulk_create(
        [
            Notification(
                recipient=recipient,
                type=type,
                actor=actor,
                target_kind=kind,
                target_id=target_id,
                facts=facts or {},
                dedup=dedup,
                about=about or dedup,
            )
        ],
        ignore_conflicts=True,
    )
    transaction.on_commit(lambda: ring(channel(recipient.pk), {}), robust=True)


def forget_follow(event: FollowEnded) -> None:
    """Nobody is told of a follow that ended, nor that it was allowed."""
    _forget(event.followee_id, names.of_follow(event.follower_id, accepted=True))
    _forget(event.follower_id, names.of_accepted_follow(event.followee_id))


def forget_request(event: FollowAccepted | FollowEnded) -> None:
    """What was answered, or taken back, does not wait for an answer."""
    _forget(event.followee_id, names.of_follow(event.follower_id, accepted=False))


def forget_reaction(event: ReactionTakenBack) -> None:
    author = Post.objects.values_list("author_id", flat=True).get(pk=event.post_id)
    _forget(str(author), names.of_reaction(event.post_id, event.user_id, event.kind))


def forget_save(event: Unsaved) -> None:
    author = Post.objects.values_list("author_id", flat=True).get(pk=event.post_id)
    _forget(str(author), names.of_save(event.post_id, event.board_id))


def forget_saves(event: Withdrawn) -> None:
    author = Post.objects.values_list("author_id", flat=True).get(pk=event.post_id)
    saves = Notification.objects.filter(recipient=author, about=names.about_saves(event.post_id))
    _forget_all(author, saves)


def forget_board_follow(event: BoardUnfollowed) -> None:
    owner = Board.objects.values_list("owner_id", flat=True).get(pk=event.board_id)
    _forget(str(owner), names.of_board_follow(event.board_id, event.user_id))


def forget_board_share(event: BoardUnshared) -> None:
    _forget(event.user_id, names.of_board_share(event.board_id, event.user_id))


def _forget(recipient_id: str, dedup: str) -> None:
    recipient = UUID(recipient_id)
    _forget_all(recipient, Notification.objects.filter(recipient=recipient, dedup=dedup))


def _forget_all(recipient: UUID, rows: QuerySet[Notification]) -> None:
    if rows.delete()[0]:
        transaction.on_commit(lambda: ring(channel(recipient), {}), robust=True)


def channel(recipient_id: UUID) -> str:
    """Where the doorbell of somebody's notifications is heard."""
    return f"notifications:{recipient_id}"


def mark_read(*, recipient: User, ids: Iterable[UUID] | None) -> None:
    """Mark one's own notifications as read, with what was told together; None means all of them."""
    rows = Notification.objects.filter(recipient=recipient, read_at=None)
    if ids is not None:
        mine = Notification.objects.filter(recipient=recipient, pk__in=list(ids))
        rows = rows.filter(Exists(mine.filter(about=OuterRef("about"), pk__gte=OuterRef("pk"))))
    rows.update(read_at=now())
    transaction.on_commit(lambda: ring(channel(recipient.pk), {}), robust=True)


def _wants_to_hear_of(recipient: User, actor: User) -> bool:
    if actor.pk == recipient.pk or is_blocked_between(recipient, actor.pk):
        return False
    return not is_muting(recipient, actor)


def _wants(recipient: User, type_: str) -> bool:
    choices = preferences.effective(recipient.preferences)["notifications"]
    return bool(choices.get(type_, True))
