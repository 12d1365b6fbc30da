"""The door by which pictures enter, what owners do with theirs, and who holds them."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import BooleanField, Case, ExpressionWrapper, F, QuerySet, When

from core.clock import now
from core.errors import Conflict
from core.ids import uuid7
from core.outbox import emit
from core.prepared import any_of, prepared
from media import marking, rendering, storage
from media.events import (
    AssetAdmitted,
    AssetHeld,
    AssetReleased,
    AssetRemoved,
    ImageReachChanged,
)
from media.models import SHOWN, Asset, AssetQuerySet, Avatar, new_token
from media.preparing import Parents, Prepared
from provenance import services as provenance
from provenance.events import VerdictChanged
from provenance.evidence import Observation
from provenance.marks.of_record import mark_of
from provenance.vocabulary import DataMining, EvidenceKind, Grade, Origin
from safety import images
from safety.images import Hold, HoldReason
from users.events import TrainingChoiceChanged
from users.models import User

AVATAR_WIDTH = 256


class AssetGone(Conflict):
    """One of the images was deleted meanwhile."""

    code = "asset_gone"


class AssetInUse(Conflict):
    """The image is used in a post, as an avatar or in an open dispute. End that first."""

    code = "asset_in_use"


class AssetIsHeld(Conflict):
    """The image is held: until it is released, it is shown to nobody."""

    code = "asset_held"


@transaction.atomic
def admit(
    *,
    owner: User,
    prepared: Prepared,
    alt_text: str = "",
    declared_origin: Origin = Origin.UNKNOWN,
    parents: Parents = (),
    asset_id: UUID | None = None,
) -> Asset:
    """The door: store a prepared file with its provenance. Raises StorageAway, CannotSign.

    The same bytes twice are one stored object and two assets. What looks like a banned image, or
    could not be compared with those, is held.
    """
    found, facts = prepared.found, prepared.facts
    sha256 = storage.sha256_of(prepared.path)
    storage.lock_content(sha256)
    opened = provenance.open_record(
        owner=owner,
        observations=_observations(prepared, declared_origin),
        data_mining=DataMining.UNSET if facts else prepared.findings.data_mining,
        pixel_digest=found.digest,
        luma=prepared.look,
        generation=facts,
        watermark=prepared.watermark,
        parents=[(parent.record, relation) for parent, relation in parents],
    )
    record, hold = opened.record, images.why_to_hold(opened.alike)
    asset = Asset.objects.create(
        id=asset_id or uuid7(),
        owner=owner,
        record=record,
        media_type=found.media_type,
        width=found.width,
        height=found.height,
        frames=found.frames,
        size=prepared.path.stat().st_size,
        sha256=sha256,
        key=storage.original_key(sha256),
        blurhash=found.blurhash,
        alt_text=alt_text,
        **_held(hold),
    )
    mark = mark_of(record, page=asset.sheet_url)
    files = marking.mark_files(found.renditions, mark, prepared.parent)
    storage.put(asset.key, prepared.path, content_addressed=True)
    rendering.keep_files(asset, files)
    emit(AssetAdmitted(asset_id=str(asset.pk)))
    if hold:
        emit(AssetHeld(asset_id=str(asset.pk), reason=hold.reason.value))
    return asset


@transaction.atomic
def change_alt_text(*, asset: Asset, alt_text: str) -> None:
    asset.alt_text = alt_text
    asset.save(update_fields=["alt_text"])


@transaction.atomic
def remove_asset(*, asset: Asset) -> None:
    """Delete an image of one's own. Its record stays as a tombstone. Raises AssetInUse."""
    provenance.hold(records=[asset.record])
    asset = Asset.objects.select_for_update().get(pk=asset.pk)
    if asset.uses:
        raise AssetInUse
    asset.state = Asset.State.REMOVED
    asset.alt_text = asset.blurhash = asset.held_for = ""
    asset.held_like = None
    asset.token = new_token()
    asset.save(update_fields=["state", "alt_text", "blurhash", "held_for", "held_like", "token"])
    provenance.bury(record=asset.record)
    emit(AssetRemoved(asset_id=str(asset.pk)))


@transaction.atomic(savepoint=False)
def refer_to(*, owner: User, assets: Sequence[UUID], shown_to_all: bool = False) -> list[bool]:
    """Something of `owner` now shows these assets of theirs, which cannot be deleted under it.

    Of each, whether others may see it if they see what shows it; and so it is until the end of
    the transaction. `shown_to_all`: everybody does. Raises AssetGone if any was deleted, or is not
    theirs.
    """
    if not assets:
        return []
    found = [shown for (shown,) in _refer_to(owner, list(assets), shown_to_all)]
    if len(found) != len(assets):
        raise AssetGone
    return found


@prepared(
    within="""
        WITH seen (id, shown, public) AS ({})
        UPDATE media_asset AS asset SET uses = asset.uses + 1, public = seen.public
          FROM seen WHERE asset.id = seen.id RETURNING seen.shown
    """
)
def _refer_to(
    owner: User, assets: list[UUID], shown_to_all: bool
) -> QuerySet[Asset, tuple[UUID, bool, bool]]:
    """Locked in one order, and read as they are when they are locked."""
    shown = ExpressionWrapper(SHOWN, output_field=BooleanField())
    public = Case(When(SHOWN, then=True), default=F("public")) if shown_to_all else F("public")
    theirs = Asset.objects.owned_by(owner).filter(pk__in=any_of(assets)).order_by("pk")
    locked = theirs.select_for_update(of=("self",), no_key=True)
    return locked.values_list("pk", shown, public)


def release(*, assets: Iterable[Asset]) -> None:
    """Something no longer shows these assets."""
    Asset.objects.filter(pk__in=[asset.pk for asset in assets]).update(uses=F("uses") - 1)


@transaction.atomic
def set_exposure(*, assets: AssetQuerySet, posted: AssetQuerySet) -> None:
    """Store which of `assets` everybody may see: those among `posted`.

    All others get new addresses, so that whoever kept an old one has nothing. `posted` is read
    when the images are locked: of two changes at once the later sees what the earlier did.
    """
    locked = list(assets.select_for_update(of=("self",)).order_by("pk"))
    keys = [asset.pk for asset in locked]
    public = set(posted.filter(pk__in=keys).values_list("pk", flat=True))
    for asset in locked:
        asset.public = asset.pk in public
        if not asset.public:
            asset.token = new_token()
    Asset.objects.bulk_update(locked, ["public", "token"], batch_size=500)


def mark_files_stale(event: TrainingChoiceChanged | VerdictChanged) -> None:
    """What files say has changed; until they are marked anew, the sweep finds them by this."""
    if isinstance(event, VerdictChanged):
        stale = Asset.objects.filter(record=UUID(event.record_id))
    else:
        stale = Asset.objects.filter(owner=UUID(event.user_id))
    stale.filter(state=Asset.State.READY).update(rendered_origin="")


@transaction.atomic
def limit_asset(*, asset: Asset, limit: str, decision_id: Any, reason_code: str) -> None:
    """Carry out what a Decision says about an image; an empty `limit` lifts it."""
    _lock_person(asset.owner_id)
    Asset.objects.filter(pk=asset.pk).update(
        limit=limit, decision_id=decision_id, reason_code=reason_code, public=False
    )
    emit(ImageReachChanged(asset_id=str(asset.pk)))


@transaction.atomic
def hold_asset(*, asset: Asset, hold: Hold) -> None:
    """Take an image away from everybody but its owner and moderators, until it is released."""
    if _lock(asset) is None:
        return
    held = Asset.objects.filter(pk=asset.pk)
    held.update(**_held(hold), cleared=False, public=False)
    emit(ImageReachChanged(asset_id=str(asset.pk)))
    emit(AssetHeld(asset_id=str(asset.pk), reason=hold.reason.value))


@transaction.atomic
def release_asset(*, asset: Asset) -> None:
    """A moderator lets a held image in. The machine does not hold it again."""
    if _lock(asset) is not None:
        _let_in(asset, cleared=True)


@transaction.atomic
def settle_hold(*, asset: Asset, alike: frozenset[UUID] | None) -> None:
    """Hold or release an image now that more is known. `alike`: as for `safety.images`.

    What looks like a banned image is held, and only a moderator releases it. What was held because
    nobody could look is released when nothing was found.
    """
    found = _lock(asset)
    if found is None or found.cleared or found.held_for == HoldReason.BANNED_IMAGE:
        return
    hold = images.why_to_hold(alike)
    if hold is None:
        _let_in(found, cleared=False)
    elif hold.reason != found.held_for:
        hold_asset(asset=found, hold=hold)


@transaction.atomic
def choose_avatar(*, user: User, asset: Asset) -> None:
    """Show `asset`, which is theirs, as the picture of `user`. Raises AssetIsHeld."""
    if asset.state == Asset.State.HELD:
        raise AssetIsHeld
    file = min(asset.renditions.all(), key=lambda each: abs(each.width - AVATAR_WIDTH))
    _lock_person(user.pk)
    previous = Avatar.objects.filter(user=user).select_related("asset").first()
    if previous:
        release(assets=[previous.asset])
    Avatar.objects.update_or_create(
        user=user, defaults={"asset": asset, "file_name": file.file_name}
    )
    refer_to(owner=user, assets=[asset.pk])


@transaction.atomic
def remove_avatar(*, user: User) -> None:
    """Show no picture; the image itself stays in the library."""
    _lock_person(user.pk)
    avatar = Avatar.objects.filter(user=user).select_related("asset").first()
    if avatar:
        release(assets=[avatar.asset])
        avatar.delete()


def _held(hold: Hold | None) -> dict[str, Any]:
    """The columns that say whether, and why, an image is held."""
    if hold is None:
        return {"state": Asset.State.PROCESSING, "held_for": "", "held_like_id": None}
    return {"state": Asset.State.HELD, "held_for": hold.reason, "held_like_id": hold.like}


def _let_in(asset: Asset, *, cleared: bool) -> None:
    """Release an image that was locked, if it is held."""
    held = Asset.objects.filter(pk=asset.pk, state=Asset.State.HELD)
    if held.update(**_held(None), cleared=cleared, render_asked_at=now()):
        emit(ImageReachChanged(asset_id=str(asset.pk)))
        emit(AssetReleased(asset_id=str(asset.pk)))


def _lock(asset: Asset) -> Asset | None:
    """The image as it is now, None if it is gone; before it its record and its owner are locked,
    in the order in which everybody locks them."""
    provenance.hold(records=[asset.record])
    _lock_person(asset.owner_id)
    return Asset.objects.select_for_update(of=("self",)).present().filter(pk=asset.pk).first()


def _lock_person(user_id: UUID) -> None:
    User.objects.select_for_update(no_key=True).get(pk=user_id)


def _observations(prepared: Prepared, declared: Origin) -> list[Observation]:
    """What the uploader says, then what the file says; of what was made here our own manifest."""
    read = list(prepared.findings.observations)
    if prepared.facts:
        return [seen for seen in read if seen.kind is EvidenceKind.C2PA]
    if declared is Origin.UNKNOWN:
        return read
    said = Observation(
        kind=EvidenceKind.DECLARATION, claims=declared, grade=Grade.DECLARED, detector="uploader"
    )
    return [said, *read]
