"""Signs somebody in without the forms: what a client would have been given."""

from importlib import import_module

from allauth.headless.tokens.strategies.jwt import JWTTokenStrategy
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from users.models import User


def access_token(user: User) -> str:
    """A token of a new session of theirs."""
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore()
    path = f"{ModelBackend.__module__}.{ModelBackend.__name__}"
    login(request, user, backend=path)
    request.user = user
    request.session.save()
    return str(JWTTokenStrategy().create_access_token(request))
