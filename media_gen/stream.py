"""Live news of a job: Redis pub/sub as the doorbell, the row as the truth.

A message is JSON `{"event", "version", "data"}` on the channel of the job. Losing messages, or
Redis, makes the stream coarser and never wrong: readers look at the row again and again.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from uuid import UUID

from redis.exceptions import RedisError

from core.bells import ring
from core.redis import client


def channel(job_id: UUID | str) -> str:
    return f"job:{job_id}"


def publish(job_id: UUID | str, event: str, version: int, data: dict[str, Any]) -> None:
    """Tell who is listening."""
    ring(channel(job_id), {"event": event, "version": version, "data": data})


@contextmanager
def watch(job_id: UUID | str, show: Callable[[float, str], None]) -> Iterator[None]:
    """Call `show(progress, state)` from a thread as news of the job comes in."""
    pubsub = client().pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]  # redis-py

    def heard(message: dict[str, Any]) -> None:
        news = json.loads(message["data"])
        if news["event"] in {"progress", "state"}:
            show(news["data"]["progress"], news["data"]["state"])

    thread = None
    with suppress(RedisError):
        pubsub.subscribe(**{channel(job_id): heard})
        thread = pubsub.run_in_thread(sleep_time=0.05, daemon=True)
    try:
        yield
    finally:
        if thread is not None:
            thread.stop()
            thread.join()
        pubsub.close()
