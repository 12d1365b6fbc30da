"""Pictures on their way to and from providers, whose bytes are opened in the sandbox only."""

import base64
import binascii
import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from PIL import Image

from media import sandbox
from media.arrivals import fetching
from media.sandbox import RenditionOrder
from media_gen.backends.errors import Broken
from media_gen.backends.http import MAX_ANSWER, Provider

PREVIEW_SIDE = 256
FETCH_SECONDS = 60.0


def preview_of(data: bytes) -> Callable[[], bytes]:
    """What makes the small JPEG of a picture that a provider sent."""

    def made() -> bytes:
        with tempfile.TemporaryDirectory(prefix="pentimento-") as name:
            folder = Path(name)
            (folder / "partial").write_bytes(data)
            order = RenditionOrder(folder / "preview.jpg", PREVIEW_SIDE, "image/jpeg")
            try:
                (small,) = sandbox.examine(folder / "partial", [order]).renditions
            except (sandbox.Undecodable, sandbox.UnsupportedType) as error:
                raise Broken("The backend sent a preview that is no image.") from error
            return small.path.read_bytes()

    return made


def preview_in(text: str) -> Callable[[], bytes]:
    """The same of base64: one that is cut short is no reason to lose the work."""

    def made() -> bytes:
        return preview_of(from_base64(text))()

    return made


def from_base64(text: str) -> bytes:
    """Bare base64, or a data: URL of it. Raises Broken."""
    _, _, bare = text.rpartition(",") if text.startswith("data:") else ("", "", text)
    try:
        return base64.b64decode(bare, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Broken("The backend sent an image that is cut short.") from error


def from_address(url: str, provider: Provider) -> bytes:
    """The file that a provider put somewhere: on its own host, or on a public https address.

    Other addresses are not asked: an answer of a provider must not reach into our network.
    """
    if url.startswith("data:"):
        return from_base64(url)
    parts, own = urlsplit(url), urlsplit(provider.base_url)
    if url.startswith("/") or (parts.scheme, parts.netloc) == (own.scheme, own.netloc):
        return provider.file(url)
    with tempfile.TemporaryDirectory(prefix="pentimento-") as name:
        path = Path(name) / "image"
        try:
            fetching.fetch(url, path, max_bytes=MAX_ANSWER, deadline_seconds=FETCH_SECONDS)
        except (fetching.BadUrl, fetching.FetchFailed) as error:
            raise Broken("The backend's image cannot be fetched.") from error
        return path.read_bytes()


def as_base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def with_hole(source: bytes, mask: bytes) -> bytes:
    """The source as PNG, transparent where the mask is white: how OpenAI's API wants a mask."""
    picture = Image.open(io.BytesIO(source)).convert("RGBA")
    where = Image.open(io.BytesIO(mask)).convert("L").point(lambda grey: 255 - grey)
    picture.putalpha(where)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
