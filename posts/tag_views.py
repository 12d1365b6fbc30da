"""What a person wants to meet, or not, by tags."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.openapi import cursor_page
from core.pagination import page
from posts import services
from posts.models import TagFollow, TagHide
from posts.serializers import TagChoice, tag_in_path
from users.authentication import current_user
from users.models import User
from users.permissions import Active
from users.scopes import ORDINARY


class TagChoiceView(APIView):
    """PUT does it, DELETE undoes it, both answer what holds now."""

    permission_classes = [Active]
    scopes = ORDINARY
    do: Callable[..., None]
    undo: Callable[..., None]

    @extend_schema(request=None, responses=TagChoice)
    def put(self, request: Request, tag: str) -> Response:
        return _chosen(current_user(request), tag, type(self).do)

    @extend_schema(responses={200: TagChoice})
    def delete(self, request: Request, tag: str) -> Response:
        return _chosen(current_user(request), tag, type(self).undo)


class TagFollowView(TagChoiceView):
    do = services.follow_tag
    undo = services.unfollow_tag


class TagHideView(TagChoiceView):
    do = services.hide_tag
    undo = services.unhide_tag


class FollowedTagsView(APIView):
    permission_classes = [Active]
    scopes = ORDINARY

    @extend_schema(responses=cursor_page(TagChoice), operation_id="tags_followed")
    def get(self, request: Request) -> Response:
        rows = TagFollow.objects.filter(user=current_user(request)).select_related("tag")
        return Response(page(request, rows, _present_followed))


class HiddenTagsView(APIView):
    permission_classes = [Active]
    scopes = ORDINARY

    @extend_schema(responses=cursor_page(TagChoice), operation_id="tags_hidden")
    def get(self, request: Request) -> Response:
        rows = TagHide.objects.filter(user=current_user(request)).select_related("tag")
        return Response(page(request, rows, _present_hidden))


def _chosen(user: User, tag: str, verb: Callable[..., None]) -> Response:
    name = tag_in_path(tag)
    verb(user=user, name=name)
    named = {"user": user, "tag__name": name}
    return Response(
        _present(
            name,
            follow=TagFollow.objects.filter(**named).exists(),
            hide=TagHide.objects.filter(**named).exists(),
        )
    )


def _present_followed(rows: Any) -> list[dict[str, Any]]:
    return [_present(row.tag.name, follow=True) for row in rows]


def _present_hidden(rows: Any) -> list[dict[str, Any]]:
    return [_present(row.tag.name, hide=True) for row in rows]


def _present(name: str, *, follow: bool = False, hide: bool = False) -> dict[str, Any]:
    return {"tag": name, "follow": follow, "hide": hide}
