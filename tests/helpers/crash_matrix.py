"""Jobs that their workers die of, on a real stack, and what must hold of each afterwards."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import psycopg

from tests.helpers.crashing import wish
from tests.journeys.stack import Stack, running

LEASE_SECONDS = 2
#: After the lease of a job ended it is at its end within this.
PATIENCE_SECONDS = 60
CREDITS = 5000
ENDED = ("succeeded", "failed", "cancelled", "refused")
PASSWORD = "a long secret"  # of an account that lives for a minute


@dataclass
class Matrix:
    """A stack whose worker dies when it is asked to, and an account that asks."""

    stack: Stack
    client: httpx.Client

    def ask(self, prompt: str) -> str:
        body = {"prompt": prompt, "width": 64, "height": 64}
        answer = self.client.post("/generations", json=body)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    def die(self, cases: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """Ask for jobs that die at a point in some way, all at once; how each of them ended."""
        jobs = {case: self.ask(wish(*case)) for case in cases}
        self.wait(jobs.values())
        states = self.states(jobs.values())
        return {case: states[job] for case, job in jobs.items()}

    def wait(self, jobs: Iterable[str]) -> None:
        """Until all jobs are at their end. A worker that is gone is started again."""
        left, until = list(jobs), time.monotonic() + LEASE_SECONDS + PATIENCE_SECONDS
        while left := [job for job, state in self.states(left).items() if state not in ENDED]:
            assert time.monotonic() < until, f"still at work: {self._told(left)}"
            if self.stack.processes["worker"].poll() is not None:
                self.stack.start_worker()
            time.sleep(0.2)

    def states(self, jobs: Iterable[str]) -> dict[str, str]:
        """Of the rows, which ask less of the machine than the API does."""
        sql = "SELECT id, state FROM media_gen_generationjob WHERE id = ANY(%s::uuid[])"
        return {str(job): str(state) for job, state in self.query(sql, [list(jobs)])}

    def _told(self, jobs: list[str]) -> list[tuple[object, ...]]:
        return self.query(
            "SELECT prompt, state, attempt, lease_until, error_code FROM media_gen_generationjob"
            " WHERE id = ANY(%s::uuid[])",
            [jobs],
        )

    def query(self, sql: str, values: list[object] | None = None) -> list[tuple[object, ...]]:
        with psycopg.connect(self.stack.env["DATABASE_URL"], autocommit=True) as connection:
            return connection.execute(sql, values).fetchall()

    def faults(self) -> list[str]:
        """What must never be, over all jobs that were ever asked for."""
        found = [f"{told} is {count}" for told, count in self._counts() if count]
        balance = int(self.client.get("/me").json()["credits"])
        spent = self.query("SELECT coalesce(sum(cost_charged), 0) FROM media_gen_generationjob")
        if balance != CREDITS - int(str(spent[0][0])):
            found.append(f"the balance is {balance} after {spent[0][0]} credits were charged")
        self.stack.manage("reconcile")
        return found

    def _counts(self) -> Iterator[tuple[str, int]]:
        for told, sql in _NEVER.items():
            ((count,),) = self.query(sql)
            yield told, int(str(count))


_NEVER = {
    "jobs without an end": """
        SELECT count(*) FROM media_gen_generationjob WHERE finished_at IS NULL""",
    "jobs charged other than once for what they made": """
        SELECT count(*) FROM media_gen_generationjob job
         WHERE cost_charged <> (SELECT count(*) FROM media_gen_joboutput WHERE job_id = job.id)""",
    "jobs that made more than one image": """
        SELECT count(*) FROM (SELECT job_id FROM media_gen_joboutput
                               GROUP BY 1 HAVING count(*) > 1) AS doubled""",
    "succeeded jobs without an image": """
        SELECT count(*) FROM media_gen_generationjob job
         WHERE state = 'succeeded'
           AND NOT EXISTS (SELECT FROM media_gen_joboutput WHERE job_id = job.id)""",
    "images that no job made": """
        SELECT count(*) FROM media_asset asset
         WHERE NOT EXISTS (SELECT FROM media_gen_joboutput WHERE asset_id = asset.id)""",
    "holds that were not settled once": """
        SELECT count(*) FROM media_gen_generationjob job
         WHERE 1 <> (SELECT count(*) FROM credits_transfer
                      WHERE reference = job.id AND kind IN ('capture', 'release'))""",
}


@contextmanager
def mortal_stack(**extra: str) -> Iterator[Matrix]:
    settings = {
        "FAILING_BACKEND": "ok",
        "DEFAULT_GENERATION_BACKEND": "failing",
        "JOB_LEASE_SECONDS": str(LEASE_SECONDS),
        "JOB_RETRY_SECONDS": "0",
        "JOBS_OPEN_PER_PERSON": "200",
        "JOBS_RUNNING_PER_PERSON": "4",
        "CIRCUIT_AFTER": "1000",
        "SIGNUP_CREDITS": str(CREDITS),
        "DAILY_CREDITS": "0",
        "RATE_LIMITS": "generate=10000/60,read=100000/60",
    }
    with running(worker="tests.helpers.crashing", **{**settings, **extra}) as stack:
        body = {"username": "author", "email": "author@example.org", "password": PASSWORD}
        answer = httpx.post(f"{stack.url}/_allauth/app/v1/auth/signup", json=body, timeout=30)
        headers = {"Authorization": f"Bearer {answer.json()['meta']['access_token']}"}
        with httpx.Client(base_url=f"{stack.url}/api/v1", headers=headers, timeout=30) as client:
            yield Matrix(stack, client)
