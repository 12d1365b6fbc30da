"""Looking closely at what somebody brought, and protecting what is a machine's work.

Both need the picture at full size and seconds of work, so workers do them. Until they have, the
label says `checking`; afterwards it can only have become more AI. What was held because the door
could not look is let in by it, or held for what was found.
"""

import tempfile
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from core.clock import now
from core.db import release_connection
from media import rendering, sandbox, services
from media.models import Asset
from media.sandbox import RawOrder
from provenance import close_look
from provenance import services as provenance
from provenance.matching.pdq import Grey
from provenance.models import FeatureSet
from provenance.vocabulary import Flag
from safety.images import HoldReason
from safety.queries import banned_among

# Enough for a picture that was scaled down within a larger one, and not too much to search.
CLOSE_SIDE = 2048
OVERDUE_AFTER = timedelta(minutes=2)
MAX_LOOKS = 8
MAX_AT_ONCE = 200


def look_closely(*, asset: Asset) -> None:
    """Search everything for what `asset` may show; say so in its label, and hold it if it must be.

    A machine's work, or a banned one, is indexed so that its parts are recognised, and so is what
    it was made of: the two look alike, and whoever copies the one must not be taken to have copied
    the other.
    Doing it twice leaves what doing it once leaves. Raises NotFound, StorageAway, TooCostly.
    """
    luma = brightness(asset, CLOSE_SIDE)
    record = asset.record
    if record.checking:
        finds = close_look.find(luma)
        with transaction.atomic():
            close_look.enter(record, luma)  # the door could not, if it could not look
            alike = provenance.alike(record, finds)
            services.settle_hold(asset=asset, alike=alike)
            record = provenance.note_finds(record=record, finds=finds, final=True)
    if record.flag == Flag.AI or banned_among([record.pk]):
        close_look.protect(record, luma)
        for parent in _unprotected_parents(asset):
            close_look.protect(parent.record, brightness(parent, CLOSE_SIDE))


@transaction.atomic
def overlooked() -> list[UUID]:
    """Images that should have been looked at by now: their message was lost, or a worker died.

    What was asked for many times without an answer is left alone, unless it is held until then; the
    operator finds it by `looks` (docs/operations.md).
    """
    unprotected = Q(record__flag=Flag.AI) & ~_is_indexed()
    overdue = Asset.objects.present().filter(
        Q(record__checking=True) | unprotected,
        Q(record__looks__lt=MAX_LOOKS) | Q(held_for=HoldReason.UNCHECKED),
        record__looked_at__lt=now() - OVERDUE_AFTER,
    )
    found = list(overdue.values_list("pk", "record_id")[:MAX_AT_ONCE])
    provenance.count_looks(records=[record_id for _, record_id in found])
    return [asset_id for asset_id, _ in found]


def brightness(asset: Asset, side: int) -> Grey:
    """The original in grey, upright, on white, and at most `side` pixels long.

    Raises NotFound, StorageAway, TooCostly.
    """
    with tempfile.TemporaryDirectory(prefix="pentimento-") as name:
        folder = Path(name)
        original = rendering.fetch(asset, folder)
        release_connection()
        return sandbox.examine(original, raw=RawOrder(folder / "look", side, "L")).raw


def _unprotected_parents(asset: Asset) -> list[Asset]:
    """The images that a machine's work was made of and that are not indexed by their parts yet."""
    parents = provenance.made_of(
        (edge.parent, edge.relation) for edge in asset.record.parents.select_related("parent")
    )
    images = Asset.objects.present().filter(~_is_indexed(), record__in=parents)
    return list(images.select_related("record"))


def _is_indexed() -> Q:
    return Q(Exists(FeatureSet.objects.filter(record=OuterRef("record"))))
