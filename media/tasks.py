"""What workers do with images."""

from uuid import UUID

from celery import shared_task

from media import looking, rendering
from media.arrivals import services as arrivals
from media.models import Asset


@shared_task
def render_renditions(asset_id: str) -> None:
    """Make the files that are served; then the asset is ready."""
    asset = Asset.objects.present().select_related("record__generation").filter(pk=asset_id).first()
    if asset:
        rendering.render(asset=asset)


@shared_task
def render_again() -> None:
    """The sweep: images whose worker died, or whose message was lost, are not forgotten."""
    relabelled, removed = rendering.unfinished()
    for asset_id in [*rendering.ask_again_for_renditions(), *relabelled]:
        render_renditions.delay(str(asset_id))
    for asset_id in removed:
        discard_bytes.delay(str(asset_id))


@shared_task
def mark_again(record_id: str, before: str, after: str) -> None:
    """The label changed: the served files must say what the platform says.

    Files that are still being made will say it.
    """
    ready = Asset.objects.present().filter(state=Asset.State.READY)
    asset = ready.filter(record_id=record_id).first()
    if asset:
        render_renditions.delay(str(asset.pk))


@shared_task
def look_closely(asset_id: str) -> None:
    """Recognise what somebody brought, and make recognisable what is a machine's work."""
    asset = Asset.objects.present().select_related("record").filter(pk=asset_id).first()
    if asset:
        looking.look_closely(asset=asset)


@shared_task
def look_again() -> None:
    """The sweep: images whose close look was lost with a message or a worker."""
    for asset_id in looking.overlooked():
        look_closely.delay(str(asset_id))


@shared_task
def protect(record_id: str, before: str, after: str) -> None:
    """The label changed: a work that is a machine's now is to be recognised by its parts."""
    asset = Asset.objects.present().select_related("record").filter(record_id=record_id).first()
    if asset and looking.is_unprotected(asset):
        looking.look_closely(asset=asset)


@shared_task
def protect_banned(asset_id: str) -> None:
    """An image was hidden, or shown again: if it is banned, its parts are to be recognised too."""
    asset = Asset.objects.present().select_related("record").filter(pk=asset_id).first()
    if asset and looking.is_unprotected(asset):
        looking.look_closely(asset=asset)


@shared_task
def discard_bytes(asset_id: str) -> None:
    """Delete the files of a removed image, once it is known by its parts if it should be: else to
    delete it at once would keep it from being recognised."""
    asset = Asset.objects.select_related("record").get(pk=asset_id)
    if asset.discarded_at is None and looking.is_unprotected(asset):
        looking.look_closely(asset=asset)
    rendering.discard_bytes(asset=asset)


@shared_task
def bring_in(arrival_id: str) -> None:
    """Fetch an image from the address that somebody named, and take it in."""
    arrivals.bring_in(arrival_id=UUID(arrival_id))


@shared_task
def tend_arrivals() -> None:
    """The sweep: imports whose message was lost or whose worker died, and what nobody completed."""
    for arrival_id in arrivals.ask_again():
        bring_in.delay(str(arrival_id))
    arrivals.clear_away()
