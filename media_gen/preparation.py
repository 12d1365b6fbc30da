"""From a job's row to what the backend is asked: the parents, the input's pixels, the request."""

from dataclasses import dataclass, replace
from uuid import UUID

from django.utils.crypto import salted_hmac

from core.errors import DomainError
from media import rendering
from media.masking import Masked, NothingToRepaint, masked
from media.models import Asset
from media_gen import hints
from media_gen.backends.base import Operation, Request
from media_gen.models import GenerationJob
from media_gen.planning import input_of
from posts.queries import assets_visible_to, can_remix_asset


class ParentUnavailable(DomainError):
    """An image to work from was deleted, or its author no longer lets you."""

    code = "parent_unavailable"
    field = "parents"


class MaskUnusable(DomainError):
    """The mask cannot be used."""

    code = "mask_unusable"
    field = "mask"


@dataclass(frozen=True, slots=True)
class Work:
    """A job as the backend sees it, its parents, and what is known of its input.

    `source_digest`: of the input's pixels, if there is one. `within`: what may change, if not all.
    """

    request: Request
    parents: list[tuple[Asset, str]]
    source_digest: str = ""
    within: Masked | None = None


def prepare(job: GenerationJob) -> Work:
    """Read all that the work needs. Raises ParentUnavailable, MaskUnusable.

    What the owner may use is asked again now: much can happen while a job waits.
    """
    operation = Operation(job.operation)
    parents = _parents(job)
    if len(parents) != len(job.parents) or not all(
        can_remix_asset(asset, job.owner) for asset, _ in parents
    ):
        raise ParentUnavailable
    work = Work(_request(job, operation), parents)
    if operation is Operation.TEXT_TO_IMAGE:
        return work
    given = input_of(parents)
    if given is None:
        raise ParentUnavailable
    source, digest = rendering.picture_to_work_from(asset=given)
    if operation is not Operation.INPAINT:
        return replace(work, request=replace(work.request, source=source), source_digest=digest)
    within = _within(job, source)
    request = replace(work.request, source=within.source, mask=within.mask)
    return replace(work, request=request, source_digest=digest, within=within)


def _within(job: GenerationJob, source: bytes) -> Masked:
    own = assets_visible_to(job.owner).filter(owner=job.owner).select_related("record")
    mask = own.filter(pk=job.mask_id).first() if job.mask_id else None
    if mask is None or not can_remix_asset(mask, job.owner):
        raise MaskUnusable("The mask was deleted, or is held.")
    picture, _ = rendering.picture_to_work_from(asset=mask)
    try:
        return masked(source, picture, (job.width, job.height))
    except NothingToRepaint as error:
        raise MaskUnusable(
            "The mask is white nowhere, or nearly so: nothing is to be repainted."
        ) from error


def _request(job: GenerationJob, operation: Operation) -> Request:
    return Request(
        job_id=job.pk,
        attempt=job.attempt,
        operation=operation,
        model=job.model,
        prompt=job.prompt,
        negative_prompt=job.negative_prompt,
        width=job.width,
        height=job.height,
        count=job.count,
        seed=job.seed,
        strength=job.strength,
        end_user=salted_hmac("generation end user", str(job.owner_id)).hexdigest(),
        hook=hints.address_for(job.pk),
    )


def _parents(job: GenerationJob) -> list[tuple[Asset, str]]:
    """The parents that the owner can still see, with their relations."""
    ids = [UUID(parent["asset"]) for parent in job.parents]
    visible = assets_visible_to(job.owner).select_related("record", "owner").in_bulk(ids)
    return [
        (visible[asset_id], parent["relation"])
        for asset_id, parent in zip(ids, job.parents, strict=True)
        if asset_id in visible
    ]
