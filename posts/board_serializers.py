"""How boards look in the API."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet
from orjson import Fragment
from rest_framework import serializers

from core.serializers import Input, Key, List, Name, Output, Text
from media.models import Asset
from media.serializers import AssetOut, present_asset
from posts.boards import MAX_BOARDS, MAX_ITEMS, MAX_SECTIONS
from posts.cards import post_cards, present_limits
from posts.models import (
    Board,
    BoardCollaborator,
    BoardFollow,
    BoardItem,
    BoardRole,
    BoardSection,
    BoardStanding,
    Post,
)
from posts.queries import first_images, items_shown_to
from posts.rows import PostRow
from posts.serializers import Limit, PostOut
from users.models import Viewer
from users.serializers import PersonRef, present_person


class SectionOut(Output):
    id = serializers.UUIDField()
    name = serializers.CharField()


class BoardViewer(Output):
    role = serializers.ChoiceField(BoardStanding.choices)
    following = serializers.BooleanField()


class BoardOut(Output):
    id = serializers.UUIDField()
    owner = PersonRef()
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    visibility = serializers.ChoiceField(Board.Visibility.choices)
    cover = AssetOut(allow_null=True)
    items_count = serializers.IntegerField(help_text="Of those that you may see.")
    sections = SectionOut(many=True)
    limits = Limit(many=True)
    viewer = BoardViewer()
    created_at = serializers.DateTimeField()


class BoardItemOut(Output):
    section = serializers.UUIDField(allow_null=True)
    note = serializers.CharField(allow_blank=True)


class BoardPostOut(PostOut):
    item = BoardItemOut()


class CollaboratorOut(Output):
    person = PersonRef()
    role = serializers.ChoiceField(BoardRole.choices)


class BoardChange(Input):
    name = Name(max_length=80, required=False)
    description = Text(max_length=500, allow_blank=True, required=False)
    visibility = serializers.ChoiceField(Board.Visibility.choices, required=False)
    cover = Key(required=False, allow_null=True, help_text="A post on it.")


class BoardIn(Input):
    name = Name(max_length=80)
    description = Text(max_length=500, allow_blank=True, required=False)
    visibility = serializers.ChoiceField(Board.Visibility.choices, required=False)


class ItemIn(Input):
    section = Key(required=False, allow_null=True, source="section_id")
    note = Text(max_length=500, allow_blank=True, required=False)


class SectionIn(Input):
    name = Name(max_length=80)


class SectionChange(Input):
    name = Name(max_length=80, required=False)


class CollaboratorIn(Input):
    role = serializers.ChoiceField(BoardRole.choices)


def _order(most: int) -> List:
    return List(child=Key(), max_length=most)


class BoardsOrder(Input):
    boards = _order(MAX_BOARDS)


class SectionsOrder(Input):
    sections = _order(MAX_SECTIONS)


class ItemsOrder(Input):
    items = _order(MAX_ITEMS)


def present_boards(boards: Sequence[Board], viewer: Viewer) -> list[dict[str, Any]]:
    """Boards with `owner` and `sections`, as `viewer` may see them; counts and covers tell of no
    post that they may not."""
    items = items_shown_to(viewer).filter(board__in=boards)
    counts = dict(items.values_list("board").annotate(Count("pk")))
    covers = _covers(boards, items, viewer)
    roles = dict(
        BoardCollaborator.objects.filter(board__in=boards, user=viewer.pk).values_list(
            "board", "role"
        )
    )
    followed = set(
        BoardFollow.objects.filter(board__in=boards, user=viewer.pk).values_list("board", flat=True)
    )
    return [
        {
            "id": str(board.pk),
            "owner": present_person(board.owner),
            "name": board.name,
            "description": board.description,
            "visibility": board.visibility,
            "cover": present_asset(cover, viewer) if (cover := covers.get(board.pk)) else None,
            "items_count": counts.get(board.pk, 0),
            "sections": [present_section(each) for each in _sections(board)],
            "limits": present_limits(board),
            "viewer": {
                "role": "owner" if board.owner_id == viewer.pk else roles.get(board.pk, "none"),
                "following": board.pk in followed,
            },
            "created_at": board.created_at,
        }
        for board in boards
    ]


def present_items(board: Board, rows: Sequence[PostRow], viewer: Viewer) -> list[Fragment]:
    """Posts of a board in this order, each with what its keepers say of it."""
    items = board.items.filter(post__in=[row.id for row in rows])
    said = {
        post: {"section": section, "note": note}
        for post, section, note in items.values_list("post", "section", "note")
    }
    return post_cards([row for row in rows if row.id in said], viewer, said)


def present_collaborators(rows: Iterable[BoardCollaborator]) -> list[dict[str, Any]]:
    return [{"person": present_person(row.user), "role": row.role} for row in rows]


def present_section(section: BoardSection) -> dict[str, Any]:
    return {"id": str(section.pk), "name": section.name}


def _sections(board: Board) -> list[BoardSection]:
    return sorted(board.sections.all(), key=lambda section: -section.position)


def _covers(
    boards: Sequence[Board], items: QuerySet[BoardItem], viewer: Viewer
) -> dict[UUID, Asset]:
    """The image that stands for each board: of its cover, or of its newest item."""
    newest = items.filter(post__kind=Post.Kind.IMAGE).order_by("board", "-position")
    standing_for = dict(newest.distinct("board").values_list("board", "post"))
    chosen = {board.pk: board.cover_id for board in boards if board.cover_id}
    kept = items.filter(post__in=chosen.values()).values_list("board", "post")
    standing_for |= {board: post for board, post in kept if chosen.get(board) == post}
    images = first_images(standing_for.values(), viewer)
    return {board: images[post] for board, post in standing_for.items() if post in images}
