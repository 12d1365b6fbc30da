"""The doorbell rings: which job, nothing more."""

from uuid import UUID

from celery import shared_task

from media_gen import engine


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
