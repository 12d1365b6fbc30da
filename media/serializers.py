"""How images look in the API."""

import json
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from rest_framework import serializers
from rest_framework.fields import empty
from rest_framework.utils import html

from core.serializers import Input, List, Output, Text
from media.addresses import address_of
from media.models import Asset, Rendition
from provenance import vocabulary
from provenance.evidence import standing
from provenance.models import Generation, LineageEdge, Record
from provenance.serializers import (
    Credentials,
    EvidenceRow,
    Provenance,
    present_credentials,
    present_evidence,
    present_provenance,
)
from provenance.vocabulary import DETECTORS, Origin
from users.models import Viewer
from users.serializers import PersonRef, present_person

MAX_ALT_TEXT = 1500
MAX_PARENTS = 8
SIDE_BY_SIDE_WIDTH = 640


class Source(Output):
    type = serializers.CharField()
    width = serializers.IntegerField()
    url = serializers.CharField()


class GenerationRef(Output):
    backend = serializers.CharField()
    model = serializers.CharField()
    seed = serializers.IntegerField(allow_null=True)
    prompt = serializers.CharField(required=False)


class AssetOut(Output):
    id = serializers.UUIDField()
    state = serializers.ChoiceField(Asset.State.choices)
    media_type = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    blurhash = serializers.CharField(allow_blank=True)
    alt_text = serializers.CharField(allow_blank=True)
    urls = serializers.DictField(child=serializers.CharField())
    sources = Source(many=True)
    owner = PersonRef()
    generation = GenerationRef(allow_null=True)
    provenance = Provenance()
    created_at = serializers.DateTimeField()


class ParentWork(Output):
    relation = serializers.ChoiceField(LineageEdge.Relation.choices)
    work = serializers.CharField()
    asset = serializers.UUIDField(allow_null=True)


class Lineage(Output):
    parents = ParentWork(many=True)
    children = ParentWork(many=True)


class MatchedWork(Output):
    """An earlier work that was recognised in this one. `asset` and `url`, a picture of it to be
    shown beside this one, are null for a work that the viewer may not see."""

    kind = serializers.ChoiceField(sorted(DETECTORS))
    duplicate = serializers.BooleanField()
    work = serializers.CharField()
    asset = serializers.UUIDField(allow_null=True)
    url = serializers.CharField(allow_null=True)


class VerdictOut(Output):
    rule = serializers.CharField()
    policy_version = serializers.IntegerField()


class Sheet(Provenance):
    """`dispute_url` is where its owner can dispute the label, and null for everybody else."""

    dispute_url = serializers.CharField(allow_null=True)
    verdict = VerdictOut()
    evidence = EvidenceRow(many=True)
    matches = MatchedWork(many=True)
    lineage = Lineage()
    credentials = Credentials()


class ParentIn(Input):
    asset = serializers.UUIDField()
    relation = serializers.ChoiceField(LineageEdge.Relation.choices)


class ParentsField(List):
    """What an image is made from; in a form it is one part, of JSON."""

    child = ParentIn()

    def get_value(self, dictionary: Any) -> Any:
        given = dictionary.get(self.field_name, empty)
        if not isinstance(given, str) or not html.is_html_input(dictionary):
            return given
        try:
            return json.loads(given)
        except (ValueError, RecursionError):
            return given  # refused as what is no list


class Described(Input):
    """What may be said about an image when it is brought, in whichever way."""

    alt_text = Text(max_length=MAX_ALT_TEXT, required=False, default="", allow_blank=True)
    declared_origin = serializers.ChoiceField(
        vocabulary.ORIGIN_CHOICES, required=False, default="unknown"
    )


class Upload(Described):
    file = serializers.FileField(allow_empty_file=True, max_length=255)
    parents = ParentsField(required=False, default=list, max_length=MAX_PARENTS)


class AssetChange(Input):
    alt_text = Text(max_length=MAX_ALT_TEXT, allow_blank=True, required=False)


class AvatarIn(Input):
    asset = serializers.UUIDField()


def present_asset(asset: Asset, viewer: Viewer, *, may_remix: bool = False) -> dict[str, Any]:
    """An asset from `Asset.objects.hydrated()`, as `viewer` may see it."""
    files = sorted(asset.renditions.all(), key=lambda file: (file.width, file.media_type))
    addresses = [url_of(asset, file) for file in files]
    return {
        "id": str(asset.pk),
        "state": asset.state,
        "media_type": asset.media_type,
        "width": asset.width,
        "height": asset.height,
        "blurhash": asset.blurhash,
        "alt_text": asset.alt_text,
        "urls": {str(file.width): address for file, address in zip(files, addresses, strict=True)},
        "sources": [
            {"type": file.media_type, "width": file.width, "url": address}
            for file, address in zip(files, addresses, strict=True)
        ],
        "owner": present_person(asset.owner),
        "generation": _present_generation(asset, viewer, may_remix=may_remix),
        "provenance": present_provenance(asset.record, sheet_url=asset.sheet_url),
        "created_at": asset.created_at,
    }


def present_sheet(
    asset: Asset, viewer: Viewer, *, made: Iterable[Asset] = (), seen: Iterable[Asset] = ()
) -> dict[str, Any]:
    """The provenance sheet for `viewer`. Of works that it was made of or that were made of it only
    those in `made` are named, of what was recognised in it those in `seen`."""
    named = {related.record_id: related for related in made}
    record = asset.record
    return {
        **present_provenance(record, sheet_url=asset.sheet_url),
        "dispute_url": _dispute_url(asset, viewer),
        "verdict": {"rule": record.rule, "policy_version": record.policy_version},
        "evidence": present_evidence(record),
        "matches": _present_matches(record, {work.record_id: work for work in seen}),
        "lineage": {
            "parents": [
                _present_relative(edge.relation, named.get(edge.parent_id), edge.parent.removed_at)
                for edge in record.parents.all()
            ],
            "children": [
                _present_relative(edge.relation, named.get(edge.child_id), None)
                for edge in record.children.all()
                if edge.child_id in named
            ],
        },
        "credentials": present_credentials(record),
    }


def url_of(asset: Asset, file: Rendition) -> str:
    """The address of a served file, for somebody who may see it: short-lived unless public."""
    return address_of(asset.token, file.file_name, public=asset.public)


def may_see_prompt(generation: Generation, asset: Asset, viewer: Viewer, may_remix: bool) -> bool:
    """The prompt is the author's: public, for those who may remix, or for nobody else."""
    if viewer.pk == asset.owner_id:
        return True
    shown_to = Generation.PromptVisibility(generation.prompt_visibility)
    return shown_to is Generation.PromptVisibility.PUBLIC or (
        shown_to is Generation.PromptVisibility.REMIXERS and may_remix
    )


def _dispute_url(asset: Asset, viewer: Viewer) -> str | None:
    if viewer.pk != asset.owner_id or asset.record.dispute_open or asset.record.ruled:
        return None
    return f"{settings.PUBLIC_URL}/api/v1/assets/{asset.pk}/disputes"


def _present_generation(asset: Asset, viewer: Viewer, *, may_remix: bool) -> dict[str, Any] | None:
    generation: Generation | None = getattr(asset.record, "generation", None)
    if generation is None:
        return None
    shown: dict[str, Any] = {
        "backend": generation.backend,
        "model": generation.model,
        "seed": generation.seed,
    }
    if may_see_prompt(generation, asset, viewer, may_remix):
        shown["prompt"] = generation.prompt
    return shown


def _present_relative(relation: str, asset: Asset | None, removed: Any) -> dict[str, Any]:
    return {
        "relation": relation,
        "work": name_of_work(asset, deleted=bool(removed)),
        "asset": str(asset.pk) if asset else None,
    }


def _present_matches(record: Record, named: Mapping[UUID, Asset]) -> list[dict[str, Any]]:
    """What was recognised in a work. A duplicate that the viewer may not see is not told."""
    matches = [
        (row, row.matched, named.get(row.matched.pk))
        for row in standing(record)
        if row.kind in DETECTORS and row.matched is not None
    ]
    return [
        {
            "kind": row.kind,
            "duplicate": row.claims == Origin.UNKNOWN,
            "work": name_of_work(asset, deleted=bool(source.removed_at)),
            "asset": str(asset.pk) if asset else None,
            "url": _beside(asset) if asset else None,
        }
        for row, source, asset in matches
        if asset or row.claims != Origin.UNKNOWN
    ]


def name_of_work(asset: Asset | None, *, deleted: bool) -> str:
    """A work in words, as far as the viewer may see it."""
    nameless = "a deleted work" if deleted else "a private work"
    return f"a work by @{asset.owner.username}" if asset else nameless


def _beside(asset: Asset) -> str | None:
    """The address of a middling picture of `asset`, to be shown beside another."""
    files = sorted(asset.renditions.all(), key=lambda file: abs(file.width - SIDE_BY_SIDE_WIDTH))
    return url_of(asset, files[0]) if files else None
