"""What a provider tells by itself: that it is worth looking now. Nothing of it is believed.

The address is signed and names one job; whatever is posted there is not read. A hint is an entry in
Redis, which the worker that waits for the provider takes: lost, doubled and forged ones cost a
question to the provider at most.
"""

import time
from contextlib import suppress
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse
from redis.exceptions import RedisError

from core.redis import client

LIFETIME_SECONDS = 24 * 60 * 60
KEPT_SECONDS = 600
_SALT = "provider hint"


def address_for(job_id: UUID) -> str:
    """Where a provider may say that there is news of a job; "" if nobody can reach this service."""
    if not settings.PUBLIC_URL.startswith("https://"):
        return ""
    token = signing.dumps(str(job_id), salt=_SALT)
    return f"{settings.PUBLIC_URL}{reverse('provider_hint', args=[token])}"


def job_at(token: str) -> UUID | None:
    """Which job the end of an address names, if it is one of ours."""
    try:
        return UUID(signing.loads(token, salt=_SALT, max_age=LIFETIME_SECONDS))
    except signing.BadSignature:
        return None


def tell(job_id: UUID) -> None:
    """Let whoever waits for news of a job look. Without Redis they look a little later."""
    with suppress(RedisError), client().pipeline() as pipeline:
        pipeline.delete(_key(job_id))
        pipeline.lpush(_key(job_id), 1)
        pipeline.expire(_key(job_id), KEPT_SECONDS)
        pipeline.execute()


def wait(job_id: UUID, seconds: float) -> bool:
    """Wait for a hint, less than a second; whether there was one."""
    try:
        return client().blpop([_key(job_id)], timeout=seconds) is not None
    except RedisError:
        time.sleep(seconds)
        return False


def _key(job_id: UUID) -> str:
    return f"hint:{job_id}"
