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
from media.models import Asset, AssetQuerySet, Avatar, Rendition, new_token
from media.sandbox import Examination, RenditionOrder, RenditionReport
from provenance import services as provenance
from provenance.evidence import Observation
from provenance.marks import xmp
from provenance.models import PixelHash, Record
from provenance.readers.everything import read_all
from provenance.services import GenerationFacts
from provenance.vocabulary import EvidenceKind, Flag, Grade, Origin
from users.events import WentPrivate
from users.models import User

logger = logging.getLogger(__name__)
FIRST_WIDTH = 640
AVATAR_WIDTH = 256
WORK_WIDTH = 2048
# A larger picture as WebP takes more memory than the decoder has; JPEG serves it.
MAX_WEBP_PIXELS = 24_000_000
STUCK_AFTER = timedelta(minutes=2)
MAX_ASKED_AT_ONCE = 500
WIDTHS = (256, 640, 1280)
WEBP = "image/webp"
JPEG = "image/jpeg"
Parents = Sequence[tuple[Asset, str]]


class AssetGone(Conflict):
    """One of the images was deleted meanwhile."""

    code = "asset_gone"


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


@transaction.atomic
def refer_to(*, assets: Sequence[Asset]) -> None:
    """Something now shows these assets; they cannot be deleted under it. Raises AssetGone."""
    wanted = Asset.objects.present().filter(pk__in=[asset.pk for asset in assets])
    if wanted.update(uses=F("uses") + 1) != len(assets):
        raise AssetGone


def release(*, assets: Iterable[Asset]) -> None:
    """Something no longer shows these assets."""
    Asset.objects.filter(pk__in=[asset.pk for asset in assets]).update(uses=F("uses") - 1)


def change_addresses(*, assets: Iterable[Asset]) -> None:
    """New unguessable addresses: who kept an old one of a work gone private has nothing."""
    for asset in assets:
        Asset.objects.filter(pk=asset.pk).update(token=new_token())


def hide_addresses(event: WentPrivate) -> None:
    """An account went private: who kept an address of one of its images has nothing."""
    change_addresses(assets=Asset.objects.present().filter(owner=UUID(event.user_id)))


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
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    previous = Avatar.objects.filter(user=user).select_related("asset").first()
    if previous:
        release(assets=[previous.asset])
    Avatar.objects.update_or_create(
        user=user, defaults={"asset": asset, "file_name": file.file_name}
    )
    refer_to(assets=[asset])


@transaction.atomic
def remove_avatar(*, user: User) -> None:
    """Show no picture; the image itself stays in the library."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    avatar = Avatar.objects.filter(user=user).select_related("asset").first()
    if avatar:
        release(assets=[avatar.asset])
        avatar.delete()


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
    _keep_renditions(locked, found.renditions)
    Asset.objects.filter(pk=asset.pk).update(rendered_origin=label)
    _processing(asset).update(state=Asset.State.READY)
    return True


def _processing(asset: Asset) -> AssetQuerySet:
    return Asset.objects.filter(pk=asset.pk, state=Asset.State.PROCESSING)


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
