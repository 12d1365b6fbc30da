"""The connection to Redis for what is more than a cache. Losing it must lose nothing."""

from functools import cache

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

#: Who asks has something else to do when Redis is away: nobody waits and tries again.
NO_RETRY = Retry(NoBackoff(), 0)


@cache
def client() -> redis.Redis:
    """One for the process; raises RedisError within a second when there is none to be reached."""
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1, retry=NO_RETRY
    )
