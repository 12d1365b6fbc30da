"""Who opens an event stream: by a Bearer token, or by a ticket where there can be none."""

from django.http import HttpRequest
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from core.db import release_connection
from users import tickets
from users.authentication import BearerAuthentication, current_key
from users.models import User
from users.permissions import opened_by
from users.scopes import Scope


def viewer_of(request: HttpRequest, stream: str) -> User | None:
    """Whoever may open `stream` with this request, None if nobody. Called in a thread."""
    ticket = request.GET.get("ticket")
    try:
        if ticket is not None:
            user_id = tickets.redeem(ticket, stream)
            return User.objects.filter(pk=user_id, is_active=True).first() if user_id else None
        shown = Request(request, authenticators=[BearerAuthentication()])
        may_read = opened_by(current_key(shown), Scope.READ)
        return shown.user if shown.user.is_authenticated and may_read else None
    except APIException:
        return None
    finally:
        release_connection()
