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
from provenance.descent import kin_of
from provenance.matching import feature_index, versions
from provenance.matching.pdq import Grey
from provenance.models import FeatureSet, IndexAlgorithm, Record
from provenance.precedence import is_second_hand, second_hand
from provenance.vocabulary import Flag
from safety.images import HoldReason
from safety.queries import banned_among

OVERDUE_AFTER = timedelta(minutes=2)
MAX_LOOKS = 8
MAX_AT_ONCE = 200


def look_closely(*, asset: Asset) -> None:
    """Search everything for what `asset` may show; say so in its label, and hold it if it must be.

    A machine's work, or a banned one, is then indexed so that its parts are recognised, after the
    older works that it looks like: whoever copies one of those must not be taken to have copied
    it. Doing it twice leaves what doing it once leaves. Raises NotFound, StorageAway, TooCostly.
    """
    record = asset.record
    if not record.checking and not is_unprotected(asset):
        return
    luma = brightness(asset, close_look.SIDE)
    if record.checking:
        finds = close_look.find(luma)
        with transaction.atomic():
            close_look.enter(record, luma)  # the door could not, if it could not look
            alike = provenance.alike(record, finds)
            services.settle_hold(asset=asset, alike=alike)
            record = asset.record = provenance.note_finds(record=record, finds=finds)
    if is_unprotected(asset) and _protect_kin(record):
        close_look.protect(record, luma)


def is_unprotected(asset: Asset) -> bool:
    """Whether an image should be indexed by its parts, and is not. Copies need not be: the works
    that they are copies of are."""
    record = asset.record
    work = record.flag == Flag.AI and not is_second_hand(record)
    if not work and not banned_among([record.pk]):
        return False
    return not Asset.objects.filter(_is_indexed(), pk=asset.pk).exists()


def _protect_kin(record: Record) -> bool:
    """Index what a work looks like and is younger than. False if some of that cannot be any more:
    then the work is not either, or it would be taken for all of them."""
    kin = Asset.objects.filter(~_is_indexed(), record__in=kin_of(record))
    for asset in kin.select_related("record"):
        if asset.discarded_at is not None:
            return False
        close_look.protect(asset.record, brightness(asset, close_look.SIDE))
    return True


@transaction.atomic
def overlooked() -> list[UUID]:
    """Images that should have been looked at by now: their message was lost, or a worker died.

    What was asked for many times without an answer is left alone, unless it is held until then; the
    operator finds it by `looks` (docs/operations.md).
    """
    unprotected = Q(record__flag=Flag.AI) & ~_is_indexed() & ~second_hand("record__")
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


def _is_indexed() -> Q:
    version = versions.active(IndexAlgorithm.ORB, feature_index.newest())
    return Q(Exists(FeatureSet.objects.filter(record=OuterRef("record"), version=version)))
