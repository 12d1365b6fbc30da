"""The doorbell rings: which job, nothing more."""

import logging
from uuid import UUID

from celery import shared_task

from media_gen import engine, reconciliation

logger = logging.getLogger(__name__)


@shared_task
def run_generation(job_id: str) -> None:
    """Work on a job. One that waits for its retry is rung for again when its time comes."""
    wait = engine.seconds_until_due(UUID(job_id))
    if wait > 0:
        run_generation.apply_async(kwargs={"job_id": job_id}, countdown=wait)
        return
    engine.run(UUID(job_id))


@shared_task
def requeue_stalled_jobs() -> None:
    """The sweep: jobs whose worker died, and jobs whose bell was lost."""
    engine.requeue_stalled()


@shared_task
def reconcile_ledger() -> None:
    """Nightly: an operator reads of every fault (manage.py reconcile shows them again)."""
    for subject, detail in reconciliation.faults():
        logger.error("ledger: %s: %s", subject, detail)
