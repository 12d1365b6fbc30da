"""Pages for people: server-rendered and plain, made of the same queries as the API."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from feeds import queries
from feeds.walk import Position, Taste, walk
from media.serializers import present_sheet, show_url
from posts.models import Post
from posts.queries import assets_visible_to
from posts.serializers import present_post, present_posts
from posts.views import relatives

PAGE = 24
EVERYTHING = Taste(flag=None, share=100, unknown_policy="show", hide_muted=False)


@require_safe
def explore(request: HttpRequest) -> HttpResponse:
    """`/`: what was published lately, every picture with its flag."""
    page = walk(
        queries.explore(request.user),
        viewer=request.user,
        taste=EVERYTHING,
        start=Position(),
        limit=PAGE,
    )
    posts = present_posts(page.posts, request.user)
    return render(request, "web/explore.html", {"posts": posts})


@require_safe
def post(request: HttpRequest, post_id: UUID) -> HttpResponse:
    """One post."""
    rows = Post.objects.visible_to(request.user).hydrated(request.user)
    found = get_object_or_404(rows, pk=post_id)
    return render(request, "web/post.html", {"post": present_post(found, request.user)})


@require_safe
def sheet(request: HttpRequest, asset_id: UUID) -> HttpResponse:
    """The provenance sheet of an image: what we know of where it came from, and how."""
    asset = get_object_or_404(assets_visible_to(request.user).hydrated(), pk=asset_id)
    related = relatives(asset, request.user)
    context = {
        "asset": asset,
        "picture": show_url(asset, 1280),
        "sheet": present_sheet(asset, related),
    }
    return render(request, "web/sheet.html", context)
