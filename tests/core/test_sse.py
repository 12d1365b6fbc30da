"""Streams of events, whoever they are for."""

import asyncio
import contextlib

from asgiref.sync import async_to_sync

from core import sse


def test_a_stream_ends_with_its_reader_also_if_somebody_else_takes_the_cancellation():
    given = []

    async def follow(bell):
        for _ in range(50):
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(0.02)
            given.append(sse.PING)
            yield sse.PING

    async def read_on():
        async for _ in sse.stream("nobody's", follow):
            pass

    async def leave():
        reading = asyncio.create_task(read_on())
        while not given:
            await asyncio.sleep(0)
        reading.cancel()
        await reading

    async_to_sync(leave)()
    assert len(given) == 2
