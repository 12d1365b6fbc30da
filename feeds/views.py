"""The feeds. Each names its rows; the walk does the rest."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.errors import NotFound
from core.openapi import cursor_page
from core.pagination import BadCursor, limit_of, next_url, read_cursor
from feeds import queries
from feeds.related import related_to
from feeds.serializers import FeedQuery, taste_of
from feeds.walk import Key, Position, walk
from posts.board_serializers import BoardPostOut, present_board_posts
from posts.models import Board, BoardSection, Post, PostQuerySet
from posts.queries import on_board
from posts.serializers import PostOut, TagField, present_posts
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
        return answer(request, "home", queries.home(current_user(request)))


class ExploreFeed(APIView):
    scopes = ORDINARY

    @feed
    def get(self, request: Request) -> Response:
        return answer(request, "explore", queries.explore(request.user))


class TagFeed(APIView):
    scopes = ORDINARY

    @feed
    def get(self, request: Request, tag: str) -> Response:
        name = TagField().run_validation(tag)
        return answer(request, "tag", queries.tagged(request.user, name), tag=name)


class ProfileFeed(APIView):
    scopes = ORDINARY

    @feed
    def get(self, request: Request, username: str) -> Response:
        author = get_object_or_404(User.objects.visible_to(request.user), username=username)
        return answer(request, "profile", queries.profile(request.user, author))


class BoardFeed(APIView):
    scopes = ORDINARY

    @extend_schema(
        parameters=[FeedQuery, OpenApiParameter("section", OpenApiTypes.UUID)],
        responses=cursor_page(BoardPostOut, filtered=True),
    )
    def get(self, request: Request, board_id: UUID) -> Response:
        """What is on a board, in its keeper's order; `section` shows a part of it."""
        board = get_object_or_404(Board.objects.visible_to(request.user), pk=board_id)
        rows = on_board(board, request.user, _section(request, board))
        return answer(request, "board", rows, by="place", key=int, present=present_board_posts)


class RelatedFeed(APIView):
    scopes = ORDINARY

    @feed
    def get(self, request: Request, post_id: UUID) -> Response:
        """What goes with a post that one may see, the nearest first."""
        visible = Post.objects.visible_to(request.user)
        post = get_object_or_404(visible, pk=post_id)
        rows = related_to(post, request.user)
        return answer(request, "related", rows, by="place", key=str)


def answer(
    request: Request,
    surface: str,
    rows: PostQuerySet,
    *,
    tag: str = "",
    by: str = "published_key",
    key: Callable[[str], Key] = UUID,
    present: Callable[[list[Post], Viewer], list[dict[str, Any]]] = present_posts,
) -> Response:
    """One page of a feed, with what was passed over and the address of the next.

    `by` orders the rows, and `key` reads it out of a cursor.
    """
    page = walk(
        rows,
        viewer=request.user,
        taste=taste_of(request, surface, tag=tag),
        start=_start(request, key),
        limit=limit_of(request),
        by=by,
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
        return get_object_or_404(board.sections, pk=UUID(given))
    except ValueError as error:
        raise NotFound from error


def _start(request: Request, key: Callable[[str], Key]) -> Position:
    state = read_cursor(request, request.path)
    try:
        return Position() if state is None else Position.from_state(state, key)
    except (ValueError, TypeError, AttributeError) as error:
        raise BadCursor from error
