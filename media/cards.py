"""An image as part of an answer: put together once, and kept as the bytes that it becomes.

A card cannot be out of date. Whoever shows an image reads, in the query that says that it may be
shown, of which versions of rows its card would be made (`sight`); the card is found by just these.
So nothing needs to be told when a label, a name or an address changes. Each process keeps its own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from cachetools import LRUCache
from django.db.models import Expression, F, Func, Max, OuterRef, Subquery, TextField, Value
from django.db.models.functions import Coalesce

from core.db import RowVersion
from core.renderers import JSONRenderer
from media.addresses import good_until
from media.models import Asset, Rendition
from media.serializers import present_asset
from provenance.models import Evidence
from provenance.vocabulary import Grade, Origin
from users.models import Viewer

#: Two or three kilobytes each.
KEPT = 10_000
_OF_OWNER = ("username", "display_name", "kind")


class Sight(NamedTuple):
    """An image that may be shown, as its row was when that was asked."""

    asset: UUID
    owner: UUID
    public: bool
    origin: Origin
    grade: Grade
    versions: str
    may_remix: bool

    @classmethod
    def read(cls, text: str, *, may_remix: bool) -> "Sight":
        """From what `sight` gives; `may_remix`: whether who sees it may work from it."""
        asset, owner, public, origin, grade, versions = text.split(" ", 5)
        return cls(
            UUID(asset), UUID(owner), public == "t", Origin(origin), Grade(grade), versions,
            may_remix,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Card:
    """What `present_asset` gives, as JSON; `provenance` is a part of it that posts repeat."""

    asset: orjson.Fragment
    provenance: orjson.Fragment


def sight() -> Expression:
    """Of images in a queryset: what `Sight.read` reads."""
    renditions = Rendition.objects.filter(asset=OuterRef("pk")).order_by().values("asset")
    evidence = Evidence.objects.filter(record=OuterRef("record")).order_by().values("record")
    return Func(
        Value(" "),
        "pk",
        "owner_id",
        "public",
        "record__origin",
        "record__grade",
        RowVersion("state"),
        RowVersion("record__flag"),
        RowVersion("record__generation__backend"),
        RowVersion("owner__avatar__file_name"),
        RowVersion("owner__avatar__asset__token"),
        Coalesce(Subquery(renditions.values(last=Max("pk"))), 0),
        Coalesce(Subquery(evidence.values(last=Max("sequence"))), 0),
        *(F(f"owner__{name}") for name in _OF_OWNER),
        function="CONCAT_WS",
        output_field=TextField(),
    )


def cards(wanted: Iterable[Sight], viewer: Viewer) -> dict[Sight, Card]:
    """The card of each image for `viewer`. An image that went away since it was seen has none."""
    keys = {sight: _key(sight, viewer) for sight in wanted}
    with _lock:
        found = {sight: _kept[key] for sight, key in keys.items() if key in _kept}
    lacking = [sight for sight in keys if sight not in found]
    if lacking:
        made = _make(lacking, viewer)
        with _lock:
            _kept.update({keys[sight]: card for sight, card in made.items()})
        found |= made
    return found


class _Key(NamedTuple):
    """Which card: of which versions, for whom, and until when its addresses are good."""

    sight: Sight
    mine: bool
    until: int


_kept: LRUCache[_Key, Card] = LRUCache(KEPT)
_lock = Lock()


def _key(sight: Sight, viewer: Viewer) -> _Key:
    return _Key(sight, sight.owner == viewer.pk, 0 if sight.public else good_until())


def _make(wanted: Sequence[Sight], viewer: Viewer) -> dict[Sight, Card]:
    rows = Asset.objects.hydrated().in_bulk([sight.asset for sight in wanted])
    return {
        sight: _card(present_asset(rows[sight.asset], viewer, may_remix=sight.may_remix))
        for sight in wanted
        if sight.asset in rows
    }


def _card(shown: dict[str, Any]) -> Card:
    return Card(asset=_fragment(shown), provenance=_fragment(shown["provenance"]))


def _fragment(data: Any) -> orjson.Fragment:
    return orjson.Fragment(_renderer().render(data))


@cache
def _renderer() -> JSONRenderer:
    return JSONRenderer()
