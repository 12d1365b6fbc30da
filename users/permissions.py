"""Who may call a route at all. What they may touch is decided by queries and services."""

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from core.errors import Forbidden

if TYPE_CHECKING:
    from rest_framework.views import APIView

_SAFE = {"GET", "HEAD", "OPTIONS"}


class AccountSuspended(Forbidden):
    """Your account is suspended. You may read, see the decision and appeal against it."""

    code = "account_suspended"


class ReadAnyWriteActive(BasePermission):
    """Anybody reads what is visible to them; people who are signed in and not suspended write."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if request.method in _SAFE:
            return True
        return _active(request)


class Active(BasePermission):
    """For routes about oneself: signed in to read, and not suspended to write."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if request.method in _SAFE:
            return request.user.is_authenticated
        return _active(request)


class SignedIn(BasePermission):
    """For what suspended people may still do, appeal above all."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        return request.user.is_authenticated


class Staff(BasePermission):
    """Moderators."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        return request.user.is_authenticated and request.user.is_staff and _active(request)


def _active(request: Request) -> bool:
    if not request.user.is_authenticated:
        return False
    if request.user.suspended:
        raise AccountSuspended
    return True
