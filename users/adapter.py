"""Where allauth's flows meet our accounts."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from django.db import IntegrityError, transaction
from django.http import HttpRequest, JsonResponse

from users.models import User
from users.names import normalise
from users.services import welcome


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """Names and addresses are stored in one form, and a new account is welcomed with its row."""

    def clean_username(self, username: str, shallow: bool = False) -> str:
        cleaned: str = super().clean_username(normalise(username), shallow)
        return cleaned

    def clean_email(self, email: str) -> str:
        cleaned: str = super().clean_email(email.strip().lower())
        return cleaned

    def set_password(self, user: User, password: str) -> None:
        """Nothing else of the row: it was read before the password was hashed, which takes long."""
        user.set_password(password)
        user.save(update_fields=["password"])

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        try:
            with transaction.atomic():
                saved: User = super().save_user(request, user, form, commit)
                if commit:
                    welcome(user=saved)
        except IntegrityError as error:
            raise ImmediateHttpResponse(_taken_meanwhile()) from error
        return saved


def _taken_meanwhile() -> JsonResponse:
    """Somebody signed up with this name or address since the form was checked."""
    error = {"message": "This name or address is taken.", "code": "taken", "param": "username"}
    return JsonResponse({"status": 400, "errors": [error]}, status=400)
