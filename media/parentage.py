"""Which images somebody may name as what theirs is made from.

Posts know who may see an image, and they lie above: they are found by a dotted path.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from media.models import Asset
from users.models import Viewer


def open_parents(viewer: Viewer, named: Sequence[Mapping[str, Any]]) -> list[tuple[Asset, str]]:
    """The named images with their relations. Raises what settings.PARENTS_POLICY raises for those
    that the viewer may not see or may not work from."""
    found: list[tuple[Asset, str]] = import_string(settings.PARENTS_POLICY)(viewer, named)
    return found
