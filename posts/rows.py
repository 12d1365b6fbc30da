"""What a page shows of posts, read by one prepared query: all lists and pages are made of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import CharField, Exists, OuterRef, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast

from core.prepared import any_of, prepared
from media.cards import Sight, sight
from media.models import Asset
from posts.models import BoardItem, Post, Reaction, Tag
from posts.queries import lets_remix
from users import preferences
from users.models import Viewer
from users.queries import follows


class PostRow(NamedTuple):
    """A post as far as `viewer` may see it; `_rows` gives its fields in this order.

    `sights`: of its images that are shown, in order, what media.cards reads. `remix_policy` is
    its author's, None for what holds until they choose.
    """

    id: UUID
    author_id: UUID
    username: str
    display_name: str
    author_kind: str
    avatar_token: str | None
    avatar_file: str | None
    remix_policy: str | None
    follows_author: bool
    kind: str
    body: str
    mood: str
    visibility: str
    state: str
    limit: str
    decision_id: UUID | None
    reason_code: str
    allow_remix: bool
    allow_saving: bool
    licence: str
    reactions_count: int
    comments_count: int
    saves_count: int
    remixes_count: int
    publish_at: datetime | None
    published_at: datetime | None
    edited_at: datetime | None
    tags: list[str]
    my_reactions: list[str]
    saved: bool
    sights: list[str]

    def sights_for(self, viewer: Viewer) -> list[Sight]:
        remix = self.may_remix(viewer)
        return [Sight.read(text, may_remix=remix) for text in self.sights]

    def may_remix(self, viewer: Viewer) -> bool:
        return lets_remix(
            viewer,
            author_id=self.author_id,
            kind=self.kind,
            allow_remix=self.allow_remix,
            who=self.remix_policy or preferences.DEFAULTS["remix_policy"]["who"],
            follows=lambda _: self.follows_author,
        )


def posts_shown_to(viewer: Viewer, keys: Sequence[UUID]) -> list[PostRow]:
    """Those of `keys` that `viewer` may see, in no order."""
    return [PostRow(*row) for row in _rows(viewer, list(keys))]


@prepared()
def _rows(viewer: Viewer, keys: list[UUID]) -> QuerySet[Post, Any]:
    posts = Post.objects.visible_to(viewer).filter(pk__in=any_of(keys))
    tags = Tag.objects.filter(posts=OuterRef("pk"))
    images = Asset.objects.shown().filter(postasset__post=OuterRef("pk"))
    return posts.values_list(
        "id",
        "author_id",
        "author__username",
        "author__display_name",
        "author__kind",
        "author__avatar__asset__token",
        "author__avatar__file_name",
        KeyTextTransform("who", KeyTransform("remix_policy", "author__preferences")),
        _follows_author(viewer),
        "kind",
        "body",
        "mood",
        "visibility",
        "state",
        "limit",
        "decision_id",
        "reason_code",
        "allow_remix",
        "allow_saving",
        "licence",
        "reactions_count",
        "comments_count",
        "saves_count",
        "remixes_count",
        "publish_at",
        "published_at",
        "edited_at",
        ArraySubquery(tags.values("name")),
        _reactions_of(viewer),
        _saved_by(viewer),
        ArraySubquery(images.order_by("postasset__position").values_list(sight())),
    )


def _follows_author(viewer: Viewer) -> Exists | Value:
    return follows(viewer, "author") if viewer.is_authenticated else Value(False)


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
