"""The moderation panel: a django-unfold admin site for staff, at /moderation/."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from unfold.sites import UnfoldAdminSite

from moderation import queries
from moderation.forms import PanelLoginForm

# Alpine.js, which unfold is made with, needs 'unsafe-eval'. This holds for the panel alone.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)


class ModerationPanel(UnfoldAdminSite):  # type: ignore[misc]  # unfold is untyped
    site_header = "Pentimento"
    site_title = "Pentimento moderation"
    index_title = "Moderation"
    login_form = PanelLoginForm

    def has_permission(self, request: HttpRequest) -> bool:
        """Moderators: staff in good standing."""
        user = request.user
        return user.is_authenticated and user.is_active and user.is_staff and not user.suspended

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """There is one place to begin: the queue."""
        return redirect("moderation:moderation_case_changelist")

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return _guarded(super().login(request, extra_context))

    def admin_view(
        self, view: Callable[..., HttpResponse], cacheable: bool = False
    ) -> Callable[..., HttpResponse]:
        inner = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            return _guarded(inner(request, *args, **kwargs))

        return guarded

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context: dict[str, Any] = super().each_context(request)
        context["styles"] = [static("moderation/panel.css")]
        context["scripts"] = [static("moderation/panel.js")]
        context["site_favicons"] = [
            {"rel": "icon", "href": static("web/mark.svg"), "type": "image/svg+xml"}
        ]
        if self.has_permission(request):
            context["sidebar_navigation"] = _navigation(request)
        return context


panel = ModerationPanel(name="moderation")


def _guarded(response: HttpResponse) -> HttpResponse:
    response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    return response


def _navigation(request: HttpRequest) -> list[dict[str, Any]]:
    waiting = queries.queue().count()
    cases = reverse("moderation:moderation_case_changelist")
    log = reverse("moderation:moderation_decision_changelist")
    people = reverse("moderation:users_user_changelist")

    def entry(title: str, icon: str, link: str, **more: Any) -> dict[str, Any]:
        here = request.path == link if link == "/" else request.path.startswith(link)
        return {
            "title": title,
            "icon": icon,
            "link": link,
            "active": here,
            "has_permission": True,
            **more,
        }

    return [
        {
            "title": "Moderation",
            "items": [
                entry("Queue", "inbox", cases, badge=waiting, badge_variant="primary"),
                entry("Decisions", "gavel", log),
                entry("People", "group", people),
            ],
        },
        {"title": "Community", "items": [entry("Explore", "photo_library", "/")]},
    ]
