"""From a job's row to what the backend is asked: the parents, the input's pixels, the request."""

from dataclasses import dataclass
from uuid import UUID

from core.errors import DomainError
from media import rendering
from media.models import Asset
from media_gen.backends.base import Operation, Request
from media_gen.models import GenerationJob
from media_gen.services import input_of
from posts.queries import assets_visible_to, can_remix_asset


class ParentUnavailable(DomainError):
    """An image to work from was deleted, or its author no longer lets you."""

    code = "parent_unavailable"
    field = "parents"


@dataclass(frozen=True, slots=True)
class Work:
    """A job as the backend sees it, its parents, and the digest of the input's pixels, if any."""

    request: Request
    parents: list[tuple[Asset, str]]
    source_digest: str


def prepare(job: GenerationJob) -> Work:
    """Read all that the work needs. Raises ParentUnavailable.

    What the owner may use is asked again now: much can happen while a job waits.
    """
    operation = Operation(job.operation)
    parents = _parents(job)
    if len(parents) != len(job.parents) or not all(
        can_remix_asset(asset, job.owner) for asset, _ in parents
    ):
        raise ParentUnavailable
    source, digest = None, ""
    if operation is Operation.IMAGE_TO_IMAGE:
        given = input_of(parents)
        if given is None:
            raise ParentUnavailable
        source, digest = rendering.picture_to_work_from(asset=given)
    request = Request(
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
        source=source,
    )
    return Work(request, parents, digest)


def _parents(job: GenerationJob) -> list[tuple[Asset, str]]:
    """The parents that the owner can still see, with their relations."""
    ids = [UUID(parent["asset"]) for parent in job.parents]
    visible = assets_visible_to(job.owner).select_related("record", "owner").in_bulk(ids)
    return [
        (visible[asset_id], parent["relation"])
        for asset_id, parent in zip(ids, job.parents, strict=True)
        if asset_id in visible
    ]
