"""A worker that dies where a job's prompt says so: `celery -A tests.helpers.crashing worker`.

A prompt like "crash at stored by child" ends the process at that point of the job's first attempt.
With CRASH_STORAGE=0.5 every second write to the store fails, by chance.
"""

import os
import random
import resource
import signal
import time
from collections.abc import Callable
from typing import Any

from celery import signals

from backend.celery import app

__all__ = ["HOWS", "POINTS", "app", "wish"]

#: Where: each is just after, or just before, what its name says has happened.
POINTS = (
    "claimed", "loaded", "prepared", "begun", "half way", "made", "storing", "signed", "stored",
    "output", "settled", "committed", "ringing",
)  # fmt: skip
#: How: SIGKILL to the process of the pool or to the whole worker; SIGTERM or SIGQUIT to the worker;
#: no memory left.
HOWS = ("child", "worker", "terminate", "quit", "memory")
DYING_SECONDS = 20
_job: dict[str, Any] = {}


def wish(point: str, how: str) -> str:
    return f"crash at {point} by {how}"


@signals.worker_process_init.connect
def arm(**_: Any) -> None:
    """Put the points around the functions of the engine, in this process only."""
    from media import storage
    from media_gen import conditions, engine, lease, turns, watching

    _after(lease, "claim", None, _remember)
    _after(turns, "claim_next", "claimed")
    _before(engine, "_attempt", "loaded")
    _after(engine, "prepare", "prepared")
    _before(engine, "_call", "begun")
    _after(watching.LeaseWatch, "report", "half way")
    _after(engine, "_call", "made")
    _after(engine, "_begin_storing", "storing")
    _after(engine, "_taken_in", "signed")
    _after(storage, "put", "stored")
    _before(engine, "finish", "output")
    _after(engine, "finish", "settled")
    _before(conditions, "worked", "committed")
    _after(engine, "work_on", "ringing")
    if share := float(os.environ.get("CRASH_STORAGE", "0")):
        _before(storage, "put", None, lambda: _fail_sometimes(share))


def _remember(lease: Any) -> None:
    from media_gen.models import GenerationJob

    _job.clear()
    if lease is not None:
        job = GenerationJob.objects.get(pk=lease.job_id)
        _job.update(prompt=job.prompt, attempt=job.attempt)


def _fail_sometimes(share: float) -> None:
    from media.storage import StorageAway

    if random.random() < share:
        raise StorageAway


def _reached(point: str) -> None:
    if _job.get("attempt") != 1 or not _job["prompt"].startswith(f"crash at {point} by "):
        return
    how = _job["prompt"].rpartition(" ")[2]
    _job.clear()
    _WAYS[how]()


def _kill_child() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _kill_worker() -> None:
    os.killpg(os.getpgrp(), signal.SIGKILL)


def _terminate() -> None:
    os.kill(os.getppid(), signal.SIGTERM)


def _quit() -> None:
    os.kill(os.getppid(), signal.SIGQUIT)
    time.sleep(DYING_SECONDS)


def _exhaust() -> None:
    """As much memory as nobody has."""
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    bytearray(2**46 if most == resource.RLIM_INFINITY else most)


_WAYS: dict[str, Callable[[], None]] = {
    "child": _kill_child,
    "worker": _kill_worker,
    "terminate": _terminate,
    "quit": _quit,
    "memory": _exhaust,
}


def _before(
    holder: Any, name: str, point: str | None, extra: Callable[[], None] = lambda: None
) -> None:
    original = getattr(holder, name)

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        extra()
        if point:
            _reached(point)
        return original(*args, **kwargs)

    setattr(holder, name, wrapped)


def _after(
    holder: Any, name: str, point: str | None, extra: Callable[[Any], None] = lambda _: None
) -> None:
    original = getattr(holder, name)

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        result = original(*args, **kwargs)
        extra(result)
        if point:
            _reached(point)
        return result

    setattr(holder, name, wrapped)
