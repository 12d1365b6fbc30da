"""What decides about a post, and of what it would be made, read by one prepared query.

All pages and lists begin with it: see posts/cards.py for what they then show.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast

from core.clock import now
from core.db import RowVersion
from core.prepared import any_of, prepared
from media.cards import Sight, sight
from media.models import Asset
from posts.models import BoardItem, Post, PostQuerySet, Reaction
from posts.queries import lets_remix, most_ai_ward, under_hidden_tag
from users import preferences
from users.models import Viewer
from users.queries import follows, mutes

_WHO = KeyTextTransform("who", KeyTransform("remix_policy", "author__preferences"))


class Author(NamedTuple):
    """All that is shown of who wrote a post; `id` as text, as it is shown."""

    id: str
    username: str
    display_name: str
    kind: str
    avatar_token: str | None
    avatar_file: str | None


class PostRow(NamedTuple):
    """A post as somebody may see it.

    `version` is that of its row, which is written whenever anything of it changes but its images.
    `unwanted`: by somebody whom the viewer has muted, or under a tag
    that they have hidden. `images` are those that are shown, in order.
    """

    kind: str
    allow_remix: bool
    mine: bool
    may_remix: bool
    id: UUID
    version: str
    visibility: str
    my_reactions: list[str]
    saved: bool
    unwanted: bool
    author: Author
    images: tuple[Sight, ...]

    def speaker(self) -> Sight | None:
        """The image whose verdict speaks for the whole."""
        return self.images[0] if len(self.images) == 1 else most_ai_ward(self.images)


def visible(viewer: Viewer) -> PostQuerySet:
    return Post.objects.visible_to(viewer)


def read_posts(
    viewer: Viewer,
    keys: Sequence[UUID],
    *,
    among: Callable[..., PostQuerySet] = visible,
    by: str = "pk",
    but: str = "",
    **given: Any,
) -> dict[UUID, PostRow]:
    """Those posts of `among(viewer, **given)` whose column `by` is one of `keys`, by that.

    `among` starts from what `viewer` may see. `but`: a tag that is looked at, hidden or not.
    """
    rows = _read(among, viewer, by=by, keys=list(keys), but=but, moment=now(), **given)
    me = str(viewer.pk)
    return {key: _row(viewer, me, *columns) for key, *columns in rows}


def _row(
    viewer: Viewer,
    me: str,
    remix_policy: str | None,
    follows_author: bool,
    kind: str,
    allow_remix: bool,
    *columns: Any,
) -> PostRow:
    """A row of `_read`. The author's `remix_policy` is None for what holds until they choose."""
    own, author, images = columns[:6], Author(*columns[6:12]), map(Sight.read, columns[12])
    mine = author.id == me
    may_remix = lets_remix(
        viewer,
        own=mine,
        kind=kind,
        allow_remix=allow_remix,
        who=remix_policy or preferences.DEFAULTS["remix_policy"]["who"],
        follows=lambda _: follows_author,
    )
    return PostRow(kind, allow_remix, mine, may_remix, *own, author, tuple(images))  # type: ignore[call-arg]  # in this order


@prepared("by")
def _read(
    among: Callable[..., PostQuerySet],
    viewer: Viewer,
    *,
    by: str,
    keys: list[UUID],
    but: str,
    moment: datetime,
    **given: Any,
) -> QuerySet[Post, Any]:
    posts = among(viewer, **given).filter(**{f"{by}__in": any_of(keys)})
    images = Asset.objects.shown().filter(postasset__post=OuterRef("pk"))
    muted, hidden = mutes(viewer, "author", at=moment), under_hidden_tag(viewer, but=but)
    return posts.values_list(
        by,
        _WHO,
        _follows_author(viewer),
        "kind",
        "allow_remix",
        "id",
        RowVersion("state"),
        "visibility",
        _reactions_of(viewer),
        _saved_by(viewer),
        ExpressionWrapper(Q(muted) | Q(hidden), BooleanField()),
        Cast("author_id", TextField()),
        "author__username",
        "author__display_name",
        "author__kind",
        "author__avatar__asset__token",
        "author__avatar__file_name",
        ArraySubquery(images.order_by("postasset__position").values_list(sight())),
    )


def _follows_author(viewer: Viewer) -> Combinable:
    """Asked only where it decides: of authors who let their followers work from their images."""
    if not viewer.is_authenticated:
        return Value(False)
    return Case(
        When(author__preferences__remix_policy__who="followers", then=follows(viewer, "author")),
        default=False,
    )


def _saved_by(viewer: Viewer) -> Exists | Value:
    """Whether they are on a board of the viewer's."""
    if not viewer.is_authenticated:
        return Value(False)
    return Exists(BoardItem.objects.filter(post=OuterRef("pk"), board__owner=viewer))


def _reactions_of(viewer: Viewer) -> Combinable:
    if not viewer.is_authenticated:
        return Cast(Value([]), ArrayField(CharField()))
    mine = Reaction.objects.filter(post=OuterRef("pk"), user=viewer)
    return ArraySubquery(mine.values("kind"))
