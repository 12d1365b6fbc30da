"""Which images somebody may name as what theirs is made from."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.errors import DomainError
from media.models import Asset
from posts.queries import assets_visible_to, can_remix_asset
from users.models import Viewer


class UnknownParents(DomainError):
    """These images do not exist, or you may not see them."""

    code = "unknown_asset"
    field = "parents"


class RemixDenied(DomainError):
    """The author does not let you work from this image, or it is held."""

    status = 403
    code = "remix_denied"
    field = "parents"


def open_parents(viewer: Viewer, named: Sequence[Mapping[str, Any]]) -> list[tuple[Asset, str]]:
    """The named images with their relations, each visible and open to remixing.

    `named`: as media.serializers.ParentIn. Raises UnknownParents, RemixDenied.
    """
    visible = assets_visible_to(viewer).select_related("record")
    found = visible.in_bulk([parent["asset"] for parent in named])
    if len(found) != len({parent["asset"] for parent in named}):
        raise UnknownParents
    if len({(parent["asset"], parent["relation"]) for parent in named}) != len(named):
        raise UnknownParents("The same parent is named twice.")
    for asset in found.values():
        if not can_remix_asset(asset, viewer):
            raise RemixDenied
    return [(found[parent["asset"]], parent["relation"]) for parent in named]
