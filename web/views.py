"""Pages for people: server-rendered and plain, made of the same queries as the API."""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from core.pagination import opened, sealed
from feeds import surfaces
from feeds.walk import Position, Taste, walk
from media import serving
from media.serializers import present_asset, present_sheet
from posts.cards import post_cards
from posts.models import Post
from posts.queries import assets_visible_to
from posts.serializers import present_post
from posts.views import relatives
from provenance.manifests import tree_of
from provenance.vocabulary import Flag
from users import preferences
from web.pictures import RELATIONS, SIGHTS, hang, hang_all, in_order, in_words

PAGE = 24
SHARES = (0, 25, 50, 100)
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' {images}; script-src 'none'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

View = Callable[..., HttpResponse]


def page(view: View) -> View:
    """A page that runs no script, and says in a page too that there is nothing to see."""

    @require_safe
    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except Http404:
            response = render(request, "web/404.html", status=404)
        images = " ".join(serving.image_origins())
        response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.format(images=images)
        if request.user.is_authenticated:
            response["Cache-Control"] = "private"
        return response

    return shown


@page
def explore(request: HttpRequest) -> HttpResponse:
    """`/`: what was published lately, every picture with its flag."""
    taste = _taste(request)
    found = walk(
        surfaces.explore(),
        viewer=request.user,
        taste=taste,
        start=_start(request),
        limit=PAGE,
    )
    context = {
        "posts": [hang_all(post) for post in post_cards(found.posts, request.user)],
        "filtered": found.filtered,
        "older": _link(taste, found.position, request) if found.position else None,
        "flags": _flag_links(taste, request),
        "dial": _dial_links(taste, request),
        "everything": taste.flag is None and taste.share == 100,
        "first_page": "cursor" not in request.GET,
    }
    return render(request, "web/explore.html", context)


@page
def post(request: HttpRequest, post_id: UUID) -> HttpResponse:
    """One post."""
    shown = hang_all(present_post(post_id, request.user))
    return render(request, "web/post.html", {"post": shown})


@page
def sheet(request: HttpRequest, asset_id: UUID) -> HttpResponse:
    """The provenance sheet of an image: what we know of where it came from, and how."""
    asset = get_object_or_404(assets_visible_to(request.user).hydrated(), pk=asset_id)
    told = present_sheet(asset, request.user, **relatives(asset, request.user))
    for relative in [*told["lineage"]["parents"], *told["lineage"]["children"]]:
        relative["words"] = RELATIONS[relative["relation"]]
    for place, match in enumerate(told["matches"]):
        match["words"] = SIGHTS[match["kind"]]
        match["again"] = match["url"] in [before["url"] for before in told["matches"][:place]]
    posts = Post.objects.visible_to(request.user).filter(assets=asset).order_by("id")
    seen_in = posts.discoverable() | posts.published().filter(author=request.user.pk)
    context = {
        "picture": hang(present_asset(asset, request.user)),
        "sheet": told,
        "words": in_words(asset.record),
        "evidence": in_order(asset.record),
        "manifests": tree_of(told["credentials"]["manifests"]),
        "posts": seen_in[:5],
    }
    return render(request, "web/sheet.html", context)


def _taste(request: HttpRequest) -> Taste:
    """What the address asks for, over what the viewer prefers; nonsense counts as not asked."""
    user = request.user
    chosen = preferences.effective(user.preferences if user.is_authenticated else {})
    flag, share = request.GET.get("flag", ""), request.GET.get("ai_max_share", "")
    return Taste(
        flag=Flag(flag) if flag in list(Flag) else None,
        share=int(share) if share in map(str, range(101)) else chosen["ai_max_share"]["explore"],
        unknown_policy=chosen["unknown_policy"],
        hide_muted=True,
        hide_agents=chosen["agents"] == "hide",
    )


def _start(request: HttpRequest) -> Position:
    """Where the cursor points; a false one starts at the top."""
    given = request.GET.get("cursor", "")
    try:
        return Position.from_state(opened(given, salt=_salt(request)))
    except (ValueError, TypeError, AttributeError):
        return Position()


def _link(taste: Taste, position: Position | None, request: HttpRequest) -> str:
    asked: dict[str, Any] = {}
    if taste.flag is not None:
        asked["flag"] = taste.flag.value
    if taste.share != 100 or "ai_max_share" in request.GET:
        asked["ai_max_share"] = taste.share
    if position is not None:
        asked["cursor"] = sealed(position.state(), salt=_salt(request))
    return f"?{urlencode(asked)}"


def _flag_links(taste: Taste, request: HttpRequest) -> list[dict[str, Any]]:
    names = {None: "All", Flag.HUMAN: "Human", Flag.AI: "AI", Flag.UNKNOWN: "Unknown"}
    return [
        {
            "name": name,
            "flag": flag.value if flag else "",
            "chosen": taste.flag == flag,
            "url": _link(_with(taste, flag=flag), None, request),
        }
        for flag, name in names.items()
    ]


def _dial_links(taste: Taste, request: HttpRequest) -> list[dict[str, Any]]:
    names = {0: "none", 100: "any amount"}
    return [
        {
            "name": names.get(share, f"{share} %"),
            "chosen": taste.share == share,
            "url": f"?{urlencode({**_flag_of(taste), 'ai_max_share': share})}",
        }
        for share in SHARES
    ]


def _flag_of(taste: Taste) -> dict[str, str]:
    return {"flag": taste.flag.value} if taste.flag else {}


def _with(taste: Taste, *, flag: Flag | None) -> Taste:
    return replace(taste, flag=flag)


def _salt(request: HttpRequest) -> str:
    return f"web:explore:{request.user.pk or 'anonymous'}"
