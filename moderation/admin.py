"""The panel's pages: the queue, a case and its decision, the log of decisions, people."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import admin, messages
from django.core.files.storage import default_storage
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST, require_safe
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.views import ChangeList

from core.errors import DomainError
from media.models import Asset
from media.rendering import WEBP
from moderation import desk, docket, queries, services, targets
from moderation.forms import COMMON_REASONS, DecisionForm, ReversalForm, actions_for, origins_for
from moderation.models import Case, Decision
from moderation.site import panel
from provenance.vocabulary import Origin
from users.models import User

SLIP = "Taken back by the moderator who had decided it."
_DONE = "moderation.done"


class Queue(ChangeList):  # type: ignore[misc]  # unfold is untyped
    """A page of cases, with the folder of each."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.full_result_count = self.result_count  # or the heading offers to "show all"
        self.folders = desk.open_folders(list(self.result_list), request.user)


class ForModerators(ModelAdmin):  # type: ignore[misc]  # unfold is untyped
    """Whoever may enter the panel may look; nobody adds, changes or deletes rows by hand."""

    actions = None

    def has_module_permission(self, request: HttpRequest) -> bool:
        return panel.has_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return panel.has_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Case, site=panel)
class CaseAdmin(ForModerators):
    list_filter = (docket.StateFilter, docket.KindFilter, docket.ReasonFilter)
    search_fields = ("author__username",)
    search_help_text = "The author's name"
    list_per_page = 25
    list_fullwidth = True
    change_list_template = "moderation/queue.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Case]:
        return queries.cases()

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Waiting cases as in `queries.queue()`, decided ones latest first."""
        if request.GET.get("state") == Case.State.DECIDED:
            return ("-decided_at", "id")
        return ("state", "-weight", "id")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[Queue]:
        return Queue

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            path(
                "<uuid:case_id>/pictures/<uuid:asset_id>/<int:width>",
                guard(picture),
                name="case_picture",
            ),
            path(
                "decisions/<uuid:decision_id>/reverse",
                guard(reverse_decision),
                name="decision_reverse",
            ),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        shown = {"title": "Queue", "done": _just_done(request), "asked": docket.asked(request)}
        answer: HttpResponse = super().changelist_view(request, {**shown, **(extra_context or {})})
        return answer

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """A case: look at it, decide it, go on to the next."""
        case = _case(object_id)
        if request.method != "POST":
            return self._page(request, case)
        _, following = desk.beside(case, docket.left_for(_me(request), request))
        form = DecisionForm(request.POST)
        if not form.is_valid():
            return self._page(request, case, form, status=400)
        try:
            decision = services.decide(case=case, moderator=_me(request), **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.detail)
            return self._page(request, _case(object_id), form, status=refusal.status)
        request.session[_DONE] = str(decision.pk)
        return _go_on(request, case, following)

    def _page(
        self, request: HttpRequest, case: Case, form: DecisionForm | None = None, status: int = 200
    ) -> HttpResponse:
        folder = desk.open_folder(case, request.user)
        disputed = Origin(folder.dispute.label) if folder.dispute else None
        before, after = desk.beside(case, docket.left_for(_me(request), request))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"{case.get_target_kind_display()} by {case.author}",
            "folder": folder,
            "case": case,
            "form": form or DecisionForm.about(disputed),
            "origins": origins_for(disputed),
            "actions": actions_for(case.target_kind, pictures=bool(folder.pictures)),
            "common_reasons": COMMON_REASONS,
            "waits": case.state in Case.WAITING,
            "decisions": [(d, desk.reversible(d)) for d in case.decisions.all()],
            "earlier": queries.cases().filter(author=case.author).exclude(pk=case.pk)[:8],
            "before": before,
            "after": after,
            "left": docket.left_for(_me(request), request).exclude(pk=case.pk).count(),
            "asked": docket.asked(request),
            "done": _just_done(request),
        }
        return render(request, "moderation/case.html", context, status=status)


@admin.register(Decision, site=panel)
class DecisionAdmin(ForModerators):
    """The log. It is append-only in the database too."""

    list_display = ("when", "what", "about", "told", "by", "standing")
    list_display_links = None
    list_filter = ("action",)
    search_fields = ("author__username", "moderator__username", "reason")
    search_help_text = "Author, moderator or words of the reason"
    ordering = ("-id",)
    list_per_page = 50
    list_fullwidth = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Decision]:
        return Decision.objects.select_related("case__author", "moderator", "reversed_by")

    def change_view(self, request: HttpRequest, object_id: str, *_: Any, **__: Any) -> HttpResponse:
        decision = get_object_or_404(Decision, pk=_uuid(object_id))
        return redirect(_address(decision.case))

    @admin.display(description="When")
    def when(self, decision: Decision) -> str:
        return format_html(
            '<time datetime="{}">{}</time>',
            decision.created_at.isoformat(),
            decision.created_at.strftime("%d %b %Y, %H:%M"),
        )

    @display(  # type: ignore[untyped-decorator]  # unfold is untyped
        description="What",
        label={
            "Dismiss": "info",
            "Hide": "warning",
            "Hide and ban": "danger",
            "Relabel": "primary",
            "Suspend the author": "danger",
            "Reverse": "success",
        },
    )
    def what(self, decision: Decision) -> str:
        return decision.get_action_display()

    @admin.display(description="About")
    def about(self, decision: Decision) -> str:
        return format_html(
            '<a class="panel-link" href="{}">{}</a>', _address(decision.case), decision.case
        )

    @admin.display(description="Reason")
    def told(self, decision: Decision) -> str:
        return format_html('<span class="panel-reason">{}</span>', decision.reason)

    @admin.display(description="By")
    def by(self, decision: Decision) -> str:
        return str(decision.moderator or "the system")

    @admin.display(description="Stands", boolean=True)
    def standing(self, decision: Decision) -> bool:
        return not hasattr(decision, "reversed_by")


@admin.register(User, site=panel)
class PersonAdmin(ForModerators):
    """Finding people. Superusers say who is staff; nothing else is changed here."""

    list_display = ("person", "email", "posts_count", "cases", "standing", "role")
    list_display_links = ("person",)
    list_filter = ("limit", "is_staff", "kind")
    search_fields = ("username", "display_name", "email")
    search_help_text = "Name or e-mail"
    ordering = ("-id",)
    list_per_page = 50
    fields = (
        "username",
        "display_name",
        "email",
        "bio",
        "kind",
        "private",
        "limit",
        "reason_code",
        "posts_count",
        "followers_count",
        "cases",
        "date_joined",
        "is_active",
        "is_staff",
    )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return panel.has_permission(request) and bool(request.user.is_superuser)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return tuple(name for name in self.fields if name != "is_staff")

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        obj.save(update_fields=["is_staff"])

    @admin.display(description="Name", ordering="username")
    def person(self, user: User) -> str:
        return f"{user.display_name} {user}".strip()

    @admin.display(description="Standing")
    def standing(self, user: User) -> str:
        return user.limit or "good"

    @display(description="Role", label={"staff": "primary", "superuser": "warning"})  # type: ignore[untyped-decorator]  # unfold is untyped
    def role(self, user: User) -> str:
        return "superuser" if user.is_superuser else "staff" if user.is_staff else ""

    @admin.display(description="Cases")
    def cases(self, user: User) -> str:
        query = urlencode({"state": "all", "q": user.username})
        address = f"{reverse('moderation:moderation_case_changelist')}?{query}"
        return format_html('<a class="panel-link" href="{}">Cases</a>', address)


@require_POST
def reverse_decision(request: HttpRequest, decision_id: UUID) -> HttpResponse:
    """Undo a decision; what was before is restored."""
    decision = get_object_or_404(Decision.objects.select_related("case"), pk=decision_id)
    form = ReversalForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(map(str, form.errors["reason"])))
        return redirect(_address(decision.case))
    try:
        services.reverse(decision=decision, moderator=_me(request), **form.cleaned_data)
    except DomainError as refusal:
        messages.error(request, refusal.detail)
    else:
        messages.success(request, "The decision was reversed. What was before is restored.")
    return redirect(_address(decision.case))


@require_safe
def picture(request: HttpRequest, case_id: UUID, asset_id: UUID, width: int) -> HttpResponse:
    """The rendition of a case's picture nearest to `width`, though it be hidden from all others."""
    case = get_object_or_404(Case, pk=case_id)
    target = targets.load(case.target_kind, case.target_id)
    shown = _pictures_of(target) if target else Asset.objects.none()
    asset = get_object_or_404(shown, pk=asset_id)
    files = asset.renditions.filter(media_type=WEBP)
    nearest = min(files, key=lambda file: abs(file.width - width), default=None)
    if nearest is None:
        raise Http404
    with default_storage.open(nearest.key) as file:
        answer = HttpResponse(file.read(), content_type=nearest.media_type)
    answer["Cache-Control"] = "private, max-age=600"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


def _pictures_of(target: targets.Target) -> QuerySet[Asset]:
    """What a case lays before a moderator: its images, what was shown to prove something, and the
    banned works for which an image is held."""
    if isinstance(target.thing, User):
        return Asset.objects.filter(
            pk__in=User.objects.filter(pk=target.id).values("avatar__asset")
        )
    images = [asset.pk for asset in target.assets()]
    shown = Q(pk__in=images) | Q(proves__asset__in=images) | Q(record__held_for_it__in=images)
    return Asset.objects.filter(shown).distinct()


def _me(request: HttpRequest) -> User:
    if not request.user.is_authenticated:
        raise Http404
    return request.user


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Http404 from error


def _case(object_id: str) -> Case:
    return get_object_or_404(queries.cases(), pk=_uuid(object_id))


def _address(case: Case, query: str = "") -> str:
    address = reverse("moderation:moderation_case_change", args=[case.pk])
    return f"{address}?{query}" if query else address


def _go_on(request: HttpRequest, decided: Case, following: Case | None) -> HttpResponse:
    """To the next case, or back to where the decision was made, or to the empty queue."""
    query = docket.asked(request)
    if request.POST.get("then") == "stay":
        return redirect(_address(decided, query))
    if following is not None:
        return redirect(_address(following, query))
    queue = reverse("moderation:moderation_case_changelist")
    return redirect(f"{queue}?{query}" if query else queue)


def _just_done(request: HttpRequest) -> dict[str, Any] | None:
    """The decision that this moderator made a moment ago, shown once with its way back."""
    made = request.session.pop(_DONE, None)
    rows = Decision.objects.select_related("case__author", "reversed_by")
    decision = rows.filter(pk=made, moderator=_me(request)).first() if made else None
    if decision is None:
        return None
    return {"decision": decision, "undo": desk.reversible(decision), "slip": SLIP}
