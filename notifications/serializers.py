"""How notifications look in the API."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid5

from rest_framework import serializers

from core.serializers import Input, Key, List, Output, Switch
from notifications.models import Notification
from notifications.queries import hidden_targets, others_with, text_of
from users.models import User
from users.serializers import PersonRef, present_person

OTHERS_SHOWN = 3


class Target(Output):
    """`post` is the post that a comment stands under."""

    kind = serializers.CharField()
    id = serializers.UUIDField()
    post = serializers.UUIDField(required=False)


class NotificationOut(Output):
    """Of two with the same `group`, the later one is to be shown instead of the earlier one."""

    id = serializers.UUIDField()
    group = serializers.UUIDField()
    type = serializers.ChoiceField(Notification.Type.choices)
    actor = PersonRef(allow_null=True)
    others = PersonRef(many=True)
    others_count = serializers.IntegerField()
    target = Target(allow_null=True)
    text = serializers.CharField()
    read = serializers.BooleanField()
    created_at = serializers.DateTimeField()


class ReadIn(Input):
    ids = List(child=Key(), max_length=200, required=False)
    all = Switch(required=False, default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs["all"] and "ids" not in attrs:
            raise serializers.ValidationError({"ids": "Name some, or ask for all."})
        return attrs


def present_notifications(rows: Sequence[Notification], recipient: User) -> list[dict[str, Any]]:
    hidden = hidden_targets(rows, recipient)
    others = others_with(rows, recipient)
    shown = {key for people in others.values() for key in people[:OTHERS_SHOWN]}
    people = User.objects.select_related("avatar__asset").in_bulk(shown)
    return [
        _present(
            row,
            others[row.pk],
            [people[key] for key in others[row.pk][:OTHERS_SHOWN] if key in people],
            told=row.pk not in hidden or row.type in _DECISIONS,
        )
        for row in rows
    ]


_GROUPS = UUID("0193f3a4-6d5c-7c6e-9b7e-5f1c0a9d2e31")  # of our own, for uuid5
# A decision is told even though (and because) its target can no longer be seen.
_DECISIONS = {Notification.Type.DECISION, Notification.Type.REPORT}


def _target(row: Notification) -> dict[str, Any]:
    target = {"kind": row.target_kind, "id": str(row.target_id)}
    return {**target, "post": row.facts["post"]} if "post" in row.facts else target


def _present(
    row: Notification, others: Sequence[UUID], people: Sequence[User], *, told: bool
) -> dict[str, Any]:
    """`people`: those of the `others` that are named."""
    return {
        "id": str(row.pk),
        "group": str(uuid5(_GROUPS, row.about)),
        "type": row.type,
        "actor": present_person(row.actor) if row.actor and told else None,
        "others": [present_person(other) for other in people] if told else [],
        "others_count": len(others) if told else 0,
        "target": _target(row) if told else None,
        "text": text_of(row, len(others)) if told else "This is no longer available.",
        "read": row.read_at is not None,
        "created_at": row.created_at,
    }
