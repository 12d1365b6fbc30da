"""What ComfyUI tells on its socket while a prompt runs.

It may be silent, or away: the history of the server is what counts, and this only makes it quicker
and nicer to watch.
"""

import contextlib
import json
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

PREVIEW, PREVIEW_WITH_METADATA = 1, 4
ENDS = {"execution_success", "execution_error", "execution_interrupted"}
MAX_MESSAGE = 32 * 1024 * 1024
OPEN_SECONDS = 5.0
CLOSE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class News:
    """`fraction` of the sampling that is done, a `preview` (an encoded image), or the end."""

    fraction: float = 0.0
    preview: bytes | None = None
    ended: bool = False


NONE = News()


class Socket:
    """The news of one prompt. Without a connection there are none."""

    def __init__(self, connection: ClientConnection | None) -> None:
        self._connection = connection

    def within(self, seconds: float, prompt: str) -> News:
        """The next news of a prompt; empty if none comes in time."""
        if self._connection is None:
            time.sleep(seconds)
            return NONE
        try:
            return _news(self._connection.recv(timeout=seconds), prompt)
        except TimeoutError:
            return NONE
        except (WebSocketException, OSError, ValueError, KeyError, TypeError, struct.error):
            self._connection = None
            return NONE


@contextlib.contextmanager
def listening(base_url: str, client_id: str) -> Iterator[Socket]:
    parts = urlsplit(base_url)
    scheme = "wss" if parts.scheme == "https" else "ws"
    query = urlencode({"clientId": client_id})
    address = urlunsplit((scheme, parts.netloc, f"{parts.path.rstrip('/')}/ws", query, ""))
    with contextlib.ExitStack() as stack:
        connection = None
        with contextlib.suppress(WebSocketException, OSError, TimeoutError):
            connection = stack.enter_context(
                connect(
                    address,
                    open_timeout=OPEN_SECONDS,
                    close_timeout=CLOSE_SECONDS,
                    max_size=MAX_MESSAGE,
                )
            )
            said = {"type": "feature_flags", "data": {"supports_preview_metadata": True}}
            connection.send(json.dumps(said))
        yield Socket(connection)


def _news(message: str | bytes, prompt: str) -> News:
    """What a message tells of a prompt. Raises whatever a message of another shape leads to."""
    if isinstance(message, bytes):
        return News(preview=_preview(message))
    told = json.loads(message)
    data: dict[str, Any] = told.get("data") or {}
    if data.get("prompt_id", prompt) != prompt:
        return NONE
    if told["type"] == "progress":
        return News(fraction=data["value"] / max(data["max"], 1))
    over = told["type"] == "executing" and data.get("node") is None and "prompt_id" in data
    return News(ended=True) if over or told["type"] in ENDS else NONE


def _preview(message: bytes) -> bytes | None:
    (kind,) = struct.unpack_from(">I", message)
    if kind == PREVIEW:
        return message[8:]
    if kind == PREVIEW_WITH_METADATA:
        (length,) = struct.unpack_from(">I", message, 4)
        return message[8 + length :]
    return None
