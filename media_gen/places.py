"""Where unfinished jobs stand in the line, as the rule of `turns` will serve them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Min, OuterRef, Subquery
from django.db.models.functions import Greatest

from media_gen import conditions
from media_gen.backends.registry import UnknownBackend, terms_of
from media_gen.models import GenerationJob, Turn

State = GenerationJob.State


@dataclass(frozen=True, slots=True)
class Place:
    """How many jobs of the same backend go first, and the seconds until this one is done, about."""

    position: int | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """What somebody has waiting at a backend, and how they rank."""

    jobs: int
    rank: datetime


Lines = dict[str, dict[UUID, Waiting]]
OwnJobs = dict[tuple[UUID, str], list[UUID]]


def places(jobs: Iterable[GenerationJob]) -> dict[UUID, Place]:
    """The place of each job that is not finished."""
    unfinished = [job for job in jobs if not job.finished]
    queued = [job for job in unfinished if job.state == State.QUEUED]
    lines = _lines({job.backend for job in queued}) if queued else {}
    own = _own_jobs({job.owner_id for job in queued}) if queued else {}
    typical = {
        alias: conditions.of(alias).typical_seconds for alias in {job.backend for job in unfinished}
    }
    return {job.pk: _place(job, lines, own, typical[job.backend]) for job in unfinished}


def _place(job: GenerationJob, lines: Lines, own: OwnJobs, typical: float | None) -> Place:
    if job.state != State.QUEUED:
        return Place(seconds=None if typical is None else typical * (1 - job.progress))
    position = _position(job, lines.get(job.backend, {}), own.get((job.owner_id, job.backend), []))
    rounds = position // _slots(job.backend) + 1
    return Place(position, None if typical is None else rounds * typical)


def _position(job: GenerationJob, line: dict[UUID, Waiting], own: list[UUID]) -> int:
    """How many jobs go before this one; 0 if it was taken since it was read.

    The k-th waiting job of somebody lets everybody else's first k - 1 go first, and the k-th of
    those who rank before.
    """
    if job.pk not in own or job.owner_id not in line:
        return 0
    before, rank = own.index(job.pk), line[job.owner_id].rank
    others = (waiting for owner, waiting in line.items() if owner != job.owner_id)
    return before + sum(min(each.jobs, before + (each.rank < rank)) for each in others)


def _lines(backends: set[str]) -> Lines:
    queued = GenerationJob.objects.filter(state=State.QUEUED, backend__in=backends)
    served = Turn.objects.filter(owner=OuterRef("owner"), backend=OuterRef("backend"))
    ranked = queued.annotate(served_at=Subquery(served.values("served_at")))
    grouped = ranked.values_list("backend", "owner").annotate(
        jobs=Count("id"), rank=Min(Greatest("created_at", "served_at"))
    )
    lines: Lines = defaultdict(dict)
    for backend, owner, jobs, rank in grouped:
        lines[backend][owner] = Waiting(jobs, rank)
    return lines


def _own_jobs(owners: set[UUID]) -> OwnJobs:
    """The waiting jobs of the owners, in the order in which they will be served."""
    queued = GenerationJob.objects.filter(state=State.QUEUED, owner__in=owners)
    found: OwnJobs = defaultdict(list)
    ordered = queued.order_by("created_at", "id").values_list("owner", "backend", "id")
    for owner, backend, job in ordered:
        found[owner, backend].append(job)
    return found


def _slots(alias: str) -> int:
    try:
        return terms_of(alias).concurrency
    except UnknownBackend:
        return 1
