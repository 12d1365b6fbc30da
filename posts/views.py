"""Posts, reactions, comments; and reading images, since posts know who may see them."""

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from orjson import Fragment
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.errors import DomainError, Forbidden, NotFound
from core.idempotency import idempotent
from core.openapi import cursor_page
from core.pagination import page
from core.parsers import AnyAccept
from core.renderers import as_read
from media import services as media
from media import serving
from media.models import EXTENSIONS, Asset
from media.serializers import AssetChange, AssetOut, Sheet, present_asset, present_sheet
from posts import publishing, services
from posts.lineage import lineage_of
from posts.models import Comment, Post, Reaction
from posts.queries import assets_visible_to, can_remix_asset, met_in_public, versions_of
from posts.serializers import (
    CommentIn,
    CommentOut,
    LineageOut,
    PostFields,
    PostIn,
    PostOut,
    ReactionAnswer,
    VersionOut,
    present_comments,
    present_lineage,
    present_post,
    present_posts,
    present_versions,
)
from users.authentication import current_user
from users.models import Viewer
from users.permissions import Active, ReadAnyWriteActive
from users.scopes import ORDINARY


class UnknownParent(DomainError):
    """There is no such comment under this post."""

    code = "unknown_comment"
    field = "parent"


class PostsView(APIView):
    permission_classes = [Active]
    scopes = ORDINARY

    @extend_schema(responses=cursor_page(PostOut), operation_id="posts_list")
    def get(self, request: Request) -> Response:
        """One's own posts, drafts included, newest first."""
        mine = Post.objects.visible_to(request.user).filter(author=current_user(request))

        def present(posts: Sequence[Post]) -> list[Fragment]:
            return present_posts([post.pk for post in posts], request.user)

        return Response(page(request, mine, present))

    @extend_schema(request=PostIn, responses={201: PostOut}, operation_id="posts_create")
    @idempotent
    def post(self, request: Request) -> Response:
        wanted = PostIn(data=request.data)
        wanted.is_valid(raise_exception=True)
        fields = dict(wanted.validated_data)
        post = services.create_post(
            author=current_user(request),
            assets=fields.pop("assets", []),
            draft=fields.pop("state", None) == Post.State.DRAFT,
            **fields,
        )
        response = Response(present_post(post.pk, request.user), status=201)
        response["Location"] = f"/api/v1/posts/{post.pk}"
        return response


class PostView(APIView):
    scopes = ORDINARY

    @extend_schema(responses=PostOut, operation_id="post_read")
    def get(self, request: Request, post_id: UUID) -> Response:
        return Response(present_post(post_id, request.user))

    @extend_schema(request=PostFields, responses=PostOut, operation_id="post_change")
    def patch(self, request: Request, post_id: UUID) -> Response:
        post = _own_post(request, post_id)
        changes = PostFields(data=request.data)
        changes.is_valid(raise_exception=True)
        publishing.edit_post(post=post, changes=changes.validated_data)
        return Response(present_post(post_id, request.user))

    @extend_schema(responses={204: None}, operation_id="post_delete")
    def delete(self, request: Request, post_id: UUID) -> Response:
        services.remove_post(post=_own_post(request, post_id))
        return Response(status=204)


class HistoryView(APIView):
    scopes = ORDINARY

    @extend_schema(responses=cursor_page(VersionOut), operation_id="post_history")
    def get(self, request: Request, post_id: UUID) -> Response:
        """What it said before it was edited, the latest first."""
        posts = Post.objects.visible_to(request.user).select_related("author")
        versions = versions_of(get_object_or_404(posts, pk=post_id), request.user)
        return Response(page(request, versions, present_versions))


class LineageView(APIView):
    scopes = ORDINARY

    @extend_schema(responses=LineageOut, operation_id="post_lineage")
    def get(self, request: Request, post_id: UUID) -> Response:
        post = get_object_or_404(Post.objects.visible_to(request.user), pk=post_id)
        return Response(present_lineage(lineage_of(post, request.user), request.user))


class PublishView(APIView):
    scopes = ORDINARY

    @extend_schema(request=None, responses=PostOut, operation_id="post_publish")
    def post(self, request: Request, post_id: UUID) -> Response:
        publishing.publish_post(post=_own_post(request, post_id))
        return Response(present_post(post_id, request.user))


@extend_schema(parameters=[OpenApiParameter("kind", location="path", enum=Reaction.Kind.values)])
class ReactionView(APIView):
    scopes = ORDINARY

    @extend_schema(request=None, responses=ReactionAnswer, operation_id="reaction_add")
    def put(self, request: Request, post_id: UUID, kind: str) -> Response:
        post = _reactable(request, post_id, kind)
        services.react(post=post, user=current_user(request), kind=kind)
        return self._answer(request, post_id)

    @extend_schema(responses={200: ReactionAnswer}, operation_id="reaction_remove")
    def delete(self, request: Request, post_id: UUID, kind: str) -> Response:
        post = _reactable(request, post_id, kind)
        services.unreact(post=post, user=current_user(request), kind=kind)
        return self._answer(request, post_id)

    def _answer(self, request: Request, post_id: UUID) -> Response:
        shown = as_read(present_post(post_id, request.user))
        return Response({"counts": shown["counts"], "viewer": shown["viewer"]})


class CommentsView(APIView):
    scopes = ORDINARY

    @extend_schema(responses=cursor_page(CommentOut), operation_id="comments_list")
    def get(self, request: Request, post_id: UUID) -> Response:
        post = _visible_post(request, post_id)
        rows = Comment.objects.visible_to(request.user).filter(post=post)
        rows = rows.select_related("author__avatar__asset")
        return Response(page(request, rows, partial(present_comments, viewer=request.user)))

    @extend_schema(request=CommentIn, responses={201: CommentOut}, operation_id="comments_create")
    @idempotent
    def post(self, request: Request, post_id: UUID) -> Response:
        post = _visible_post(request, post_id)
        said = CommentIn(data=request.data)
        said.is_valid(raise_exception=True)
        comment = services.comment(
            post=post,
            author=current_user(request),
            body=said.validated_data["body"],
            parent=_parent(request, post, said.validated_data.get("parent")),
        )
        return Response(present_comments([comment], request.user)[0], status=201)


class CommentView(APIView):
    scopes = ORDINARY

    @extend_schema(responses={204: None}, operation_id="comment_delete")
    def delete(self, request: Request, comment_id: UUID) -> Response:
        mine = Comment.objects.said_by(current_user(request)).filter(pk=comment_id)
        comment = mine.first() or _comment_under_ones_own(request, comment_id)
        services.delete_comment(comment=comment)
        return Response(status=204)


class AssetView(APIView):
    permission_classes = [ReadAnyWriteActive]
    scopes = ORDINARY

    @extend_schema(responses=AssetOut, operation_id="asset_read")
    def get(self, request: Request, asset_id: UUID) -> Response:
        return Response(_shown_asset(request, asset_id))

    @extend_schema(request=AssetChange, responses=AssetOut, operation_id="asset_change")
    def patch(self, request: Request, asset_id: UUID) -> Response:
        asset = get_object_or_404(Asset.objects.owned_by(request.user), pk=asset_id)
        change = AssetChange(data=request.data)
        change.is_valid(raise_exception=True)
        if "alt_text" in change.validated_data:
            media.change_alt_text(asset=asset, alt_text=change.validated_data["alt_text"])
        return Response(_shown_asset(request, asset_id))

    @extend_schema(responses={204: None}, operation_id="asset_delete")
    def delete(self, request: Request, asset_id: UUID) -> Response:
        asset = get_object_or_404(Asset.objects.owned_by(request.user), pk=asset_id)
        media.remove_asset(asset=asset)
        return Response(status=204)


class SheetView(APIView):
    scopes = ORDINARY

    @extend_schema(responses=Sheet, operation_id="asset_provenance")
    def get(self, request: Request, asset_id: UUID) -> Response:
        visible = assets_visible_to(request.user)
        asset = get_object_or_404(visible.hydrated(), pk=asset_id)
        return Response(present_sheet(asset, request.user, **relatives(asset, request.user)))


class DownloadView(APIView):
    scopes = ORDINARY

    content_negotiation_class = AnyAccept

    @extend_schema(
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
        operation_id="asset_download",
    )
    def get(self, request: Request, asset_id: UUID) -> HttpResponseBase:
        """The owner gets exactly what was uploaded, others the full-size rendition."""
        asset = get_object_or_404(assets_visible_to(request.user), pk=asset_id)
        file = _file_for(asset, request.user)
        if file is None:
            raise NotFound("The full-size file is still being made. Try again in a moment.")
        key, media_type = file
        return serving.attachment(key, media_type, f"{asset.pk}.{EXTENSIONS[media_type]}")


def relatives(asset: Asset, viewer: Viewer) -> dict[str, list[Asset]]:
    """What the sheet of `asset` may name: `made`, the works that it was made from or that were made
    from it, as far as one meets them; `seen`, those that were recognised in it, as far as one sees
    both."""
    record = asset.record_id
    visible = assets_visible_to(viewer).select_related("owner").prefetch_related("renditions")
    met = visible.filter(met_in_public(viewer))
    made_from = met.filter(record__children__child=record)
    made_of_it = met.filter(record__parents__parent=record)
    seen_in_it = visible.filter(record__matches__record=record).distinct()
    return {"made": [*made_from, *made_of_it], "seen": list(seen_in_it)}


def _file_for(asset: Asset, viewer: Viewer) -> tuple[str, str] | None:
    if viewer.pk == asset.owner_id:
        return asset.key, asset.media_type
    full = asset.renditions.filter(width=asset.width).order_by("media_type").first()
    return (full.key, full.media_type) if full else None


def _shown_asset(request: Request, asset_id: UUID) -> dict[str, Any]:
    asset = get_object_or_404(assets_visible_to(request.user).hydrated(), pk=asset_id)
    return present_asset(asset, request.user, may_remix=can_remix_asset(asset, request.user))


def _visible_post(request: Request, post_id: UUID) -> Post:
    return get_object_or_404(Post.objects.visible_to(request.user), pk=post_id)


def _own_post(request: Request, post_id: UUID) -> Post:
    """A post that the caller wrote: unknown if they cannot see it, forbidden if not theirs."""
    post = _visible_post(request, post_id)
    if post.author_id != request.user.pk:
        raise Forbidden("Only its author may do this.")
    return post


def _reactable(request: Request, post_id: UUID, kind: str) -> Post:
    if kind not in Reaction.Kind.values:
        raise NotFound(f"Reactions are: {', '.join(Reaction.Kind.values)}.")
    return _visible_post(request, post_id)


def _comment_under_ones_own(request: Request, comment_id: UUID) -> Comment:
    comments = Comment.objects.visible_to(request.user).select_related("post")
    comment = get_object_or_404(comments, pk=comment_id)
    if comment.post.author_id != request.user.pk:
        raise Forbidden("You may delete your own comments and those under your posts.")
    return comment


def _parent(request: Request, post: Post, comment_id: UUID | None) -> Comment | None:
    if comment_id is None:
        return None
    visible = Comment.objects.visible_to(request.user).filter(post=post, pk=comment_id)
    parent = visible.first()
    if parent is None:
        raise UnknownParent
    return parent
