"""The door by which bytes enter, and what owners do with their images."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from core.errors import Conflict
from core.outbox import emit
from media import rendering, sandbox, storage
from media.events import AssetAdmitted, AssetRemoved
from media.models import Asset, Avatar, new_token
from media.sandbox import Examination, RenditionOrder
from provenance import services as provenance
from provenance.evidence import Observation
from provenance.marks import xmp
from provenance.readers.everything import read_all
from provenance.services import GenerationFacts
from provenance.vocabulary import EvidenceKind, Grade, Origin
from users.events import WentPrivate
from users.models import User

FIRST_WIDTH = 640
AVATAR_WIDTH = 256
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
    rendering.keep_files(asset, found.renditions)
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


def _examine(path: Path, folder: Path, *, mark: bytes | None) -> Examination:
    first = RenditionOrder(folder / "first.webp", FIRST_WIDTH, rendering.WEBP, mark)
    return sandbox.examine(path, [first], placeholder=True)


def _observations(found: Examination, declared: Origin) -> list[Observation]:
    """What the uploader says, then what the file says."""
    read = read_all(found.metadata)
    if declared is Origin.UNKNOWN:
        return read
    said = Observation(
        kind=EvidenceKind.DECLARATION, claims=declared, grade=Grade.DECLARED, detector="uploader"
    )
    return [said, *read]
