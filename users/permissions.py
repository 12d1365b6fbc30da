"""Who may call a route at all. What they may touch is decided by queries and services.

Each rule asks for the scopes of an API key first: what the view declares as `scopes`.
"""

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from core.errors import Forbidden
from users.authentication import current_key
from users.models import ApiKey
from users.scopes import IN_PERSON, Scope

if TYPE_CHECKING:
    from rest_framework.views import APIView

_SAFE = {"GET", "HEAD", "OPTIONS"}


class AccountSuspended(Forbidden):
    """Your account is suspended. You may read, see the decision and appeal against it."""

    code = "account_suspended"


class ScopeMissing(Forbidden):
    """This key is not for that."""

    code = "scope_missing"


class _Rule(BasePermission):
    """Who may call; a key needs the scope that its route declares, and without one none will do."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        _check_scope(request, view)
        return self.admits(request)

    def admits(self, request: Request) -> bool:
        raise NotImplementedError


class ReadAnyWriteActive(_Rule):
    """Anybody reads what is visible to them; people who are signed in and not suspended write."""

    def admits(self, request: Request) -> bool:
        return request.method in _SAFE or _active(request)


class Active(_Rule):
    """For routes about oneself: signed in to read, and not suspended to write."""

    def admits(self, request: Request) -> bool:
        return request.user.is_authenticated if request.method in _SAFE else _active(request)


class SignedIn(_Rule):
    """For what suspended people may still do, appeal above all."""

    def admits(self, request: Request) -> bool:
        return request.user.is_authenticated


class Staff(_Rule):
    """Moderators."""

    def admits(self, request: Request) -> bool:
        return request.user.is_authenticated and request.user.is_staff and _active(request)


def _active(request: Request) -> bool:
    if not request.user.is_authenticated:
        return False
    if request.user.suspended:
        raise AccountSuspended
    return True


def opened_by(key: ApiKey | None, scope: Scope | None) -> bool:
    """Whether a key may do what asks for `scope`. No key is a session: it may."""
    return key is None or scope in key.scopes


def _check_scope(request: Request, view: "APIView") -> None:
    scope = getattr(view, "scopes", IN_PERSON).of(request.method or "")
    if not opened_by(current_key(request), scope):
        lacking = f"This key lacks the scope {scope}." if scope else "No key opens this; sign in."
        raise ScopeMissing(lacking)
