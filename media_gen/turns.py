"""Whose turn it is: the person who was served longest ago, at a backend that has room.

A job ranks by the later of when it was asked for and when its owner's last job at that backend was
begun. The rank of somebody's next job there never gets worse, whatever they do elsewhere, so
everybody is served in the end. (InvokeAI's queue serves by the same rule.) Claims are made one
after another, under a lock of the database.
"""

from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Min
from django.db.models.functions import Coalesce, Now

from core.clock import now
from media_gen import conditions, lease
from media_gen.backends.registry import aliases_on, terms_of
from media_gen.lease import Lease
from media_gen.models import BackendCondition, GenerationJob, Turn

State = GenerationJob.State
CLAIMING = 0x7475726E  # "turn"; the number of the advisory lock, and nobody else's
CANDIDATES = 3  # a job may be cancelled while it is being claimed
#: In one statement, for nothing else happens as often. A backend has room below its slots, or below
#: one while it is on trial; it has none while it is left alone or keeps its pace.
WHOSE_TURN = """
WITH slots AS (
    SELECT * FROM unnest(%(aliases)s::text[], %(slots)s::int[]) AS given (backend, most)
), at_work AS MATERIALIZED (
    SELECT backend, owner_id FROM media_gen_generationjob WHERE state IN ('running', 'storing')
)
SELECT job.id, job.owner_id, job.backend
  FROM media_gen_generationjob job
  JOIN slots USING (backend)
  LEFT JOIN media_gen_backendcondition condition ON condition.alias = job.backend
  LEFT JOIN media_gen_turn turn
         ON turn.owner_id = job.owner_id AND turn.backend = job.backend
 WHERE job.state = 'queued'
   AND coalesce(job.retry_at, '-infinity') <= statement_timestamp()
   AND coalesce(greatest(condition.open_until, condition.free_at), '-infinity')
       <= statement_timestamp()
   AND (SELECT count(*) FROM at_work WHERE at_work.backend = job.backend)
       < CASE WHEN condition.failures >= %(trial_after)s THEN 1 ELSE slots.most END
   AND (SELECT count(*) FROM at_work WHERE at_work.owner_id = job.owner_id) < %(share)s
 ORDER BY greatest(job.created_at, turn.served_at), job.id
 LIMIT %(candidates)s
"""


@transaction.atomic
def claim_next(queue: str) -> Lease | None:
    """Take the job whose turn it is among the backends of a queue; None if none may begin now."""
    terms = {alias: terms_of(alias) for alias in aliases_on(queue)}
    asked = {
        "aliases": list(terms),
        "slots": [each.concurrency for each in terms.values()],
        "share": settings.JOBS_RUNNING_PER_PERSON,
        "trial_after": settings.CIRCUIT_AFTER,
        "candidates": CANDIDATES,
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CLAIMING])
        cursor.execute(WHOSE_TURN, asked)
        candidates = cursor.fetchall()
    for job_id, owner_id, backend in candidates:
        if taken := lease.claim(job_id):
            Turn.objects.bulk_create(
                [Turn(owner_id=owner_id, backend=backend, served_at=Now())],
                update_conflicts=True,
                unique_fields=["owner", "backend"],
                update_fields=["served_at"],
            )
            conditions.begun(backend, terms[backend])
            return taken
    return None


def waits_on(queue: str) -> list[float]:
    """For each backend of a queue for which jobs wait: the seconds until the next of them may
    begin, as far as time decides; 0 for one that waits for room, or for nothing."""
    waiting = GenerationJob.objects.filter(state=State.QUEUED, backend__in=aliases_on(queue))
    grouped = waiting.values_list("backend").annotate(at=Min(Coalesce("retry_at", "created_at")))
    soonest: dict[str, datetime] = dict(grouped)
    for condition in BackendCondition.objects.filter(alias__in=soonest):
        free = filter(None, (condition.open_until, condition.free_at))
        soonest[condition.alias] = max([soonest[condition.alias], *free])
    return [max(0.0, (at - now()).total_seconds()) for at in soonest.values()]
