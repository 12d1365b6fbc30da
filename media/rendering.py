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
from media import marking, sandbox, storage
from media.decoding.limits import MAX_WEBP_PIXELS
from media.models import Asset, AssetQuerySet, Rendition
from media.sandbox import RenditionOrder, RenditionReport
from provenance import reading, trust
from provenance import services as provenance
from provenance.marks.mark import Mark
from provenance.marks.of_record import mark_of
from provenance.models import PixelHash, Record

logger = logging.getLogger(__name__)
WEBP = "image/webp"
JPEG = "image/jpeg"
WIDTHS = (256, 640, 1280)
WORK_WIDTH = 2048
STUCK_AFTER = timedelta(minutes=2)
MAX_ASKED_AT_ONCE = 500


def render(*, asset: Asset) -> None:
    """Make all renditions of an asset. Doing it twice leaves what doing it once leaves.

    The files carry the mark that the record has when they are stored: if it changed while they
    were made, they are marked again. Raises TooCostly (ask again later), StorageAway, CannotSign.
    """
    with tempfile.TemporaryDirectory(prefix="pentimento-") as name:
        folder = Path(name)
        original = fetch(asset, folder)
        try:
            found = sandbox.examine(original, _orders(asset, folder))
        except sandbox.TooCostly:
            raise
        except (sandbox.Undecodable, sandbox.UnsupportedType):
            logger.exception("asset %s decoded at the door but not now", asset.pk)
            _processing(asset).update(state=Asset.State.FAILED)
            return
        credentials = reading.read_credentials(original, trust.policy())
        parent = marking.parent_of_files(original, found.media_type, credentials)
        while True:
            mark = _mark_of(asset)
            if _keep(asset, marking.mark_files(found.renditions, mark, parent), mark):
                return


def picture_to_work_from(*, asset: Asset) -> tuple[bytes, str]:
    """An upright, opaque sRGB PNG for a generator, and the digest of its pixels.

    Made in the sandbox, at most WORK_WIDTH wide; never the file that somebody uploaded.
    """
    with tempfile.TemporaryDirectory(prefix="pentimento-") as name:
        folder = Path(name)
        order = RenditionOrder(folder / "work.png", WORK_WIDTH, "image/png")
        (made,) = sandbox.examine(fetch(asset, folder), [order]).renditions
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


def fetch(asset: Asset, folder: Path) -> Path:
    """The original, copied out of storage. Raises NotFound, StorageAway."""
    original = folder / "original"
    with storage.get(asset.key) as stored, original.open("wb") as local:
        for chunk in stored.chunks():
            local.write(chunk)
    return original


def _orders(asset: Asset, folder: Path) -> list[RenditionOrder]:
    """The files to make, not marked yet."""
    widths = {min(width, asset.width) for width in WIDTHS}
    if asset.width * asset.height <= MAX_WEBP_PIXELS:
        widths.add(asset.width)
    orders = [RenditionOrder(folder / f"{width}.webp", width, WEBP) for width in sorted(widths)]
    return [*orders, RenditionOrder(folder / "full.jpg", asset.width, JPEG)]


@transaction.atomic
def _keep(asset: Asset, files: Iterable[RenditionReport], mark: Mark) -> bool:
    """Store the files unless the asset is gone. False if what they say changed meanwhile."""
    Record.objects.select_for_update().get(pk=asset.record_id)
    locked = Asset.objects.select_for_update(of=("self",)).present().filter(pk=asset.pk).first()
    if locked is None:
        return True
    if _mark_of(locked) != mark:
        return False
    keep_files(locked, files)
    Asset.objects.filter(pk=asset.pk).update(rendered_origin=mark.origin)
    _processing(asset).update(state=Asset.State.READY)
    return True


def _mark_of(asset: Asset) -> Mark:
    """What the files of `asset` should say now."""
    record = Record.objects.select_related("generation", "owner").get(pk=asset.record_id)
    return mark_of(record, page=asset.sheet_url)


def _processing(asset: Asset) -> AssetQuerySet:
    return Asset.objects.filter(pk=asset.pk, state=Asset.State.PROCESSING)
