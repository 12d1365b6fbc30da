"""A post as part of an answer: put together once, and kept as the bytes that it becomes.

Found, as an image's (media/cards.py), by the versions of what it is made of, so it cannot be out
of date. Only what it says of its viewer is added each time.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from threading import Lock
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import orjson
from cachetools import LRUCache
from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet

from core.prepared import any_of, prepared
from core.renderers import JSONRenderer
from media.addresses import address_of, good_until
from media.cards import Card, Sight, Wish, cards
from posts.models import Post, Tag
from posts.rows import Author, PostRow
from provenance.serializers import present_nothing
from users.models import Viewer
from users.serializers import present_ref

#: Three or four kilobytes each.
KEPT = 10_000
_RENDERER = JSONRenderer()


class Limited(Protocol):
    """What can be limited by a Decision."""

    @property
    def limit(self) -> str: ...
    @property
    def decision_id(self) -> UUID | None: ...
    @property
    def reason_code(self) -> str: ...


class _Key(NamedTuple):
    """Of which versions, for whom, and until when the addresses in it are good."""

    post: UUID
    version: str
    author: Author
    images: tuple[Sight, ...]
    may_remix: bool
    mine: bool
    until: int


_kept: LRUCache[_Key, bytes] = LRUCache(KEPT)
_lock = Lock()


def post_cards(
    rows: Sequence[PostRow], viewer: Viewer, besides: Mapping[UUID, Any] | None = None
) -> list[orjson.Fragment]:
    """Posts that were read for `viewer`, as PostOut, in this order.

    `besides`: what is said of a post where it is shown, as its `item`. No query, but for posts
    and images that are new to this process, or changed.
    """
    wanted = [(row, _key(row)) for row in rows]
    with _lock:
        kept = [_kept.get(key) for _, key in wanted]
    lacking = [each for each, text in zip(wanted, kept, strict=True) if text is None]
    made = _make([row for row, _ in lacking], viewer) if lacking else {}
    with _lock:
        _kept.update({key: made[row.id] for row, key in lacking if _may_be_kept(row, made)})
    return [
        _completed(text or made[row.id], row, besides)
        for (row, _), text in zip(wanted, kept, strict=True)
        if text or row.id in made
    ]


def _key(row: PostRow) -> _Key:
    public = all(image.public for image in row.images)
    return _Key(
        row.id,
        row.version,
        row.author,
        row.images,
        row.may_remix,
        row.mine,
        0 if public else good_until(),
    )


def _may_be_kept(row: PostRow, made: Mapping[UUID, bytes]) -> bool:
    """Of owners of images who did not write the post it is not known when they change."""
    return row.id in made and all(image.owner == row.author.id for image in row.images)


def _completed(text: bytes, row: PostRow, besides: Mapping[UUID, Any] | None) -> orjson.Fragment:
    said: dict[str, Any] = {
        "viewer": {
            "reactions": sorted(row.my_reactions),
            "saved": row.saved,
            "can_remix": row.may_remix,
        }
    }
    if besides is not None:
        said["item"] = besides[row.id]
    return orjson.Fragment(text[:-1] + b"," + orjson.dumps(said)[1:])


def _make(rows: Sequence[PostRow], viewer: Viewer) -> dict[UUID, bytes]:
    words = {post: _Words(*rest) for post, *rest in _read([row.id for row in rows])}
    wishes = {row.id: _wishes(row) for row in rows}
    made = cards([wish for some in wishes.values() for wish in some], viewer)
    return {
        row.id: _RENDERER.render(_present(row, words[row.id], wishes[row.id], made))
        for row in rows
        if row.id in words and _is_shown_to_as_many(row, words[row.id])
    }


def _is_shown_to_as_many(row: PostRow, words: "_Words") -> bool:
    """What was written for fewer since `row` was read is not for who read it."""
    return words.visibility == row.visibility and words.state != Post.State.REMOVED


class _Words(NamedTuple):
    """What else there is to be said of a post, in the order of `_read`."""

    body: str
    mood: str
    visibility: str
    state: str
    limit: str
    decision_id: UUID | None
    reason_code: str
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


@prepared()
def _read(posts: list[UUID]) -> QuerySet[Post, Any]:
    """Of posts that somebody may see: they come from posts.rows."""
    tags = Tag.objects.filter(posts=OuterRef("pk"))
    rows = Post.objects.filter(pk__in=any_of(posts))
    return rows.values_list("pk", *_Words._fields[:-1], ArraySubquery(tags.values("name")))


def _wishes(row: PostRow) -> list[Wish]:
    return [
        Wish(image, row.author if image.owner == row.author.id else None, row.may_remix)
        for image in row.images
    ]


def _present(
    row: PostRow, words: _Words, wishes: Sequence[Wish], made: Mapping[Wish, Card]
) -> dict[str, Any]:
    """All of PostOut but `viewer`."""
    shown = {wish.sight: made[wish] for wish in wishes if wish in made}
    speaker = row.speaker()
    return {
        "id": row.id,
        "author": _present_author(row.author),
        "kind": row.kind,
        "body": words.body,
        "mood": words.mood,
        "assets": [card.asset for card in shown.values()],
        "tags": sorted(words.tags),
        "visibility": words.visibility,
        "state": words.state,
        "limits": present_limits(words),
        "allow_remix": row.allow_remix,
        "allow_saving": words.allow_saving,
        "licence": words.licence,
        "provenance": shown[speaker].provenance if speaker in shown else present_nothing(),
        "counts": {
            "reactions": words.reactions_count,
            "comments": words.comments_count,
            "saves": words.saves_count,
            "remixes": words.remixes_count,
        },
        "publish_at": words.publish_at,
        "published_at": words.published_at,
        "edited_at": words.edited_at,
        "url": f"{settings.PUBLIC_URL}/posts/{row.id}",
    }


def _present_author(author: Author) -> dict[str, Any]:
    avatar = None
    if author.avatar_token and author.avatar_file:
        avatar = address_of(author.avatar_token, author.avatar_file, public=True)
    return present_ref(author.id, author.username, author.display_name, avatar, author.kind)


def present_limits(limited: Limited) -> list[dict[str, Any]]:
    """What a Decision has done to a post or a board; who may see it at all may know."""
    if not limited.limit:
        return []
    return [
        {
            "limit": limited.limit,
            "decision_id": limited.decision_id,
            "reason_code": limited.reason_code,
        }
    ]
