"""The files that are served: made of the original in the sandbox, labelled, replaced, deleted."""

import logging
import tempfile
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.db.models import F

from core.clock import now
from media import sandbox, storage
from media.models import Asset, AssetQuerySet, Rendition
from media.sandbox import Examination, RenditionOrder, RenditionReport
from provenance import services as provenance
from provenance.marks import xmp
from provenance.models import PixelHash, Record
from provenance.vocabulary import Flag, Origin

logger = logging.getLogger(__name__)
WEBP = "image/webp"
JPEG = "image/jpeg"
WIDTHS = (256, 640, 1280)
WORK_WIDTH = 2048
# A larger picture as WebP takes more memory than the decoder has; JPEG serves it.
MAX_WEBP_PIXELS = 24_000_000
STUCK_AFTER = timedelta(minutes=2)
MAX_ASKED_AT_ONCE = 500


def render(*, asset: Asset) -> None:
    """Make all renditions of an asset. Doing it twice leaves what doing it once leaves.

    The files carry the label that the record has when they are stored: if it changed while they
    were made, they are made again. Raises TooCostly (ask again later), StorageAway.
    """
    with tempfile.TemporaryDirectory(prefix="pentimento-") as name:
        folder = Path(name)
        original = _fetch(asset, folder)
        while True:
            label = Origin(Record.objects.get(pk=asset.record_id).origin)
            try:
                found = sandbox.examine(original, _orders(asset, folder, label))
            except sandbox.TooCostly:
                raise
            except (sandbox.Undecodable, sandbox.UnsupportedType):
                logger.exception("asset %s decoded at the door but not now", asset.pk)
                _processing(asset).update(state=Asset.State.FAILED)
                return
            if _keep(asset, found, label):
                return


def picture_to_work_from(*, asset: Asset) -> tuple[bytes, str]:
    """An upright, opaque sRGB PNG for a generator, and the digest of its pixels.

    Made in the sandbox, at most WORK_WIDTH wide; never the file that somebody uploaded.
    """
    with tempfile.TemporaryDirectory(prefix="pentimento-") as name:
        folder = Path(name)
        order = RenditionOrder(folder / "work.png", WORK_WIDTH, "image/png")
        (made,) = sandbox.examine(_fetch(asset, folder), [order]).renditions
        return made.path.read_bytes(), made.digest


@transaction.atomic
def ask_again_for_renditions() -> list[UUID]:
    """Images that should be ready by now: their message was lost, or their worker died."""
    stuck = Asset.objects.select_for_update(skip_locked=True).filter(
        state=Asset.State.PROCESSING, render_asked_at__lt=now() - STUCK_AFTER
    )
    again = list(stuck.values_list("pk", flat=True)[:MAX_ASKED_AT_ONCE])
    Asset.objects.filter(pk__in=again).update(render_asked_at=now())
    return again


def unfinished() -> tuple[list[UUID], list[UUID]]:
    """Images whose files carry another label than their record, and removed ones with bytes left.

    What a lost message or a dead worker left behind; recent ones are still being worked on.
    """
    settled = now() - STUCK_AFTER
    relabelled = Asset.objects.filter(state=Asset.State.READY, render_asked_at__lt=settled).exclude(
        rendered_origin=F("record__origin")
    )
    removed = Asset.objects.filter(
        state=Asset.State.REMOVED, discarded_at=None, record__removed_at__lt=settled
    )
    return (
        list(relabelled.values_list("pk", flat=True)[:MAX_ASKED_AT_ONCE]),
        list(removed.values_list("pk", flat=True)[:MAX_ASKED_AT_ONCE]),
    )


@transaction.atomic
def discard_bytes(*, asset: Asset) -> None:
    """After removal: delete its files, and the original unless another asset has the same bytes."""
    storage.lock_content(asset.sha256)
    for rendition in asset.renditions.all():
        storage.remove(rendition.key)
    asset.renditions.all().delete()
    if not Asset.objects.present().filter(sha256=asset.sha256).exists():
        storage.remove(asset.key)
    Asset.objects.filter(pk=asset.pk).update(discarded_at=now())


def keep_files(asset: Asset, made: Iterable[RenditionReport]) -> None:
    """Store the files of an asset and index their pixels, in the caller's transaction."""
    made = list(made)
    for report in made:
        rendition = Rendition(
            asset=asset,
            media_type=report.media_type,
            width=report.width,
            height=report.height,
            size=report.size,
        )
        rendition.key = storage.rendition_key(asset.pk, rendition.file_name)
        storage.put(rendition.key, report.path)
        Rendition.objects.update_or_create(
            asset=asset,
            width=rendition.width,
            media_type=rendition.media_type,
            defaults={"height": report.height, "size": report.size, "key": rendition.key},
        )
    provenance.remember_pixels(
        record=asset.record,
        digests=[report.digest for report in made],
        source=PixelHash.Source.RENDITION,
    )


def _fetch(asset: Asset, folder: Path) -> Path:
    """The original, copied out of storage. Raises NotFound, StorageAway."""
    original = folder / "original"
    with storage.get(asset.key) as stored, original.open("wb") as local:
        for chunk in stored.chunks():
            local.write(chunk)
    return original


def _orders(asset: Asset, folder: Path, label: Origin) -> list[RenditionOrder]:
    """The files to make. Only AI labels are written into them: nobody's word is ours to sign."""
    packet = xmp.packet(label, system=_system(asset.record)) if label.flag is Flag.AI else None
    widths = {min(width, asset.width) for width in WIDTHS}
    if asset.width * asset.height <= MAX_WEBP_PIXELS:
        widths.add(asset.width)
    orders = [
        RenditionOrder(folder / f"{width}.webp", width, WEBP, packet) for width in sorted(widths)
    ]
    return [*orders, RenditionOrder(folder / "full.jpg", asset.width, JPEG, packet)]


@transaction.atomic
def _keep(asset: Asset, found: Examination, label: Origin) -> bool:
    """Store the files unless the asset is gone. False if its label changed meanwhile."""
    locked = Asset.objects.select_for_update(of=("self",)).present().filter(pk=asset.pk).first()
    if locked is None:
        return True
    if Record.objects.select_for_update().get(pk=locked.record_id).origin != label:
        return False
    keep_files(locked, found.renditions)
    Asset.objects.filter(pk=asset.pk).update(rendered_origin=label)
    _processing(asset).update(state=Asset.State.READY)
    return True


def _processing(asset: Asset) -> AssetQuerySet:
    return Asset.objects.filter(pk=asset.pk, state=Asset.State.PROCESSING)


def _system(record: Record) -> str:
    generation = getattr(record, "generation", None)
    return f"{generation.backend}/{generation.model}" if generation else ""
