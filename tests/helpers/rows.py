"""Rows without what they stand for, where only who may see them matters, or how many there are."""

from uuid import UUID

from media.models import Asset
from provenance.models import Record
from users.models import User


def picture_of(owner: User) -> UUID:
    """The row of an image of nothing."""
    record = Record.objects.create(owner=owner)
    asset = Asset.objects.create(
        owner=owner, record=record, state="ready", media_type="image/png",
        width=1, height=1, size=1, sha256="0" * 64, key=str(record.pk),
    )  # fmt: skip
    return asset.pk
