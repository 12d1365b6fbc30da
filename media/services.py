"""The door by which bytes enter, and what owners do with their images."""

import logging
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from core.clock import now
from core.errors import Conflict
from core.outbox import emit
from media import sandbox, storage
from media.events import AssetAdmitted, AssetRemoved
from media.models import Asset, Avatar, Rendition, new_token
from media.sandbox import Examination, RenditionOrder, RenditionReport
from provenance import services as provenance
from provenance.marks import xmp
from provenance.models import PixelHash, Record
from provenance.readers.everything import read_all
from provenance.services import GenerationFacts, Observation
from provenance.vocabulary import EvidenceKind, Flag, Grade, Origin
from users.models import User

logger = logging.getLogger(__name__)
FIRST_WIDTH = 640
AVATAR_WIDTH = 256
STUCK_AFTER = timedelta(minutes=2)
MAX_ASKED_AT_ONCE = 500
WIDTHS = (256, 640, 1280)
WEBP = "image/webp"
JPEG = "image/jpeg"
Parents = Sequence[tuple[Asset, str]]


class AssetInUse(Conflict):
    """The image is used in a post or as an avatar. Delete that first."""

    code = "asset_in_use"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file that has been decoded and is ready to be taken in."""

    path: Path
    found: Examination
    facts: GenerationFacts | None = None


@contextmanager
def prepare_upload(*, path: Path) -> Iterator[Prepared]:
    """Decode what a person brought. Raises UnsupportedType, Undecodable."""
    with tempfile.TemporaryDirectory(prefix="pentimento-") as folder:
        yield Prepared(path, _examine(path, Path(folder), mark=None))


@contextmanager
def prepare_generated(*, png: bytes, facts: GenerationFacts) -> Iterator[Prepared]:
    """Label and decode what a backend made. Raises UnsupportedType, Undecodable."""
    packet = xmp.packet(facts.source_type.origin, system=f"{facts.backend}/{facts.model}")
    with tempfile.TemporaryDirectory(prefix="pentimento-") as folder:
        path = Path(folder) / "generated.png"
        path.write_bytes(xmp.mark_png(png, packet) if packet else png)
        yield Prepared(path, _examine(path, Path(folder), mark=packet), facts)


@transaction.atomic
def admit(
    *,
    owner: User,
    prepared: Prepared,
    alt_text: str = "",
    declared_origin: Origin = Origin.UNKNOWN,
    parents: Parents = (),
) -> Asset:
    """The door: store a prepared file with its provenance. Raises StorageAway.

    The same bytes twice are one stored object and two assets.
    """
    found, facts = prepared.found, prepared.facts
    sha256 = storage.sha256_of(prepared.path)
    storage.lock_content(sha256)
    key = storage.original_key(sha256)
    storage.put(key, prepared.path, content_addressed=True)
    record = provenance.open_record(
        owner=owner,
        observations=[] if facts else _observations(found, declared_origin),
        pixel_digest=found.digest,
        generation=facts,
        parents=[(parent.record, relation) for parent, relation in parents],
    )
    asset = Asset.objects.create(
        owner=owner,
        record=record,
        media_type=found.media_type,
        width=found.width,
        height=found.height,
        frames=found.frames,
        size=prepared.path.stat().st_size,
        sha256=sha256,
        key=key,
        blurhash=found.blurhash,
        alt_text=alt_text,
    )
    _keep_renditions(asset, found.renditions)
    emit(AssetAdmitted(asset_id=str(asset.pk)))
    return asset


@transaction.atomic
def change_alt_text(*, asset: Asset, alt_text: str) -> None:
    asset.alt_text = alt_text
    asset.save(update_fields=["alt_text"])


@transaction.atomic
def remove_asset(*, asset: Asset) -> None:
    """Delete an image of one's own. Its record stays as a tombstone. Raises AssetInUse."""
    asset = Asset.objects.select_for_update().get(pk=asset.pk)
    if asset.uses:
        raise AssetInUse
    asset.state = Asset.State.REMOVED
    asset.alt_text = asset.blurhash = ""
    asset.token = new_token()
    asset.save(update_fields=["state", "alt_text", "blurhash", "token"])
    provenance.bury(record=asset.record)
    emit(AssetRemoved(asset_id=str(asset.pk)))


def refer_to(*, assets: Iterable[Asset]) -> None:
    """Something now shows these assets; they cannot be deleted under it."""
    Asset.objects.filter(pk__in=[asset.pk for asset in assets]).update(uses=F("uses") + 1)


def release(*, assets: Iterable[Asset]) -> None:
    """Something no longer shows these assets."""
    Asset.objects.filter(pk__in=[asset.pk for asset in assets]).update(uses=F("uses") - 1)


def change_addresses(*, assets: Iterable[Asset]) -> None:
    """New unguessable addresses: who kept an old one of a work gone private has nothing."""
    for asset in assets:
        Asset.objects.filter(pk=asset.pk).update(token=new_token())


def limit_asset(*, asset: Asset, limit: str, decision_id: Any, reason_code: str) -> None:
    """Carry out what a Decision says about an image; an empty `limit` lifts it."""
    Asset.objects.filter(pk=asset.pk).update(
        limit=limit, decision_id=decision_id, reason_code=reason_code
    )
    if limit:
        change_addresses(assets=[asset])


@transaction.atomic
def choose_avatar(*, user: User, asset: Asset) -> None:
    """Show `asset`, which is theirs, as the picture of `user`."""
    file = min(asset.renditions.all(), key=lambda each: abs(each.width - AVATAR_WIDTH))
    previous = Avatar.objects.filter(user=user).select_related("asset").first()
    if previous:
        release(assets=[previous.asset])
    Avatar.objects.update_or_create(
        user=user, defaults={"asset": asset, "file_name": file.file_name}
    )
    refer_to(assets=[asset])


def render(*, asset: Asset) -> None:
    """Make all renditions of an asset. Doing it twice leaves what doing it once leaves."""
    record = asset.record
    packet = xmp.packet(Origin(record.origin), system=_system(record))
    mark = packet if record.flag == Flag.AI else None
    wanted = sorted({min(width, asset.width) for width in (*WIDTHS, asset.width)})
    with tempfile.TemporaryDirectory(prefix="pentimento-") as name:
        folder = Path(name)
        original = folder / "original"
        with storage.get(asset.key) as stored, original.open("wb") as local:
            for chunk in stored.chunks():
                local.write(chunk)
        orders = [RenditionOrder(folder / f"{width}.webp", width, WEBP, mark) for width in wanted]
        orders.append(RenditionOrder(folder / "full.jpg", asset.width, JPEG, mark))
        try:
            found = sandbox.examine(original, orders)
        except (sandbox.Undecodable, sandbox.UnsupportedType):
            logger.exception("asset %s decoded at the door but not now", asset.pk)
            Asset.objects.filter(pk=asset.pk).update(state=Asset.State.FAILED)
            return
        with transaction.atomic():
            locked = Asset.objects.select_for_update().present().filter(pk=asset.pk).first()
            if locked is None:
                return
            _keep_renditions(locked, found.renditions)
            Asset.objects.filter(pk=asset.pk, state=Asset.State.PROCESSING).update(
                state=Asset.State.READY
            )


@transaction.atomic
def ask_again_for_renditions() -> list[UUID]:
    """Images that should be ready by now: their message was lost, or their worker died."""
    stuck = Asset.objects.select_for_update(skip_locked=True).filter(
        state=Asset.State.PROCESSING, render_asked_at__lt=now() - STUCK_AFTER
    )
    again = list(stuck.values_list("pk", flat=True)[:MAX_ASKED_AT_ONCE])
    Asset.objects.filter(pk__in=again).update(render_asked_at=now())
    return again


@transaction.atomic
def discard_bytes(*, asset: Asset) -> None:
    """After removal: delete its files, and the original unless another asset has the same bytes."""
    storage.lock_content(asset.sha256)
    for rendition in asset.renditions.all():
        storage.remove(rendition.key)
    asset.renditions.all().delete()
    if not Asset.objects.present().filter(sha256=asset.sha256).exists():
        storage.remove(asset.key)


def _examine(path: Path, folder: Path, *, mark: bytes | None) -> Examination:
    first = RenditionOrder(folder / "first.webp", FIRST_WIDTH, WEBP, mark)
    return sandbox.examine(path, [first], placeholder=True)


def _keep_renditions(asset: Asset, made: Iterable[RenditionReport]) -> None:
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


def _observations(found: Examination, declared: Origin) -> list[Observation]:
    """What the uploader says, then what the file says."""
    read = read_all(found.metadata)
    if declared is Origin.UNKNOWN:
        return read
    said = Observation(
        kind=EvidenceKind.DECLARATION, claims=declared, grade=Grade.DECLARED, detector="uploader"
    )
    return [said, *read]


def _system(record: Record) -> str:
    generation = getattr(record, "generation", None)
    return f"{generation.backend}/{generation.model}" if generation else ""
