"""Filling an index from the stored originals, beside the one that is in use.

New works enter both meanwhile (provenance/matching/versions.py), so nothing is missed and nobody
waits. A work whose bytes were deleted keeps what older versions know of it, and no more.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from core.errors import DomainError
from media import looking
from media.indexes import Index
from media.models import Asset, AssetQuerySet

logger = logging.getLogger(__name__)
BATCH = 100


@dataclass(slots=True)
class Progress:
    """How far the filling has come."""

    entered: int = 0
    failed: int = 0


def missing(index: Index, version: int) -> int:
    """How many works with bytes are not in this version of the index."""
    return _assets(index, version).count()


def fill(index: Index, version: int) -> Iterator[Progress]:
    """Enter every work that is missing, until none is; what cannot be read is logged and left."""
    progress = Progress()
    failed: set[UUID] = set()
    while rows := list(_assets(index, version).exclude(pk__in=failed).order_by("pk")[:BATCH]):
        for asset in rows:
            try:
                index.enter(asset.record, looking.brightness(asset, index.side), version)
                progress.entered += 1
            except DomainError as error:
                logger.warning("asset %s cannot be indexed: %s", asset.pk, error.detail)
                failed.add(asset.pk)
                progress.failed += 1
        yield progress


def _assets(index: Index, version: int) -> AssetQuerySet:
    present = Asset.objects.present().select_related("record")
    return present.filter(record__in=index.lacking(version))
