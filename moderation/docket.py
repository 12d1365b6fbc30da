"""Which cases a moderator works through: the queue's filters, carried from case to case."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from moderation import desk
from moderation.models import Case, Report, TargetKind
from users.models import User

_CHIPS = "moderation/filter.html"


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"
    template = _CHIPS

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "Open"), ("appealed", "Appealed"), ("decided", "Decided"), ("all", "All")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Case]) -> QuerySet[Case]:
        if self.value() == "all":
            return queryset
        states = [self.value()] if self.value() else Case.WAITING
        return queryset.filter(state__in=states)

    def choices(self, changelist: Any) -> Iterator[Any]:
        first, *rest = super().choices(changelist)
        yield {**first, "display": "Waiting"}
        yield from rest


class KindFilter(admin.SimpleListFilter):
    title = "kind"
    parameter_name = "kind"
    template = _CHIPS

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(kind.value, f"{kind.label}s") for kind in TargetKind]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Case]) -> QuerySet[Case]:
        return queryset.filter(target_kind=self.value()) if self.value() else queryset


class ReasonFilter(admin.SimpleListFilter):
    title = "reason"
    parameter_name = "reason"
    template = _CHIPS

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        reasons = [(str(value), str(label)) for value, label in Report.Reason.choices]
        return [(desk.DISPUTED, "Disputed label"), (desk.HELD, "Held image"), *reasons]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Case]) -> QuerySet[Case]:
        return queryset.filter(desk.about(self.value() or "")) if self.value() else queryset


def asked(request: HttpRequest) -> str:
    """The filters that a moderator works under, as a query string."""
    kept = {name: request.GET[name] for name in ("kind", "reason") if request.GET.get(name)}
    return urlencode(kept)


def left_for(moderator: User, request: HttpRequest) -> QuerySet[Case]:
    """What waits for this moderator under the filters that they work under."""
    rows = desk.for_moderator(moderator)
    if kind := request.GET.get("kind"):
        rows = rows.filter(target_kind=kind)
    if reason := request.GET.get("reason"):
        rows = rows.filter(desk.about(reason))
    return rows
