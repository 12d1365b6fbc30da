"""Presets: what people ask for again and again, of their own, shared, and starter packs."""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from core.errors import Conflict, DomainError, NotFound
from media_gen.models import Preset
from safety.findings import Asker
from safety.prompts import require_allowed
from users.models import User, Viewer
from users.queries import blocked_between

MAX_PRESETS = 200
SLOT = "{prompt}"
#: What a preset may hold of a request.
FIELDS = (
    "prompt", "negative_prompt", "operation", "backend", "model", "width", "height", "count",
    "seed", "strength",
)  # fmt: skip


class UnknownPreset(DomainError):
    """There is no such preset, or not for you."""

    code = "unknown_preset"
    field = "preset"


class TooManyPresets(Conflict):
    """You have as many presets as one may have. Delete one first."""

    code = "too_many_presets"


class NameTaken(Conflict):
    """You have a preset of this name."""

    code = "name_taken"
    field = "name"


def visible_to(viewer: Viewer) -> QuerySet[Preset]:
    """One's own, starter packs, and what people share who are neither blocked nor blocking."""
    shared = Q(shared=True, owner__is_active=True) & ~Q(blocked_between(viewer, "owner"))
    return Preset.objects.filter(Q(owner=None) | Q(owner=viewer.pk) | shared)


@transaction.atomic
def create(*, owner: User, name: str, description: str, shared: bool, fields: Any) -> Preset:
    """Raises TooManyPresets, NameTaken, PromptRefused, SafetyUnavailable."""
    _require_allowed(owner, fields)
    User.objects.select_for_update().get(pk=owner.pk)
    if Preset.objects.filter(owner=owner).count() >= MAX_PRESETS:
        raise TooManyPresets
    try:
        with transaction.atomic():
            return Preset.objects.create(
                owner=owner, name=name, description=description, shared=shared, fields=fields
            )
    except IntegrityError as error:
        raise NameTaken from error


def change(*, preset: Preset, **changes: Any) -> None:
    """Raises NameTaken, PromptRefused, SafetyUnavailable; NotFound if it was deleted meanwhile."""
    if preset.owner is not None:
        _require_allowed(preset.owner, changes.get("fields", {}))
    for name, value in changes.items():
        setattr(preset, name, value)
    try:
        with transaction.atomic():
            Preset.objects.select_for_update().get(pk=preset.pk)
            preset.save(update_fields=list(changes))
    except Preset.DoesNotExist as error:
        raise NotFound from error
    except IntegrityError as error:
        raise NameTaken from error


def delete(*, preset: Preset) -> None:
    """Nobody can use it any more. That it was deleted already is no error."""
    preset.delete()


def _require_allowed(owner: User, fields: dict[str, Any]) -> None:
    """What may not be asked for may not be kept for others to ask for either."""
    texts = {name: fields.get(name, "") for name in ("prompt", "negative_prompt")}
    require_allowed(texts, asker=Asker(owner.pk, owner.username))


def applied(preset: Preset, given: dict[str, Any]) -> dict[str, Any]:
    """What was asked for, completed by the preset.

    A preset's prompt has a slot for the request's; without one it is said after it.
    """
    fields = {name: value for name, value in preset.fields.items() if name in FIELDS}
    template, said = fields.get("prompt", ""), given.get("prompt", "")
    completed = {**fields, **given}
    if SLOT in template:
        completed["prompt"] = template.replace(SLOT, said)
    elif template and said:
        completed["prompt"] = f"{said}, {template}"
    else:
        completed["prompt"] = said or template
    return completed
