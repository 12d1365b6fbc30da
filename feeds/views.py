"""The feeds. Each names its surface; the walk does the rest."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from orjson import Fragment
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.openapi import cursor_page
from core.pagination import BadCursor, limit_of, next_url, read_cursor
from feeds import surfaces
from feeds.serializers import FeedQuery, taste_of
from feeds.surfaces import Surface
from feeds.walk import Position, walk
from posts.board_serializers import BoardPostOut, present_items
from posts.boards import UnknownSection
from posts.cards import post_cards
from posts.models import Board, BoardSection, Post
from posts.rows import PostRow
from posts.serializers import PostOut, tag_in_path
from users.authentication import current_user
from users.models import User, Viewer
from users.permissions import Active
from users.scopes import ORDINARY

feed = extend_schema(parameters=[FeedQuery], responses=cursor_page(PostOut, filtered=True))


class HomeFeed(APIView):
    permission_classes = [Active]
    scopes = ORDINARY

    @feed
    def get(self, request: Request) -> Response:
        return answer(request, surfaces.home(current_user(request)))


class ExploreFeed(APIView):
    scopes = ORDINARY

    @feed
    def get(self, request: Request) -> Response:
        return answer(request, surfaces.explore())


class TagFeed(APIView):
    scopes = ORDINARY

    @feed
    def get(self, request: Request, tag: str) -> Response:
        return answer(request, surfaces.tag(tag_in_path(tag)))


class ProfileFeed(APIView):
    scopes = ORDINARY

    @feed
    def get(self, request: Request, username: str) -> Response:
        author = get_object_or_404(User.objects.visible_to(request.user), username=username)
        return answer(request, surfaces.profile(author))


class BoardFeed(APIView):
    scopes = ORDINARY

    @extend_schema(
        parameters=[FeedQuery, OpenApiParameter("section", OpenApiTypes.UUID)],
        responses=cursor_page(BoardPostOut, filtered=True),
    )
    def get(self, request: Request, board_id: UUID) -> Response:
        """What is on a board, in its keeper's order; `section` shows a part of it."""
        board = get_object_or_404(Board.objects.visible_to(request.user), pk=board_id)
        arranged = Board.objects.kept_by(request.user).filter(pk=board_id).exists()
        shown = surfaces.board(board, _section(request, board), arranged=arranged)
        return answer(request, shown, partial(present_items, board))


class RelatedFeed(APIView):
    scopes = ORDINARY

    @feed
    def get(self, request: Request, post_id: UUID) -> Response:
        """What goes with a post that one may see, the nearest first."""
        visible = Post.objects.visible_to(request.user)
        post = get_object_or_404(visible, pk=post_id)
        return answer(request, surfaces.goes_with(post))


def answer(
    request: Request,
    surface: Surface,
    present: Callable[[list[PostRow], Viewer], list[Fragment]] = post_cards,
) -> Response:
    """One page of a surface, with what was passed over and the address of the next."""
    page = walk(
        surface,
        viewer=request.user,
        taste=taste_of(request, surface.name, arranged=surface.arranged),
        start=_start(request, surface),
        limit=limit_of(request),
    )
    more = next_url(request, request.path, page.position.state()) if page.position else None
    return Response(
        {
            "results": present(page.posts, request.user),
            "next": more,
            "previous": None,
            "filtered": page.filtered,
        }
    )


def _section(request: Request, board: Board) -> BoardSection | None:
    given = request.query_params.get("section")
    if given is None:
        return None
    try:
        return board.sections.get(pk=UUID(given))
    except (ValueError, BoardSection.DoesNotExist) as error:
        raise UnknownSection from error


def _start(request: Request, surface: Surface) -> Position:
    state = read_cursor(request, request.path)
    try:
        return Position() if state is None else Position.from_state(state, surface.place_from)
    except (ValueError, TypeError, AttributeError) as error:
        raise BadCursor from error
