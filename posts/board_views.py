"""Boards over REST. What is on one is a feed (feeds.views.BoardFeed)."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.errors import DomainError, Forbidden, NotFound
from core.idempotency import idempotent
from core.openapi import cursor_page
from core.pagination import page
from core.serializers import Input
from posts import boards
from posts.board_serializers import (
    BoardChange,
    BoardIn,
    BoardOut,
    BoardsOrder,
    CollaboratorIn,
    CollaboratorOut,
    ItemIn,
    ItemsOrder,
    SectionChange,
    SectionIn,
    SectionOut,
    SectionsOrder,
    present_boards,
    present_collaborators,
    present_section,
)
from posts.models import Board, BoardQuerySet, BoardSection, Post
from posts.queries import on_board
from users.authentication import current_user
from users.models import User
from users.permissions import Active
from users.queries import may_see_lists_of
from users.scopes import ORDINARY


class UnknownPost(DomainError):
    """There is no such post, or you may not see it."""

    code = "unknown_post"
    field = "cover"


class BoardsView(APIView):
    permission_classes = [Active]
    scopes = ORDINARY

    @extend_schema(responses=cursor_page(BoardOut), operation_id="boards_list")
    def get(self, request: Request) -> Response:
        """One's own, in one's order."""
        rows = Board.objects.filter(owner=current_user(request))
        return Response(_page(request, rows, by="position"))

    @extend_schema(request=BoardIn, responses={201: BoardOut}, operation_id="boards_create")
    @idempotent
    def post(self, request: Request) -> Response:
        wanted = _read(BoardIn, request)
        board = boards.create_board(owner=current_user(request), **wanted)
        response = Response(_shown(request, board.pk), status=201)
        response["Location"] = f"/api/v1/boards/{board.pk}"
        return response


class BoardsOrderView(APIView):
    permission_classes = [Active]
    scopes = ORDINARY

    @extend_schema(request=BoardsOrder, responses={204: None}, operation_id="boards_order")
    def put(self, request: Request) -> Response:
        boards.order_boards(owner=current_user(request), **_read(BoardsOrder, request))
        return Response(status=204)


class FollowedBoardsView(APIView):
    permission_classes = [Active]
    scopes = ORDINARY

    @extend_schema(responses=cursor_page(BoardOut), operation_id="boards_followed")
    def get(self, request: Request) -> Response:
        rows = Board.objects.visible_to(request.user).filter(follows__user=current_user(request))
        return Response(_page(request, rows, by="id"))


class SharedBoardsView(APIView):
    permission_classes = [Active]
    scopes = ORDINARY

    @extend_schema(responses=cursor_page(BoardOut), operation_id="boards_shared")
    def get(self, request: Request) -> Response:
        """Those of others, into which one was let."""
        shared = Board.objects.visible_to(request.user).filter(
            collaborators__user=current_user(request)
        )
        return Response(_page(request, shared, by="id"))


class PersonsBoardsView(APIView):
    scopes = ORDINARY

    @extend_schema(responses=cursor_page(BoardOut), operation_id="user_boards")
    def get(self, request: Request, username: str) -> Response:
        person = get_object_or_404(User.objects.visible_to(request.user), username=username)
        if not may_see_lists_of(request.user, person):
            raise NotFound
        rows = Board.objects.visible_to(request.user).filter(owner=person)
        return Response(_page(request, rows, by="position"))


class BoardView(APIView):
    scopes = ORDINARY

    @extend_schema(responses=BoardOut, operation_id="board_read")
    def get(self, request: Request, board_id: UUID) -> Response:
        return Response(_shown(request, board_id))

    @extend_schema(request=BoardChange, responses=BoardOut, operation_id="board_change")
    def patch(self, request: Request, board_id: UUID) -> Response:
        board = _own(request, board_id)
        changes = _read(BoardChange, request)
        if changes.get("cover") is not None:
            changes["cover"] = _cover(request, board, changes["cover"])
        boards.change_board(board=board, changes=changes)
        return Response(_shown(request, board_id))

    @extend_schema(responses={204: None}, operation_id="board_delete")
    def delete(self, request: Request, board_id: UUID) -> Response:
        boards.delete_board(board=_own(request, board_id))
        return Response(status=204)


class BoardItemView(APIView):
    scopes = ORDINARY

    @extend_schema(request=ItemIn, responses={204: None}, operation_id="board_item_save")
    def put(self, request: Request, board_id: UUID, post_id: UUID) -> Response:
        board = _kept(request, board_id)
        published = Post.objects.visible_to(request.user).published()
        post = get_object_or_404(published, pk=post_id)
        kept = _read(ItemIn, request)
        boards.save_to_board(board=board, post=post, by=current_user(request), kept=kept)
        return Response(status=204)

    @extend_schema(responses={204: None}, operation_id="board_item_remove")
    def delete(self, request: Request, board_id: UUID, post_id: UUID) -> Response:
        boards.remove_from_board(board=_kept(request, board_id), post_id=post_id)
        return Response(status=204)


class BoardOrderView(APIView):
    scopes = ORDINARY

    @extend_schema(request=ItemsOrder, responses={204: None}, operation_id="board_order")
    def put(self, request: Request, board_id: UUID) -> Response:
        """All items that you see, the first on top."""
        board = _kept(request, board_id)
        shown = list(on_board(request.user, board=board).values_list("pk", flat=True))
        wanted = _read(ItemsOrder, request)["items"]
        boards.order_items(board=board, posts=wanted, shown=shown)
        return Response(status=204)


class SectionsView(APIView):
    scopes = ORDINARY

    @extend_schema(request=SectionIn, responses={201: SectionOut}, operation_id="sections_create")
    @idempotent
    def post(self, request: Request, board_id: UUID) -> Response:
        made = boards.create_section(board=_kept(request, board_id), **_read(SectionIn, request))
        return Response(present_section(made), status=201)


class SectionsOrderView(APIView):
    scopes = ORDINARY

    @extend_schema(request=SectionsOrder, responses={204: None}, operation_id="sections_order")
    def put(self, request: Request, board_id: UUID) -> Response:
        boards.order_sections(board=_kept(request, board_id), **_read(SectionsOrder, request))
        return Response(status=204)


class SectionView(APIView):
    scopes = ORDINARY

    @extend_schema(request=SectionChange, responses=SectionOut, operation_id="section_rename")
    def patch(self, request: Request, board_id: UUID, section_id: UUID) -> Response:
        section = _section(request, board_id, section_id)
        name = _read(SectionChange, request).get("name", section.name)
        boards.rename_section(section=section, name=name)
        return Response({"id": str(section.pk), "name": name})

    @extend_schema(responses={204: None}, operation_id="section_delete")
    def delete(self, request: Request, board_id: UUID, section_id: UUID) -> Response:
        boards.delete_section(section=_section(request, board_id, section_id))
        return Response(status=204)


class CollaboratorsView(APIView):
    permission_classes = [Active]
    scopes = ORDINARY

    @extend_schema(responses=cursor_page(CollaboratorOut), operation_id="collaborators_list")
    def get(self, request: Request, board_id: UUID) -> Response:
        """For those who work on the board."""
        board = _visible(request, board_id)
        people = board.collaborators.filter(user__in=User.objects.visible_to(request.user))
        if board.owner_id != request.user.pk and not people.filter(user=request.user.pk).exists():
            raise NotFound
        rows = people.select_related("user__avatar__asset")
        return Response(page(request, rows, present_collaborators))


class CollaboratorView(APIView):
    scopes = ORDINARY

    @extend_schema(
        request=CollaboratorIn, responses={204: None}, operation_id="collaborator_let_in"
    )
    def put(self, request: Request, board_id: UUID, username: str) -> Response:
        board, person = _own(request, board_id), _person(request, username)
        if person.pk == board.owner_id:
            raise Forbidden("The owner of a board is no collaborator.")
        boards.let_in(board=board, user=person, **_read(CollaboratorIn, request))
        return Response(status=204)

    @extend_schema(responses={204: None}, operation_id="collaborator_let_out")
    def delete(self, request: Request, board_id: UUID, username: str) -> Response:
        """By the owner, or by themselves."""
        board, person = _visible(request, board_id), _person(request, username)
        if current_user(request).pk not in {board.owner_id, person.pk}:
            raise Forbidden("Only the owner may do this.")
        boards.let_out(board=board, user=person)
        return Response(status=204)


class BoardFollowView(APIView):
    scopes = ORDINARY

    @extend_schema(request=None, responses=BoardOut, operation_id="board_follow")
    def put(self, request: Request, board_id: UUID) -> Response:
        boards.follow_board(board=_visible(request, board_id), user=current_user(request))
        return Response(_shown(request, board_id))

    @extend_schema(responses={200: BoardOut}, operation_id="board_unfollow")
    def delete(self, request: Request, board_id: UUID) -> Response:
        boards.unfollow_board(board=_visible(request, board_id), user=current_user(request))
        return Response(_shown(request, board_id))


def _read(kind: type[Input], request: Request) -> dict[str, Any]:
    given = kind(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def _page(request: Request, rows: BoardQuerySet, *, by: str) -> dict[str, Any]:
    shown = _hydrated(rows)
    return page(request, shown, lambda found: present_boards(found, request.user), by=by)


def _hydrated(rows: BoardQuerySet) -> QuerySet[Board]:
    return rows.select_related("owner__avatar__asset").prefetch_related("sections")


def _shown(request: Request, board_id: UUID) -> dict[str, Any]:
    rows = _hydrated(Board.objects.visible_to(request.user))
    (shown,) = present_boards([get_object_or_404(rows, pk=board_id)], request.user)
    return shown


def _visible(request: Request, board_id: UUID) -> Board:
    return get_object_or_404(Board.objects.visible_to(request.user), pk=board_id)


def _kept(request: Request, board_id: UUID) -> Board:
    """A board whose items the caller may change: unknown if they cannot see it, else forbidden."""
    board = _visible(request, board_id)
    if not Board.objects.kept_by(current_user(request)).filter(pk=board.pk).exists():
        raise Forbidden("Only its owner and editors may do this.")
    return board


def _own(request: Request, board_id: UUID) -> Board:
    board = _visible(request, board_id)
    if board.owner_id != current_user(request).pk:
        raise Forbidden("Only its owner may do this.")
    return board


def _section(request: Request, board_id: UUID, section_id: UUID) -> BoardSection:
    return get_object_or_404(_kept(request, board_id).sections, pk=section_id)


def _person(request: Request, username: str) -> User:
    person: User = get_object_or_404(User.objects.visible_to(request.user), username=username)
    return person


def _cover(request: Request, board: Board, post_id: UUID) -> Post:
    post: Post | None = on_board(request.user, board=board).filter(pk=post_id).first()
    if post is None:
        raise UnknownPost
    return post
