"""Waiting for a provider without going deaf: the owner may give up, the deadline may pass."""

import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

from media_gen.backends.base import Watch
from media_gen.backends.errors import Unwanted

TICK_SECONDS = 0.1
T = TypeVar("T")


def until_done(
    work: Callable[[], T],
    watch: Watch,
    *,
    give_up: Callable[[], None],
    meanwhile: Callable[[], None] = lambda: None,
) -> T:
    """The result of a call that blocks, made on a thread of its own.

    Ten times a second `meanwhile` is called on the thread that waits, the only one that may tell
    the watch something. Once nobody waits any more, `give_up` should make the call end, and is not
    waited for.
    """
    outcome: list[T] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            outcome.append(work())
        except BaseException as error:  # noqa: BLE001  # raised again by whoever waits
            failure.append(error)

    thread = threading.Thread(target=run, name="provider", daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(TICK_SECONDS)
            meanwhile()
            watch.check()
    except Unwanted:
        give_up()
        raise
    if failure:
        raise failure[0]
    return outcome[0]


def every(seconds: float, watch: Watch) -> Iterator[None]:
    """One turn now and then one each so many seconds, as long as somebody waits; sooner at news."""
    while True:
        yield
        watch.pause(seconds)
