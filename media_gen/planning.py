"""From what somebody wishes to what a backend is asked: what was left open is decided."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import DomainError
from core.ids import uuid7
from media.models import Asset
from media_gen.backends.base import Capabilities, Operation, Request, check_request
from media_gen.backends.errors import BadRequest
from media_gen.backends.registry import UnknownBackend, backends, default_alias
from provenance.models import LineageEdge
from safety.findings import Asker
from safety.prompts import require_allowed
from users.models import User

SEEDS = 2**32
MAX_PROMPT = 4000
SIDE = 1024
STRENGTH = 0.6
STRENGTH_OF_VARIATION = 0.4
ENLARGED = 2
SAME_PROPORTIONS = 0.02
Relation = LineageEdge.Relation
#: What is done with the input image, by its relation to the result.
IMPLIED = {
    Relation.EDIT_OF: Operation.IMAGE_TO_IMAGE,
    Relation.DRAWN_OVER: Operation.IMAGE_TO_IMAGE,
    Relation.VARIATION_OF: Operation.VARIATION,
    Relation.UPSCALED_FROM: Operation.UPSCALE,
}
NEEDS_NO_PROMPT = frozenset({Operation.VARIATION, Operation.UPSCALE})


class NoSuchBackend(DomainError):
    """There is no such backend. GET /api/v1/backends lists them."""

    code = "unknown_backend"
    field = "backend"


class NotOffered(DomainError):
    """The backend cannot do what was asked."""

    code = "not_offered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody asks for. None means: choose for me."""

    prompt: str = ""
    negative_prompt: str = ""
    operation: str | None = None
    backend: str | None = None
    model: str | None = None
    width: int | None = None
    height: int | None = None
    count: int = 1
    seed: int | None = None
    strength: float | None = None
    prompt_visibility: str = "hidden"
    parents: Sequence[tuple[Asset, str]] = ()
    mask: Asset | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A wish that a backend can fulfil, and its price in credits."""

    backend: str
    request: Request
    cost: int


def plan(wish: Wish, *, owner: User) -> Plan:
    """Resolve everything that was left open, and ask whether it may be made; stores nothing.

    Raises NoSuchBackend, NotOffered, PromptRefused, SafetyUnavailable.
    """
    alias = wish.backend or default_alias()
    try:
        backend = backends[alias]
    except UnknownBackend as error:
        raise NoSuchBackend from error
    given = input_of(wish.parents)
    operation = _operation(wish, backend.capabilities)
    _require(wish, operation, given)
    _require_understood(wish, backend.capabilities)
    width, height = _size(wish, operation, given, backend.capabilities)
    if operation is Operation.UPSCALE and given is not None and width <= given.width:
        raise NotOffered("That is no larger than the input is.", field="width")
    usual = STRENGTH_OF_VARIATION if operation is Operation.VARIATION else STRENGTH
    request = Request(
        job_id=uuid7(),
        attempt=1,
        operation=operation,
        model=wish.model or _model(operation, backend.capabilities),
        prompt=wish.prompt,
        negative_prompt=wish.negative_prompt,
        width=width,
        height=height,
        count=wish.count,
        seed=secrets.randbelow(SEEDS) if wish.seed is None else wish.seed,
        strength=usual if wish.strength is None else wish.strength,
    )
    try:
        check_request(backend.capabilities, request)
    except BadRequest as error:
        raise NotOffered(error.detail, field=error.field) from error
    texts = {"prompt": wish.prompt, "negative_prompt": wish.negative_prompt}
    require_allowed(texts, asker=Asker(owner.pk, owner.username))
    return Plan(alias, request, request.count * backend.price(request))


def input_of(parents: Sequence[tuple[Asset, str]]) -> Asset | None:
    """The image that is worked on: the first parent that the result is made *of*."""
    return next((asset for asset, relation in parents if relation in IMPLIED), None)


def _operation(wish: Wish, can: Capabilities) -> Operation:
    """What was asked for, or what mask and parents imply."""
    if wish.operation:
        return Operation(wish.operation)
    if wish.mask is not None:
        return Operation.INPAINT
    relation = next((relation for _, relation in wish.parents if relation in IMPLIED), None)
    implied = IMPLIED[Relation(relation)] if relation else Operation.TEXT_TO_IMAGE
    if implied is Operation.VARIATION and implied not in can.operations:
        return Operation.IMAGE_TO_IMAGE
    return implied


def _require(wish: Wish, operation: Operation, given: Asset | None) -> None:
    """What the operation cannot do without, and what it has no use for. Raises NotOffered."""
    name = operation.replace("_", " ").capitalize()
    if operation is not Operation.TEXT_TO_IMAGE and given is None:
        raise NotOffered(f"{name} needs a parent to work from.", field="parents")
    if operation is Operation.INPAINT and wish.mask is None:
        raise NotOffered("Inpaint needs a mask, white where it is to repaint.", field="mask")
    if operation is not Operation.INPAINT and wish.mask is not None:
        raise NotOffered(f"{name} has no use for a mask.", field="mask")
    if operation is Operation.UPSCALE and wish.count != 1:
        raise NotOffered("Upscale makes one picture.", field="count")
    for field in ("prompt", "negative_prompt"):  # a preset may have made them longer than was said
        if len(getattr(wish, field)) > MAX_PROMPT:
            raise NotOffered(f"At most {MAX_PROMPT} characters.", field=field)
    if not wish.prompt.strip() and operation not in NEEDS_NO_PROMPT:
        raise NotOffered(f"{name} needs a prompt.", field="prompt")


def _model(operation: Operation, can: Capabilities) -> str:
    """The first that does it; any if none does, for the check to refuse."""
    return (can.models_for(operation) or can.models)[0]


def _require_understood(wish: Wish, can: Capabilities) -> None:
    """What would be left unheard without a word. Raises NotOffered."""
    for name, understood in (("seed", can.seed), ("strength", can.strength)):
        if getattr(wish, name) is not None and not understood:
            raise NotOffered(f"{name}: not understood by this backend.", field=name)


def _size(
    wish: Wish, operation: Operation, given: Asset | None, can: Capabilities
) -> tuple[int, int]:
    """The sides asked for, or those of the input as the backend can make them."""
    if operation is Operation.TEXT_TO_IMAGE or given is None:
        return wish.width or SIDE, wish.height or SIDE
    wide, high = given.width, given.height
    if wish.width is None and wish.height is None:
        larger = ENLARGED if operation is Operation.UPSCALE else 1
        return can.sizes.fit(larger * wide, larger * high)
    width = wish.width or max(1, round((wish.height or high) * wide / high))
    height = wish.height or max(1, round(width * high / wide))
    keeps_form = operation in {Operation.INPAINT, Operation.UPSCALE}
    if keeps_form and abs(width * high / (height * wide) - 1) > SAME_PROPORTIONS:
        raise NotOffered("The proportions must be those of the input.", field="width")
    return width, height
