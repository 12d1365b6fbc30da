"""How jobs and backends look in the API."""

from collections.abc import Iterable
from math import ceil
from typing import Any

from rest_framework import serializers

from core.serializers import Input, Key, Output, Switch, Text
from media.models import Asset
from media.serializers import MAX_PARENTS, AssetOut, ParentsField, present_asset
from media_gen import conditions, quotes
from media_gen.backends.base import Backend, Operation
from media_gen.models import GenerationJob, Preset
from media_gen.places import Place, places
from media_gen.planning import MAX_PROMPT, Plan
from provenance import vocabulary
from provenance.models import Generation, LineageEdge
from users.models import User


class Cost(Output):
    quoted = serializers.IntegerField()
    charged = serializers.IntegerField()


class JobError(Output):
    code = serializers.CharField()
    detail = serializers.CharField()
    field = serializers.CharField(required=False)
    retryable = serializers.BooleanField()


class JobParent(Output):
    asset = serializers.UUIDField()
    relation = serializers.ChoiceField(LineageEdge.Relation.choices)


class JobOut(Output):
    id = serializers.UUIDField()
    state = serializers.ChoiceField(GenerationJob.State.choices)
    operation = serializers.ChoiceField([item.value for item in Operation])
    progress = serializers.FloatField()
    version = serializers.IntegerField()
    queue_position = serializers.IntegerField(
        allow_null=True, help_text="How many jobs of this backend go first, while it is queued."
    )
    estimated_seconds = serializers.FloatField(
        allow_null=True, help_text="Until it is done, about; null while nothing is known."
    )
    cancel_requested = serializers.BooleanField()
    prompt = serializers.CharField()
    negative_prompt = serializers.CharField(allow_blank=True)
    prompt_visibility = serializers.ChoiceField(Generation.PromptVisibility.choices)
    backend = serializers.CharField()
    model = serializers.CharField()
    seed = serializers.IntegerField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    strength = serializers.FloatField()
    parents = JobParent(many=True)
    mask = serializers.UUIDField(allow_null=True)
    count = serializers.IntegerField()
    cost = Cost()
    outputs = AssetOut(many=True)
    error = JobError(allow_null=True)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class Size(Output):
    width = serializers.IntegerField()
    height = serializers.IntegerField()


class CapabilitiesOut(Output):
    operations = serializers.ListField(child=serializers.CharField())
    min_side = serializers.IntegerField()
    max_side = serializers.IntegerField()
    side_step = serializers.IntegerField()
    max_count = serializers.IntegerField()
    seed = serializers.BooleanField()
    strength = serializers.BooleanField()
    negative_prompt = serializers.BooleanField()
    progress = serializers.CharField()
    previews = serializers.BooleanField()
    cancellable = serializers.BooleanField()
    deterministic = serializers.BooleanField()


class BackendOut(Output):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field of this name is declared, not overridden
    capabilities = CapabilitiesOut()
    models = serializers.ListField(child=serializers.CharField())
    model_operations = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField())
    )
    sizes = Size(many=True)
    healthy = serializers.BooleanField()
    retry_after = serializers.IntegerField(
        allow_null=True,
        help_text="Seconds for which it takes no jobs, because it failed again and again.",
    )
    typical_seconds = serializers.FloatField(
        allow_null=True, help_text="How long a job takes once it is begun; null if unknown."
    )
    source_type = serializers.CharField()
    origin = serializers.ChoiceField(vocabulary.ORIGIN_CHOICES)


class Quote(Output):
    cost = serializers.IntegerField()
    quote = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="Seconds for which the quote holds.")


class RequestFields(Input):
    """What is asked of a backend; a preset holds the same."""

    prompt = Text(
        max_length=MAX_PROMPT,
        required=False,
        allow_blank=True,
        help_text="Only a variation and an upscale do without.",
    )
    negative_prompt = Text(max_length=MAX_PROMPT, required=False, allow_blank=True)
    operation = serializers.ChoiceField(
        [item.value for item in Operation],
        required=False,
        help_text="If left out, what mask and parents imply.",
    )
    backend = Text(max_length=60, required=False)
    model = Text(max_length=120, required=False)
    width = serializers.IntegerField(
        min_value=1,
        max_value=16384,
        required=False,
        help_text="1024 if left out, or what the input image suggests; so is the height.",
    )
    height = serializers.IntegerField(min_value=1, max_value=16384, required=False)
    count = serializers.IntegerField(
        min_value=1, max_value=4, required=False, help_text="1 if left out."
    )
    seed = serializers.IntegerField(
        min_value=0, max_value=2**32 - 1, required=False, help_text="Chosen if left out."
    )
    strength = serializers.FloatField(
        min_value=0.0, max_value=1.0, required=False, help_text="0.6, or 0.4 for a variation."
    )


class GenerationIn(RequestFields):
    preset = Key(required=False, help_text="What is not given here is taken from it.")
    mask = Key(
        required=False, help_text="An image of yours, white where the input is to be repainted."
    )
    prompt_visibility = serializers.ChoiceField(
        Generation.PromptVisibility.choices, required=False, default="hidden"
    )
    parents = ParentsField(required=False, default=list, max_length=MAX_PARENTS)
    dry_run = Switch(required=False, default=False)
    quote = Text(max_length=1000, required=False, default="")


class PresetIn(Input):
    name = Text(max_length=60)
    description = Text(max_length=300, required=False, allow_blank=True, default="")
    shared = Switch(required=False, default=False)
    fields = RequestFields()  # type: ignore[assignment]  # a field of this name is declared, not overridden


class PresetChange(Input):
    name = Text(max_length=60, required=False)
    description = Text(max_length=300, required=False, allow_blank=True)
    shared = Switch(required=False)
    fields = RequestFields(required=False)  # type: ignore[assignment]  # as above


class PresetOut(Output):
    id = serializers.UUIDField()
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    shared = serializers.BooleanField()
    owner = serializers.CharField(allow_null=True, help_text="A username; null for starter packs.")
    fields = serializers.DictField()  # type: ignore[assignment]  # as above


def present_jobs(jobs: Iterable[GenerationJob]) -> list[dict[str, Any]]:
    """Jobs from `GenerationJob.objects.hydrated()`, for their owner."""
    rows = list(jobs)
    found = places(rows)
    return [_present_job(job, found.get(job.pk, Place())) for job in rows]


def present_job(job: GenerationJob) -> dict[str, Any]:
    return present_jobs([job])[0]


def _present_job(job: GenerationJob, place: Place) -> dict[str, Any]:
    outputs: list[Asset] = job.shown_outputs  # type: ignore[attr-defined]  # set by hydrated()
    return {
        "id": str(job.pk),
        "state": job.state,
        "operation": job.operation,
        "progress": job.progress,
        "version": job.version,
        "queue_position": place.position,
        "estimated_seconds": None if place.seconds is None else round(place.seconds, 1),
        "cancel_requested": job.cancel_requested_at is not None,
        "prompt": job.prompt,
        "negative_prompt": job.negative_prompt,
        "prompt_visibility": job.prompt_visibility,
        "backend": job.backend,
        "model": job.model,
        "seed": job.seed,
        "width": job.width,
        "height": job.height,
        "strength": job.strength,
        "parents": job.parents,
        "mask": None if job.mask_id is None else str(job.mask_id),
        "count": job.count,
        "cost": {"quoted": job.cost_quoted, "charged": job.cost_charged},
        "outputs": [present_asset(asset, job.owner, may_remix=True) for asset in outputs],
        "error": _present_error(job),
        "created_at": job.created_at,
        "finished_at": job.finished_at,
    }


def present_presets(presets: Iterable[Preset]) -> list[dict[str, Any]]:
    """Presets with their owners."""
    return [present_preset(preset) for preset in presets]


def present_preset(preset: Preset) -> dict[str, Any]:
    return {
        "id": str(preset.pk),
        "name": preset.name,
        "description": preset.description,
        "shared": preset.shared,
        "owner": preset.owner.username if preset.owner else None,
        "fields": preset.fields,
    }


def present_quote(plan: Plan, owner: User) -> dict[str, Any]:
    quote = quotes.sign(
        owner_id=owner.pk, backend=plan.backend, request=plan.request, cost=plan.cost
    )
    return {"cost": plan.cost, "quote": quote, "expires_in": quotes.LIFETIME_SECONDS}


def present_backend(backend: Backend) -> dict[str, Any]:
    can, condition = backend.capabilities, conditions.of(backend.alias)
    closed, typical = conditions.seconds_closed(condition), condition.typical_seconds
    return {
        "name": backend.alias,
        "label": backend.label,
        "capabilities": {
            "operations": sorted(can.operations),
            "min_side": can.sizes.minimum,
            "max_side": can.sizes.maximum,
            "side_step": can.sizes.step,
            "max_count": can.max_count,
            "seed": can.seed,
            "strength": can.strength,
            "negative_prompt": can.negative_prompt,
            "progress": can.progress,
            "previews": can.previews,
            "cancellable": can.cancellable,
            "deterministic": can.deterministic,
        },
        "models": list(can.models),
        "model_operations": {
            model: sorted(can.model_operations.get(model, can.operations)) for model in can.models
        },
        "sizes": [{"width": width, "height": height} for width, height in can.suggested_sizes],
        "healthy": not closed and backend.healthy(),
        "retry_after": ceil(closed) or None,
        "typical_seconds": None if typical is None else round(typical, 2),
        "source_type": backend.source_type.uri,
        "origin": backend.source_type.origin,
    }


def _present_error(job: GenerationJob) -> dict[str, Any] | None:
    if not job.error_code:
        return None
    error: dict[str, Any] = {
        "code": job.error_code,
        "detail": job.error_detail,
        "retryable": job.error_retryable,
    }
    if job.error_field:
        error["field"] = job.error_field
    return error
