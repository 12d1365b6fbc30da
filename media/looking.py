"""Looking closely at what somebody brought.

It needs the picture at full size and seconds of work, so workers do it. Until they have, the label
says `checking`; afterwards it can only have become more AI.
"""

import tempfile
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.db import transaction

from core.clock import now
from core.db import release_connection
from media import rendering, sandbox
from media.models import Asset
from media.sandbox import RawOrder
from provenance import services as provenance
from provenance.matching import close_look
from provenance.matching.pdq import Grey

# Enough for a picture that was scaled down within a larger one, and not too much to search.
CLOSE_SIDE = 2048
OVERDUE_AFTER = timedelta(minutes=2)
MAX_LOOKS = 8
MAX_AT_ONCE = 200


def look_closely(*, asset: Asset) -> None:
    """Search everything for what `asset` may show, and say so in its label.

    Doing it twice leaves what doing it once leaves. Raises NotFound, StorageAway, TooCostly.
    """
    luma = _brightness(asset)
    if asset.record.checking:
        finds = close_look.find(luma)
        provenance.note_finds(record=asset.record, finds=finds, final=True)


@transaction.atomic
def overlooked() -> list[UUID]:
    """Images that should have been looked at by now: their message was lost, or a worker died.

    What was asked for many times without an answer is left alone; the operator finds it by
    `looks` (docs/operations.md).
    """
    overdue = Asset.objects.present().filter(
        record__checking=True,
        record__looked_at__lt=now() - OVERDUE_AFTER,
        record__looks__lt=MAX_LOOKS,
    )
    found = list(overdue.values_list("pk", "record_id")[:MAX_AT_ONCE])
    provenance.count_looks(records=[record_id for _, record_id in found])
    return [asset_id for asset_id, _ in found]


def _brightness(asset: Asset) -> Grey:
    """The picture in grey, upright, on white, and at most CLOSE_SIDE pixels long."""
    with tempfile.TemporaryDirectory(prefix="pentimento-") as name:
        folder = Path(name)
        original = rendering.fetch(asset, folder)
        release_connection()
        return sandbox.examine(original, raw=RawOrder(folder / "look", CLOSE_SIDE, "L")).raw
