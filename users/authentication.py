"""Bearer tokens: those of allauth's sessions, and API keys."""

from typing import Any

from allauth.headless.contrib.rest_framework.authentication import JWTTokenAuthentication
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.request import Request

from users import keys
from users.models import ApiKey, User
from users.scopes import Needs
from users.sessions import holder_of


class BearerAuthentication(JWTTokenAuthentication):  # type: ignore[misc]  # allauth is untyped
    """Says what it wants in WWW-Authenticate, so that an unauthenticated answer is a 401.

    `request.auth` is the key of those who show one: `users.permissions` asks for its scopes.
    """

    def authenticate(self, request: Request) -> tuple[User, Any] | None:
        kind, _, secret = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() == "bearer" and secret.strip().startswith(keys.PREFIX):
            return _key_holder(secret.strip())
        found: tuple[User, Any] | None = super().authenticate(request)
        return found

    def authenticate_credentials(self, key: str) -> tuple[User, Any]:
        found: tuple[User, Any] = holder_of(key) or super().authenticate_credentials(key)
        return found

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def _key_holder(secret: str) -> tuple[User, ApiKey]:
    key = keys.redeem(secret)
    if key is None:
        raise AuthenticationFailed("This key is unknown, revoked or expired.")
    return key.owner, key


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # untyped base
    target_class = "users.authentication.BearerAuthentication"
    name = "Bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "The token of a session, or an API key. The role that a route names is "
            "the scope that a key needs; where none is named, only a session will do.",
        }

    def get_security_requirement(self, auto_schema: Any) -> dict[str, list[str]]:
        needs: Needs | None = getattr(auto_schema.view, "scopes", None)
        scope = needs.of(auto_schema.method) if needs else None
        return {self.name: [str(scope)] if scope else []}


def current_user(request: Request) -> User:
    """The person who makes the request. Raises NotAuthenticated if nobody signed in."""
    if not request.user.is_authenticated:
        raise NotAuthenticated
    return request.user


def current_key(request: Request) -> ApiKey | None:
    """The API key that was shown, if it was one."""
    return request.auth if isinstance(request.auth, ApiKey) else None
