"""Banning images, and taking that back. Only moderation decides it."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from core.clock import now
from provenance.models import Record
from safety.models import BannedImage


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
