"""A worker's hold on a job: fenced by a token, kept alive by a heartbeat, always short on the
database. The clock is the database's, so workers need not agree on the time."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import DatabaseError
from django.db.models import F, Q, Value
from django.db.models.functions import Greatest, Now

from core.db import release_connection
from media_gen.backends.errors import CancelRequested, LeaseLost
from media_gen.models import GenerationJob

logger = logging.getLogger(__name__)
State = GenerationJob.State


@dataclass(frozen=True, slots=True)
class Beat:
    """The job as it stood at a heartbeat."""

    version: int
    progress: float


@dataclass(frozen=True, slots=True)
class Lease:
    job_id: UUID
    token: UUID

    def extend(self, *, progress: float = 0.0, **changes: Any) -> Beat:
        """Keep the job, record how far it is, never backwards, and what else changed.

        Raises LeaseLost, CancelRequested.
        """
        mine = GenerationJob.objects.filter(
            pk=self.job_id, lease_token=self.token, state__in=GenerationJob.LEASED
        )
        kept = mine.update(
            lease_until=_ahead(),
            progress=Greatest(F("progress"), Value(progress)),
            version=F("version") + 1,
            **changes,
        )
        job = GenerationJob.objects.get(pk=self.job_id) if kept else None
        release_connection()
        if job is None or job.lease_token != self.token:
            raise LeaseLost
        if job.cancel_requested_at is not None:
            raise CancelRequested
        return Beat(job.version, job.progress)

    def lock(self) -> GenerationJob:
        """The row, locked until the transaction ends. Raises LeaseLost."""
        job = (
            GenerationJob.objects.select_for_update(of=("self",))
            .select_related("owner")
            .filter(pk=self.job_id, lease_token=self.token)
            .first()
        )
        if job is None:
            raise LeaseLost
        return job


def claim(job_id: UUID) -> Lease | None:
    """Take a queued job whose time has come. The attempt is counted before any work."""
    lease = Lease(job_id, uuid4())
    due = Q(retry_at=None) | Q(retry_at__lte=Now())
    taken = GenerationJob.objects.filter(due, pk=job_id, state=State.QUEUED).update(
        state=State.RUNNING,
        attempt=F("attempt") + 1,
        version=F("version") + 1,
        lease_token=lease.token,
        lease_until=_ahead(),
        retry_at=None,
    )
    return lease if taken == 1 else None


@contextmanager
def heartbeat(lease: Lease, *, seconds: float) -> Iterator[threading.Event]:
    """Extend the lease from a thread of its own, for backends that report seldom.

    The event is set when the work should stop; whoever does the work asks it. After `seconds` the
    lease is kept no longer, so that a backend that hangs does not keep its job for ever.
    """
    stop, unwanted = threading.Event(), threading.Event()
    deadline = time.monotonic() + seconds

    def beat() -> None:
        while not stop.wait(settings.JOB_LEASE_SECONDS / 4):
            if time.monotonic() > deadline:
                unwanted.set()
                return
            try:
                lease.extend()
            except (LeaseLost, CancelRequested):
                unwanted.set()
                return
            except DatabaseError:
                logger.exception("job %s: heartbeat missed", lease.job_id)

    thread = threading.Thread(target=beat, name=f"heartbeat-{lease.job_id}", daemon=True)
    thread.start()
    try:
        yield unwanted
    finally:
        stop.set()
        thread.join()


def _ahead() -> object:
    return Now() + Value(timedelta(seconds=settings.JOB_LEASE_SECONDS))
