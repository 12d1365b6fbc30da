"""Questions about what is banned."""

from collections.abc import Iterable
from uuid import UUID

from safety.models import BannedImage


def banned_among(keys: Iterable[UUID]) -> set[UUID]:
    """Those of these records that are banned now."""
    standing = BannedImage.objects.filter(record__in=keys, lifted_at=None)
    return set(standing.values_list("record_id", flat=True))
