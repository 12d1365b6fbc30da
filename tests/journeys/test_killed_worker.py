"""A worker dies in the middle of a job: the job ends all the same, and is paid for once."""

import time

import httpx

from tests.journeys.stack import running

PATIENCE_SECONDS = 60


def state_of(client, job, *wanted):
    """Wait until the job is in one of the wanted states."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        found = client.get(f"/generations/{job}").json()
        if found["state"] in wanted:
            return found
        time.sleep(0.2)
    raise AssertionError(f"still {found['state']}")


def test_a_job_outlives_its_worker():
    with running(FAILING_BACKEND="hang,ok", JOB_LEASE_SECONDS="2") as stack:
        body = {"username": "author", "email": "author@example.org", "password": "a long secret"}
        answer = httpx.post(f"{stack.url}/_allauth/app/v1/auth/signup", json=body, timeout=30)
        token = answer.json()["meta"]["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=f"{stack.url}/api/v1", headers=headers, timeout=30) as author:
            wish = {"prompt": "x", "backend": "failing", "width": 64, "height": 64}
            job = author.post("/generations", json=wish).json()["id"]
            state_of(author, job, "running")
            stack.kill("worker")
            stack.start_worker()
            ended = state_of(author, job, "succeeded", "failed")
            assert (ended["state"], len(ended["outputs"])) == ("succeeded", 1)
            assert author.get("/me").json()["credits"] == 199
            assert len(author.get("/assets").json()["results"]) == 1
