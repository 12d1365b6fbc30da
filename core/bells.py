"""Doorbells: who waits for news is told that there is some, or a little later looks by themselves.

A message is JSON on a channel of Redis' pub/sub. Nobody listening, or no Redis, is no error: what
is true is in the rows.
"""

import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import redis.asyncio
from django.conf import settings
from redis.exceptions import RedisError

from core.redis import client

logger = logging.getLogger(__name__)


def ring(channel: str, news: dict[str, Any]) -> None:
    try:
        client().publish(channel, json.dumps(news, default=str))
    except RedisError as error:
        logger.warning("bells: redis away, news on %s not sent: %s", channel, error)


class Doorbell:
    """Messages of one channel; silent while Redis is away."""

    def __init__(self, pubsub: Any) -> None:
        self._pubsub = pubsub

    async def wait(self, seconds: float) -> dict[str, Any] | None:
        """The next message, or None after at most `seconds`. Raises RedisError if Redis went."""
        message = await self._pubsub.get_message(ignore_subscribe_messages=True, timeout=seconds)
        if message is None:
            return None
        news: dict[str, Any] = json.loads(message["data"])
        return news


@asynccontextmanager
async def listen(channel: str) -> AsyncIterator[Doorbell]:
    """Subscribe to a channel. Raises RedisError if Redis cannot be reached."""
    listener = redis.asyncio.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1)
    try:
        async with listener.pubsub() as pubsub:
            await pubsub.subscribe(channel)
            yield Doorbell(pubsub)
    finally:
        await listener.aclose()
