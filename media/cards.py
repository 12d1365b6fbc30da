"""An image as part of an answer: put together once, and kept as the bytes that it becomes.

A card cannot be out of date. Whoever shows an image reads, in the query that says that it may be
shown, of which versions of rows its card would be made (`sight`); the card is found by just these.
So nothing needs to be told when a label, a name or an address changes. Each process keeps its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from cachetools import LRUCache
from django.db.models import Expression, Func, Max, OuterRef, Subquery, TextField, Value
from django.db.models.functions import MD5, Coalesce

from core.db import RowVersion
from core.renderers import JSONRenderer
from media.addresses import good_until
from media.models import Asset
from media.serializers import present_asset
from provenance.models import Evidence
from users.models import Viewer

#: Two or three kilobytes each.
KEPT = 10_000
_RENDERER = JSONRenderer()


class Sight(NamedTuple):
    """An image that may be shown, as its rows were when that was asked. `text` has all of it."""

    text: str
    asset: str
    owner: str
    public: bool
    origin: str
    grade: str
    flag: str

    @classmethod
    def read(cls, text: str) -> "Sight":
        """From what `sight` gives."""
        asset, owner, public, origin, grade, flag, _ = text.split(" ", 6)
        return cls(text, asset, owner, public == "t", origin, grade, flag)


class Wish(NamedTuple):
    """A card that is wanted. `may_remix`: whether who sees the image may work from it.

    `owner` is all that the card says of its owner, as it was read: whatever can be compared.
    None if that was not read; such a card is not kept.
    """

    sight: Sight
    owner: Any
    may_remix: bool


@dataclass(frozen=True, slots=True)
class Card:
    """What `present_asset` gives, as JSON; `provenance` is a part of it that posts repeat."""

    asset: orjson.Fragment
    provenance: orjson.Fragment


def sight() -> Expression:
    """Of images in a queryset: what `Sight.read` reads.

    Of its own row what can change and is shown: others of its columns change with each post. Who
    makes files of an image sets `rendered_origin`.
    """
    evidence = Evidence.objects.filter(record=OuterRef("record")).order_by().values("record")
    return Func(
        Value(" "),
        "pk",
        "owner_id",
        "public",
        "record__origin",
        "record__grade",
        "record__flag",
        "state",
        "token",
        "blurhash",
        MD5("alt_text"),
        "rendered_origin",
        RowVersion("record__flag"),
        RowVersion("record__generation__backend"),
        Coalesce(Subquery(evidence.values(last=Max("sequence"))), 0),
        function="CONCAT_WS",
        output_field=TextField(),
    )


def cards(wishes: Sequence[Wish], viewer: Viewer) -> dict[Wish, Card]:
    """The cards for `viewer`. An image that went away since it was seen has none."""
    me = str(viewer.pk)
    keys = {wish: _key(wish, me) for wish in wishes}
    with _lock:
        found = {wish: _kept[key] for wish, key in keys.items() if key in _kept}
    lacking = [wish for wish in keys if wish not in found]
    if lacking:
        made = _make(lacking, viewer)
        with _lock:
            _kept.update({keys[wish]: made[wish] for wish in made if wish.owner is not None})
        found |= made
    return found


class _Key(NamedTuple):
    """Which card: of which versions, for whom, and until when its addresses are good."""

    text: str
    owner: Any
    may_remix: bool
    mine: bool
    until: int


_kept: LRUCache[_Key, Card] = LRUCache(KEPT)
_lock = Lock()


def _key(wish: Wish, viewer: str) -> _Key:
    sight, until = wish.sight, 0 if wish.sight.public else good_until()
    return _Key(sight.text, wish.owner, wish.may_remix, sight.owner == viewer, until)


def _make(wishes: Sequence[Wish], viewer: Viewer) -> dict[Wish, Card]:
    rows = Asset.objects.hydrated().in_bulk([UUID(wish.sight.asset) for wish in wishes])
    wanted = [(wish, rows.get(UUID(wish.sight.asset))) for wish in wishes]
    return {
        wish: _card(present_asset(row, viewer, may_remix=wish.may_remix))
        for wish, row in wanted
        if row is not None
    }


def _card(shown: dict[str, Any]) -> Card:
    return Card(asset=_fragment(shown), provenance=_fragment(shown["provenance"]))


def _fragment(data: Any) -> orjson.Fragment:
    return orjson.Fragment(_RENDERER.render(data))
