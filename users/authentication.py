"""Bearer tokens of allauth's sessions."""

from typing import Any

from allauth.headless.contrib.rest_framework.authentication import JWTTokenAuthentication
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request

from users.models import User


class BearerAuthentication(JWTTokenAuthentication):  # type: ignore[misc]  # allauth is untyped
    """Says what it wants in WWW-Authenticate, so that an unauthenticated answer is a 401."""

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # untyped base
    target_class = "users.authentication.BearerAuthentication"
    name = "Bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


def current_user(request: Request) -> User:
    """The person who makes the request. Raises NotAuthenticated if nobody signed in."""
    if not request.user.is_authenticated:
        raise NotAuthenticated
    return request.user
