"""API keys: made once, shown once, kept as a digest, limited in what, how much and how long."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from core.clock import now
from core.errors import DomainError
from users.models import ApiKey, User

PREFIX = "pentimento_"
SHOWN_CHARACTERS = 6
MAX_KEYS = 20
NOTE_USE_EVERY = timedelta(minutes=1)


class TooManyKeys(DomainError):
    """You have 20 keys. Revoke one that is not used any more."""

    status = 409
    code = "too_many_keys"


class SpendCapReached(DomainError):
    """This key may not spend so much. Its owner sets `spend_cap` when making a key."""

    status = 402
    code = "spend_cap_reached"


@transaction.atomic
def create(
    *,
    owner: User,
    name: str,
    scopes: Sequence[str],
    spend_cap: int | None = None,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """A new key, and its secret, which nobody can read again. Raises TooManyKeys."""
    User.objects.select_for_update().get(pk=owner.pk)
    if ApiKey.objects.standing().filter(owner=owner).count() >= MAX_KEYS:
        raise TooManyKeys
    secret = PREFIX + secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        owner=owner,
        name=name,
        scopes=sorted(set(scopes)),
        spend_cap=spend_cap,
        expires_at=expires_at,
        beginning=secret[: len(PREFIX) + SHOWN_CHARACTERS],
        digest=digest_of(secret),
    )
    return key, secret


@transaction.atomic
def revoke(*, key: ApiKey) -> None:
    """From now on it opens nothing. The row stays: jobs say by which key they were asked for."""
    ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now())


def redeem(secret: str) -> ApiKey | None:
    """The key of this secret, if it still opens something; notes that it was used."""
    found = ApiKey.objects.standing().filter(owner__is_active=True, digest=digest_of(secret))
    key = found.select_related("owner__credit_account").first()
    if key is not None and (key.used_at is None or key.used_at < now() - NOTE_USE_EVERY):
        ApiKey.objects.filter(pk=key.pk).update(used_at=now())
    return key


@transaction.atomic
def spend(*, key: ApiKey, amount: int) -> None:
    """Count credits that are asked for by a key. Raises SpendCapReached."""
    room = Q(spend_cap=None) | Q(spend_cap__gte=F("spent") + amount)
    if not ApiKey.objects.filter(room, pk=key.pk).update(spent=F("spent") + amount):
        raise SpendCapReached


@transaction.atomic
def give_back(*, key_id: UUID, amount: int) -> None:
    """What was counted and not charged."""
    ApiKey.objects.filter(pk=key_id).update(spent=F("spent") - amount)


def digest_of(secret: str) -> str:
    """A plain hash is enough: the secret has 256 bits of chance, nobody can try them all."""
    return hashlib.sha256(secret.encode()).hexdigest()
