"""What happens to images."""

from dataclasses import dataclass

from core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetAdmitted(Event):
    """An asset is stored with a first rendition; the others are still to be made."""

    asset_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetRemoved(Event):
    asset_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportAsked(Event):
    """Somebody named an address; the image is still to be fetched from it."""

    arrival_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageReachChanged(Event):
    """An image was hidden by a Decision or held, or is shown again."""

    asset_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetHeld(Event):
    """An image is not let in; `reason` is a safety.images.HoldReason."""

    asset_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetReleased(Event):
    """A held image was let in; its files are to be made as they should be now."""

    asset_id: str
