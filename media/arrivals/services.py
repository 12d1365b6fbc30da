"""What happens to an image on its way in: asked for, fetched or put, taken in, or given up."""

import logging
import tempfile
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TypeGuard
from uuid import UUID

from django.conf import settings
from django.db import transaction

from core.clock import now
from core.db import release_connection
from core.errors import Conflict, DomainError, NotFound
from core.outbox import emit
from core.parsers import BodyTooLarge
from media import storage
from media.arrivals import hold
from media.arrivals.fetching import Network, fetch, target_of
from media.events import ImportAsked
from media.models import EXTENSIONS, Arrival
from media.preparing import prepare_upload
from media.sandbox import DecodersBusy, TooCostly, Undecodable, UnsupportedType
from media.services import admit
from media.storage import StorageAway
from provenance.vocabulary import Origin
from users.models import User

logger = logging.getLogger(__name__)
MAX_OPEN = 20
FETCH_SECONDS = 10.0
MAX_ATTEMPTS = 5
FIRST_RETRY = timedelta(seconds=30)
ASK_AGAIN_AFTER = timedelta(minutes=1)
COMPLETE_WITHIN = timedelta(hours=1)
KEEP_ENDED = timedelta(days=7)
MAX_AT_ONCE = 500


class TooManyArrivals(DomainError):
    """You have 20 images on their way in. Wait until one has arrived, or complete one."""

    status = 429
    code = "too_many_arrivals"


class BytesMissing(Conflict):
    """Nothing has been put to the upload address yet."""

    code = "bytes_missing"
    field = "bytes"


class WrongSize(DomainError):
    """The file does not have the size that was announced."""

    status = 422
    code = "wrong_size"
    field = "bytes"


class ArrivalBusy(Conflict):
    """This image is being taken in just now."""

    code = "arrival_busy"


class ArrivalOver(Conflict):
    """This upload has failed or expired. Ask for a new address."""

    code = "arrival_over"


class Expired(DomainError):
    """The upload was not completed in time."""

    code = "expired"


class GaveUp(DomainError):
    """The image could not be taken in, although it was tried several times. Ask again later."""

    code = "gave_up"


@transaction.atomic
def ask_import(*, owner: User, url: str, alt_text: str = "", declared_origin: str) -> Arrival:
    """Have an image fetched from an address. Raises BadUrl, TooManyArrivals."""
    target_of(url)
    _make_room(owner)
    arrival = Arrival.objects.create(
        owner=owner,
        kind=Arrival.Kind.IMPORT,
        url=url,
        alt_text=alt_text,
        declared_origin=declared_origin,
    )
    emit(ImportAsked(arrival_id=str(arrival.pk)))
    return arrival


@transaction.atomic
def announce_upload(
    *, owner: User, media_type: str, size: int, alt_text: str = "", declared_origin: str
) -> Arrival:
    """Make room for `size` bytes that the client will put itself, and then complete.

    Raises UnsupportedType, BodyTooLarge, TooManyArrivals.
    """
    if media_type not in EXTENSIONS:
        raise UnsupportedType(f"Accepted are {', '.join(EXTENSIONS)}.", field="media_type")
    if size > settings.MAX_UPLOAD_BYTES:
        megabytes = settings.MAX_UPLOAD_BYTES / 1_000_000
        raise BodyTooLarge(f"The file may hold at most {megabytes:g} MB.", field="bytes")
    _make_room(owner)
    arrival = Arrival(
        owner=owner,
        kind=Arrival.Kind.DIRECT,
        media_type=media_type,
        size=size,
        alt_text=alt_text,
        declared_origin=declared_origin,
        expires_at=now() + COMPLETE_WITHIN,
    )
    arrival.key = storage.arrival_key(arrival.pk)
    arrival.save()
    return arrival


def keep_bytes(*, arrival: Arrival, path: Path) -> None:
    """What a client put to an address of ours. Raises WrongSize, StorageAway."""
    if path.stat().st_size != arrival.size:
        raise WrongSize
    storage.put(arrival.key, path)


def complete(*, arrival: Arrival) -> None:
    """Take in what the client has put. Doing it twice is doing it once.

    Raises ArrivalBusy, ArrivalOver, BytesMissing, WrongSize, UnsupportedType, Undecodable,
    DecodersBusy, StorageAway. A picture that cannot be read ends the arrival; after anything else
    the client may try again.
    """
    claimed = hold.claim(arrival.pk, Arrival.Kind.DIRECT)
    if claimed is None:
        _require_done(arrival.pk)
        return
    try:
        with tempfile.TemporaryDirectory(prefix="pentimento-") as folder:
            path = Path(folder) / "put"
            _copy_bytes(claimed, path)
            _take_in(claimed, path)
    except BaseException as error:
        if _is_at_fault(error):
            hold.fail(claimed, error)
            _discard_bytes(claimed)
        else:
            hold.put_back(claimed)
        raise
    _discard_bytes(claimed)


def bring_in(*, arrival_id: UUID, network: Network | None = None) -> None:
    """Fetch an import and take it in. Doing it twice is doing it once.

    Refusals end it. While the decoders or the store are away it waits for the sweep, longer each
    time, and ends after MAX_ATTEMPTS.
    """
    claimed = hold.claim(arrival_id, Arrival.Kind.IMPORT)
    if claimed is None:
        return
    if claimed.attempts > MAX_ATTEMPTS:
        hold.fail(claimed, GaveUp())
        return
    try:
        with tempfile.TemporaryDirectory(prefix="pentimento-") as folder:
            path = Path(folder) / "fetched"
            release_connection()
            fetched = fetch(
                claimed.url,
                path,
                max_bytes=settings.MAX_UPLOAD_BYTES,
                deadline_seconds=FETCH_SECONDS,
                network=network,
            )
            logger.info("import %s: %d bytes from %s", claimed.pk, fetched.size, fetched.host)
            _take_in(claimed, path)
    except (DecodersBusy, TooCostly, StorageAway) as error:
        logger.warning("import %s must wait: %s", claimed.pk, error)
        hold.put_back(claimed, wait=FIRST_RETRY * 2**claimed.attempts)
    except DomainError as error:
        logger.info("import %s failed: %s (%r)", claimed.pk, error, error.__cause__)
        hold.fail(claimed, error)


@transaction.atomic
def ask_again() -> list[UUID]:
    """Imports whose message was lost, whose worker died, or whose wait is over."""
    waiting = Arrival.objects.open().free().select_for_update(skip_locked=True)
    again = list(
        waiting.filter(kind=Arrival.Kind.IMPORT, asked_at__lt=now() - ASK_AGAIN_AFTER).values_list(
            "pk", flat=True
        )[:MAX_AT_ONCE]
    )
    Arrival.objects.filter(pk__in=again).update(asked_at=now())
    return again


def clear_away() -> None:
    """Delete the raw bytes of direct uploads whose time is over, and rows that ended long ago.

    Until then a client may put bytes again, even of what is completed. Raises StorageAway.
    """
    over = Arrival.objects.free().filter(expires_at__lt=now()).exclude(key="")
    for arrival in over[:MAX_AT_ONCE]:
        storage.remove(arrival.key)
        with transaction.atomic():
            hold.end(Arrival.objects.open().filter(pk=arrival.pk), Expired())
            Arrival.objects.filter(pk=arrival.pk).update(key="")
    ended = Arrival.objects.filter(state__in=[Arrival.State.DONE, Arrival.State.FAILED], key="")
    ended.filter(created_at__lt=now() - KEEP_ENDED).delete()


def _make_room(owner: User) -> None:
    """Raises TooManyArrivals. Requests of one person wait for each other here."""
    User.objects.select_for_update(no_key=True).get(pk=owner.pk)
    if Arrival.objects.open().filter(owner=owner).count() >= MAX_OPEN:
        raise TooManyArrivals(retry_after=30)


def _require_done(arrival_id: UUID) -> None:
    """What cannot be claimed is done already, or: raises ArrivalBusy, ArrivalOver."""
    arrival = Arrival.objects.get(pk=arrival_id)
    if arrival.state == Arrival.State.DONE:
        return
    if arrival.state == Arrival.State.FAILED or (arrival.expires_at or now()) <= now():
        raise ArrivalOver
    raise ArrivalBusy(retry_after=5)


def _take_in(arrival: Arrival, path: Path) -> None:
    """Raises ArrivalBusy if somebody else has taken it over."""
    with prepare_upload(path=path) as prepared, transaction.atomic():
        if not hold.mine(arrival).select_for_update().exists():
            raise ArrivalBusy
        admit(
            owner=arrival.owner,
            prepared=prepared,
            alt_text=arrival.alt_text,
            declared_origin=Origin(arrival.declared_origin),
            asset_id=arrival.pk,
        )
        hold.mine(arrival).update(state=Arrival.State.DONE, held_until=None)


def _is_at_fault(error: BaseException) -> TypeGuard[DomainError]:
    """Whether it is the picture's own fault, so that trying again would not help."""
    return isinstance(error, Undecodable | UnsupportedType) and not isinstance(error, TooCostly)


def _copy_bytes(arrival: Arrival, path: Path) -> None:
    """What the client has put, copied out of storage. Raises BytesMissing, WrongSize."""
    try:
        stored = storage.get(arrival.key)
    except NotFound as error:
        raise BytesMissing from error
    with stored, path.open("wb") as local:
        if stored.size != arrival.size:
            raise WrongSize
        for chunk in stored.chunks():
            local.write(chunk)


def _discard_bytes(arrival: Arrival) -> None:
    """At once if the store answers; otherwise the sweep does it."""
    with suppress(StorageAway):
        storage.remove(arrival.key)
