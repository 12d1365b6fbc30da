"""What may not be brought here, and whose style may not be asked for."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from core.clock import now
from provenance.models import Record
from safety.models import BannedImage, ProtectedStyle
from safety.styles import names_of
from users import preferences
from users.events import ProfileChanged, SignedUp
from users.models import User


@transaction.atomic
def ban_images(*, records: Iterable[Record], decision_id: UUID, reason_code: str) -> None:
    """Hold at the door whatever looks like these works from now on."""
    BannedImage.objects.bulk_create(
        BannedImage(record=record, decision_id=decision_id, reason_code=reason_code)
        for record in records
    )


@transaction.atomic
def lift_bans(*, decision_id: UUID) -> None:
    """The decision was reversed. What another one banned stays banned."""
    BannedImage.objects.filter(decision_id=decision_id, lifted_at=None).update(lifted_at=now())


def note_style(event: ProfileChanged | SignedUp) -> None:
    """Keep the names under which somebody's style is protected in step with what they choose."""
    owner = User.objects.get(pk=event.user_id)
    free = preferences.effective(owner.preferences)["remix_policy"]["style_transfer"]
    wanted = set() if free else names_of(owner)
    kept = ProtectedStyle.objects.filter(owner=owner)
    kept.exclude(name__in=wanted).delete()
    ProtectedStyle.objects.bulk_create(
        [ProtectedStyle(owner=owner, name=name) for name in wanted], ignore_conflicts=True
    )
