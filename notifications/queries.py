"""Notifications as their recipient may read them now."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from core.prepared import any_of, prepared
from media.models import Asset
from notifications.models import Notification
from posts.models import Board, Comment, Post
from users.models import User
from users.queries import blocked_between

UNREAD_COUNTED, UNREAD_LOOKED_AT = 100, 1000
#: So many of what is told together with each are looked at, and no more are counted.
OTHERS_COUNTED = 200
_OF_BOARDS = (Notification.Type.SAVE, Notification.Type.BOARD_FOLLOW, Notification.Type.BOARD_SHARE)
_TEXTS = {
    "follow": "@{actor} follows you.",
    "follow_request": "@{actor} asks to follow you.",
    "follow_accepted": "@{actor} lets you follow them.",
    "reaction": "@{actor} reacted to your post: {kind}.",
    "comment": "@{actor} commented.",
    "mention": "@{actor} mentioned you.",
    "remix": "@{actor} made something of a work of yours.",
    "save": "@{actor} saved your post.",
    "board_follow": "@{actor} follows a board of yours.",
    "board_share": "@{actor} let you in on a board.",
    "job": "Your image job has ended: {state}.",
    "label": "The label of your image changed from “{before}” to “{after}”.",
    "recognised": "We recognised an earlier work in your image, so its label is “{after}”. Look at"
    " the two side by side on its provenance sheet, and dispute the label if it is wrong.",
    "decision": "A moderator decided about your {target}: {action}. {reason}",
    "report": "Your report was looked at: {outcome}. {reason}",
}

_TEXTS_OF_MANY = {
    "follow": "@{actor} and {others} follow you.",
    "follow_request": "@{actor} and {others} ask to follow you.",
    "reaction": "@{actor} and {others} reacted to your post.",
    "save": "@{actor} and {others} saved your post.",
    "board_follow": "@{actor} and {others} follow a board of yours.",
}


def for_recipient(recipient: User) -> QuerySet[Notification]:
    """Rows whose actor is still somebody the recipient may meet.

    What is told of several boards together is told of those that the recipient may see.
    """
    boards = Board.objects.visible_to(recipient).filter(pk=OuterRef("target_id"))
    return (
        Notification.objects.filter(recipient=recipient)
        .filter(
            Q(actor=None) | (Q(actor__is_active=True) & ~Q(blocked_between(recipient, "actor"))),
            ~Q(type__in=_OF_BOARDS) | Q(Exists(boards)),
        )
        .select_related("actor__avatar__asset")
    )


def told_together(recipient: User) -> QuerySet[Notification]:
    """Of what is about the same only the latest."""
    rows = for_recipient(recipient)
    later = rows.filter(about=OuterRef("about"), pk__gt=OuterRef("pk"))
    return rows.exclude(Exists(later))


def unread(recipient: User) -> int:
    """How many are told and were not read; beyond UNREAD_COUNTED nobody counts on.

    What is told together counts once. Only the latest UNREAD_LOOKED_AT rows are looked at: of one
    thing there may be a hundred thousand.
    """
    latest = for_recipient(recipient).filter(read_at=None).order_by("-id")
    about = latest.values_list("about", flat=True)[:UNREAD_LOOKED_AT]
    return min(len(set(about)), UNREAD_COUNTED)


def others_with(rows: Sequence[Notification], recipient: User) -> dict[UUID, list[UUID]]:
    """For each of `rows`, who else did what it tells of before, the latest first, each once."""
    found: dict[UUID, list[UUID]] = {row.pk: [] for row in rows}
    for row in rows:
        if row.actor_id and row.type in _TEXTS_OF_MANY:
            before = _told_before(recipient, about=row.about, key=row.pk, size=OTHERS_COUNTED)
            people = dict.fromkeys(actor for _, actor in before)
            found[row.pk] = [actor for actor in people if actor != row.actor_id]
    return found


@prepared("size")
def _told_before(
    recipient: User, *, about: str, key: UUID, size: int
) -> QuerySet[Notification, tuple[UUID, UUID]]:
    rows = for_recipient(recipient).select_related(None).filter(about=about, pk__lt=key)
    return rows.order_by("-pk").values_list("pk", "actor_id")[:size]


def hidden_targets(rows: Iterable[Notification], recipient: User) -> set[UUID]:
    """Ids of rows that name what the recipient may no longer see; they are told nothing of it."""
    named = [(row.pk, kind, target) for row in rows for kind, target in _named(row)]
    hidden: set[UUID] = set()
    for of, visible_to in _VISIBLE.items():
        mine = [(pk, target) for pk, kind, target in named if kind == of]
        targets = [target for _, target in mine]
        seen = {key for (key,) in _keys(visible_to, recipient, targets)} if targets else set()
        hidden |= {pk for pk, target in mine if target not in seen}
    return hidden


def _named(row: Notification) -> list[tuple[str, UUID]]:
    """The target, and the post that it is told with: an author's own may be gone."""
    post = [("post", UUID(row.facts["post"]))] if "post" in row.facts else []
    return [(row.target_kind, row.target_id), *post]


def _posts(recipient: User) -> QuerySet[Post]:
    return Post.objects.visible_to(recipient)


def _comments(recipient: User) -> QuerySet[Comment]:
    return Comment.objects.visible_to(recipient)


def _images(recipient: User) -> QuerySet[Asset]:
    return Asset.objects.owned_by(recipient)


_VISIBLE: dict[str, Callable[[User], QuerySet[Any]]] = {
    "post": _posts,
    "comment": _comments,
    "asset": _images,
}


@prepared()
def _keys(
    visible_to: Callable[[User], QuerySet[Any]], recipient: User, targets: list[UUID]
) -> QuerySet[Any, tuple[UUID]]:
    return visible_to(recipient).filter(pk__in=any_of(targets)).values_list("pk")


def text_of(row: Notification, others: int = 0) -> str:
    """The notification as a sentence; `others` did the same."""
    facts: dict[str, Any] = {"actor": row.actor.username if row.actor else "", **row.facts}
    kind = "recognised" if facts.get("recognised") else row.type
    if others and kind in _TEXTS_OF_MANY:
        facts["others"] = "one other" if others == 1 else f"{others} others"
        return _TEXTS_OF_MANY[kind].format_map(_Known(facts))
    return _TEXTS[kind].format_map(_Known(facts)).strip()


class _Known(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return ""
