"""Fills a fresh development machine with people and pictures, once."""

import json
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from backend.demo.content import publish_everything
from users.models import User
from users.services import create_account

PEOPLE = {
    "ada": {"display_name": "Ada paints with code", "bio": "Demo account: generates."},
    "bea": {"display_name": "Bea by the sea", "bio": "Demo account: uploads."},
    "cai": {"display_name": "Cai", "bio": "Demo account: follows and talks."},
}
MODERATOR = {"display_name": "Moderator", "is_staff": True, "is_superuser": True}
MODERATOR_NAME = "admin"


class Command(BaseCommand):
    help = "Create the demo accounts and content, unless they exist; prints the logins."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("Demo content is for development; it is not made with DEBUG=0.")
        path = settings.APP_DATA_DIR / "login.json"
        logins = self._known(path) or self._make_logins(path)
        if not (settings.APP_DATA_DIR / "seeded").exists():
            ada, bea, cai = (User.objects.get(username=name) for name in PEOPLE)
            publish_everything(ada, bea, cai, lambda line: self.stdout.write(f"  {line}"))
            (settings.APP_DATA_DIR / "seeded").touch()  # so that what people delete stays deleted
        for login in [logins["admin"], *logins["accounts"]]:
            self.stdout.write(f"  {login['username']:<8} {login['password']:<18} {login['role']}")

    def _known(self, path: Path) -> dict[str, Any] | None:
        """The logins of an earlier run, if they still fit the database."""
        if not path.exists():
            return None
        logins: dict[str, Any] = json.loads(path.read_text())
        names = [login["username"] for login in [logins["admin"], *logins["accounts"]]]
        fits = User.objects.filter(username__in=names).count() == len(names)
        return logins if fits else None

    @transaction.atomic
    def _make_logins(self, path: Path) -> dict[str, Any]:
        """Create the accounts, or give those that exist new passwords, and write both down."""
        logins = {
            "admin": self._account(MODERATOR_NAME, "moderator, panel at /moderation/", MODERATOR),
            "accounts": [
                self._account(name, str(fields["bio"]), fields) for name, fields in PEOPLE.items()
            ],
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.chmod(0o600)
        draft.write_text(json.dumps(logins, indent=2) + "\n")
        draft.replace(path)
        return logins

    def _account(self, name: str, role: str, fields: dict[str, Any]) -> dict[str, str]:
        password = secrets.token_urlsafe(12)
        user = User.objects.filter(username=name).first()
        if user is None:
            create_account(username=name, email=f"{name}@example.org", password=password, **fields)
        else:
            user.set_password(password)
            user.save(update_fields=["password"])
        return {"username": name, "password": password, "role": role}
