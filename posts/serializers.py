"""How posts and comments look in the API."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404
from orjson import Fragment
from rest_framework import serializers

from core.clock import now
from core.prepared import any_of, prepared
from core.serializers import Input, Key, List, Output, Switch, Text
from media.serializers import AssetOut, name_of_work, present_asset
from posts import tags
from posts.cards import post_cards
from posts.lineage import Tree, Work
from posts.models import Comment, Post, PostVersion
from posts.rows import read_posts
from provenance.models import LineageEdge
from provenance.serializers import Provenance
from users.models import Viewer
from users.serializers import PersonRef, present_person

MAX_BODY = 5000
LATEST = timedelta(days=365)
MAX_ASSETS = 10
MAX_TAGS = 20


class Limit(Output):
    limit = serializers.CharField()
    decision_id = serializers.UUIDField()
    reason_code = serializers.CharField()


class PostCounts(Output):
    reactions = serializers.IntegerField()
    comments = serializers.IntegerField()
    saves = serializers.IntegerField()
    remixes = serializers.IntegerField()


class PostViewer(Output):
    reactions = serializers.ListField(child=serializers.CharField())
    saved = serializers.BooleanField()
    can_remix = serializers.BooleanField()


class PostOut(Output):
    id = serializers.UUIDField()
    author = PersonRef()
    kind = serializers.ChoiceField(Post.Kind.choices)
    body = serializers.CharField(allow_blank=True)
    mood = serializers.CharField(allow_blank=True)
    assets = AssetOut(many=True)
    tags = serializers.ListField(child=serializers.CharField())
    visibility = serializers.ChoiceField(Post.Visibility.choices)
    state = serializers.ChoiceField(Post.State.choices)
    limits = Limit(many=True)
    allow_remix = serializers.BooleanField()
    allow_saving = serializers.BooleanField()
    licence = serializers.ChoiceField(Post.Licence.choices)
    provenance = Provenance()
    counts = PostCounts()
    viewer = PostViewer()
    publish_at = serializers.DateTimeField(allow_null=True)
    published_at = serializers.DateTimeField(allow_null=True)
    edited_at = serializers.DateTimeField(allow_null=True)
    url = serializers.CharField()


class LineageWork(Output):
    id = serializers.IntegerField(help_text="Its number in this answer.")
    work = serializers.CharField()
    deleted = serializers.BooleanField()
    post = serializers.UUIDField(allow_null=True)
    asset = AssetOut(allow_null=True)


class LineageEdgeOut(Output):
    child = serializers.IntegerField()
    parent = serializers.IntegerField()  # type: ignore[assignment]  # a field of this name is declared, not overridden
    relation = serializers.ChoiceField(LineageEdge.Relation.choices)


class Credit(Output):
    immediate = PersonRef(many=True)
    root = PersonRef(many=True)


class LineageOut(Output):
    works = LineageWork(many=True)
    edges = LineageEdgeOut(many=True)
    shown = serializers.ListField(
        child=serializers.IntegerField(), help_text="The works of the post itself."
    )
    credit = Credit()
    truncated = serializers.BooleanField()


class ReactionAnswer(Output):
    counts = PostCounts()
    viewer = PostViewer()


class VersionOut(Output):
    body = serializers.CharField(allow_blank=True)
    mood = serializers.CharField(allow_blank=True)
    tags = serializers.ListField(child=serializers.CharField())
    written_at = serializers.DateTimeField()


class CommentOut(Output):
    id = serializers.UUIDField()
    post = serializers.UUIDField()
    author = PersonRef()
    body = serializers.CharField()
    parent = serializers.UUIDField(allow_null=True)  # type: ignore[assignment]  # a field of this name is declared, not overridden
    created_at = serializers.DateTimeField()


class TagField(Text):
    """A tag in its one form."""

    def to_internal_value(self, data: Any) -> str:
        try:
            return tags.normalise(super().to_internal_value(data))
        except ValidationError as error:
            raise serializers.ValidationError(error.messages, code="bad_tag") from error


def tag_in_path(text: str) -> str:
    """A tag of an address in its one form. Raises ValidationError."""
    try:
        tag: str = TagField().run_validation(text)
    except serializers.ValidationError as error:
        raise serializers.ValidationError({"tag": error.detail}) from error
    return tag


class TagChoice(Output):
    tag = serializers.CharField()
    follow = serializers.BooleanField()
    hide = serializers.BooleanField()


class PostFields(Input):
    body = Text(max_length=MAX_BODY, allow_blank=True, required=False)
    mood = Text(max_length=40, allow_blank=True, required=False)
    visibility = serializers.ChoiceField(Post.Visibility.choices, required=False)
    tags = List(child=TagField(), max_length=MAX_TAGS, required=False)
    allow_remix = Switch(required=False)
    allow_saving = Switch(required=False)
    licence = serializers.ChoiceField(Post.Licence.choices, required=False)
    publish_at = serializers.DateTimeField(required=False, allow_null=True)

    def validate_publish_at(self, value: datetime | None) -> datetime | None:
        if value is not None and not now() < value < now() + LATEST:
            raise serializers.ValidationError("Within a year, and to come.")
        return value


class PostIn(PostFields):
    assets = List(child=Key(), max_length=MAX_ASSETS, required=False)
    state = serializers.ChoiceField(["draft"], required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("publish_at") and "state" in attrs:
            raise serializers.ValidationError({"publish_at": "A draft has no time."})
        return attrs


class CommentIn(Input):
    body = Text(max_length=2000)
    parent = Key(required=False, allow_null=True)  # type: ignore[assignment]  # a field of this name is declared, not overridden


def present_posts(keys: Sequence[UUID], viewer: Viewer) -> list[Fragment]:
    """Posts in this order, as `viewer` may see them; those that they may not see are left out."""
    rows = read_posts(viewer, keys)
    return post_cards([rows[key] for key in keys if key in rows], viewer)


def present_post(key: UUID, viewer: Viewer) -> Fragment:
    """One post, as `viewer` may see it. Raises Http404 if they may not."""
    for shown in present_posts([key], viewer):
        return shown
    raise Http404


def present_versions(versions: Iterable[PostVersion]) -> list[dict[str, Any]]:
    return [
        {
            "body": version.body,
            "mood": version.mood,
            "tags": version.tags,
            "written_at": version.written_at,
        }
        for version in versions
    ]


def present_comments(comments: Sequence[Comment], viewer: Viewer) -> list[dict[str, Any]]:
    """`comments` that `viewer` may see. Of one that they may not see an answer does not tell."""
    answered = [comment.parent_id for comment in comments if comment.parent_id]
    seen = {key for (key,) in _seen(viewer, answered)} if answered else set()
    return [
        _present_comment(comment, comment.parent_id if comment.parent_id in seen else None)
        for comment in comments
    ]


@prepared()
def _seen(viewer: Viewer, comments: list[UUID]) -> QuerySet[Comment, tuple[UUID]]:
    return Comment.objects.visible_to(viewer).filter(pk__in=any_of(comments)).values_list("pk")


def _present_comment(comment: Comment, parent: UUID | None) -> dict[str, Any]:
    return {
        "id": str(comment.pk),
        "post": str(comment.post_id),
        "author": present_person(comment.author),
        "body": comment.body,
        "parent": str(parent) if parent else None,
        "created_at": comment.created_at,
    }


def present_lineage(tree: Tree, viewer: Viewer) -> dict[str, Any]:
    """Works are numbered in the answer: what a viewer may not see has no id for them."""
    numbers = {record: number for number, record in enumerate(tree.works)}
    return {
        "works": [
            _present_work(numbers[work.record], work, viewer) for work in tree.works.values()
        ],
        "edges": [
            {"child": numbers[child], "parent": numbers[parent], "relation": relation}
            for child, parent, relation in tree.edges
        ],
        "shown": [numbers[record] for record in tree.shown],
        "credit": {
            "immediate": _credited(tree.immediate()),
            "root": _credited(tree.roots()),
        },
        "truncated": tree.cut,
    }


def _present_work(number: int, work: Work, viewer: Viewer) -> dict[str, Any]:
    return {
        "id": number,
        "work": name_of_work(work.asset, deleted=work.deleted),
        "deleted": work.deleted,
        "post": str(work.post) if work.post else None,
        "asset": present_asset(work.asset, viewer) if work.asset else None,
    }


def _credited(works: Iterable[Work]) -> list[dict[str, Any]]:
    owners = {work.asset.owner.pk: work.asset.owner for work in works if work.asset}
    return [present_person(owner) for owner in owners.values()]
