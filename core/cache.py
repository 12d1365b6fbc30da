"""A Redis cache that becomes a local one while Redis is away.

Rate limits and one-time tickets live in the cache; losing Redis must neither switch them off nor
turn an answer into an error. Limits are then counted per process.
"""

import logging
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError

from core.redis import NO_RETRY

logger = logging.getLogger(__name__)
_COUNT = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return count
"""


class _OneClient(RedisCacheClient):
    """Django makes a client for every command, which costs more than the command."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._clients: dict[Any, Any] = {}

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        pool = self._get_connection_pool(write)  # type: ignore[attr-defined]  # django-stubs lack it
        if pool not in self._clients:
            self._clients[pool] = self._client(connection_pool=pool)  # type: ignore[attr-defined]  # the same
        return self._clients[pool]

    def count(self, key: str, timeout: int) -> int:
        return int(self.get_client(key, write=True).eval(_COUNT, 1, key, timeout))


class _Local(LocMemCache):
    def count(self, key: str, timeout: int) -> int:
        self.add(key, 0, timeout)
        return self.incr(key)


class ResilientRedisCache(RedisCache):
    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._options["retry"] = NO_RETRY  # type: ignore[attr-defined]  # the same
        self._class = _OneClient
        self._local = _Local("while-redis-is-away", {})

    def _try(self, verb: str, *args: Any, **kwargs: Any) -> Any:
        try:
            return getattr(super(), verb)(*args, **kwargs)
        except RedisError as error:
            logger.warning("cache: redis away (%s), using local memory", error)
            return getattr(self._local, verb)(*args, **kwargs)

    def count(self, key: str, timeout: int) -> int:
        """One more of `key`; how many since the first, which is forgotten after `timeout` seconds.

        In one command, where Django's `add` and `incr` are three.
        """
        try:
            made = self.make_and_validate_key(key)
            return int(self._cache.count(made, timeout))  # type: ignore[attr-defined]  # of _OneClient
        except RedisError as error:
            logger.warning("cache: redis away (%s), using local memory", error)
            return self._local.count(key, timeout)

    def get(self, *args: Any, **kwargs: Any) -> Any:
        return self._try("get", *args, **kwargs)

    def set(self, *args: Any, **kwargs: Any) -> Any:
        return self._try("set", *args, **kwargs)

    def add(self, *args: Any, **kwargs: Any) -> Any:
        return self._try("add", *args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        return self._try("delete", *args, **kwargs)

    def touch(self, *args: Any, **kwargs: Any) -> Any:
        return self._try("touch", *args, **kwargs)

    def incr(self, *args: Any, **kwargs: Any) -> Any:
        return self._try("incr", *args, **kwargs)

    def get_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._try("get_many", *args, **kwargs)

    def set_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._try("set_many", *args, **kwargs)

    def delete_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._try("delete_many", *args, **kwargs)
