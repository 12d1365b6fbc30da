"""From an order to a report. Each step holds the picture once: that is what bounds the memory."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image

from media.decoding import metadata
from media.decoding.colour import flattened, to_srgb
from media.decoding.limits import MAX_WEBP_PIXELS, Refused, too_costly, too_many_pixels
from media.decoding.opening import (
    check_size,
    decode_further_frames,
    first_frame,
    opened,
    sniff,
    turn_upright,
)
from media.decoding.pixels import digest_of, placeholder
from media.decoding.writing import Raw, Wanted, write_full, write_narrower, write_raw, written


def examine(order: dict[str, Any]) -> dict[str, Any]:
    """Identify, decode every frame, read the metadata, write the renditions. Raises Refused."""
    try:
        return _examine(order)
    except Refused:
        raise
    except Image.DecompressionBombError as error:
        raise too_many_pixels() from error
    except MemoryError as error:
        raise too_costly() from error
    except Exception as error:  # Pillow and its libraries raise far outside what they document
        if "memory" in str(error).lower():
            raise too_costly() from error
        raise Refused("corrupt_image", "The image does not decode.") from error


def _examine(order: dict[str, Any]) -> dict[str, Any]:
    path = Path(order["path"])
    media_type = sniff(path)
    with opened(path, media_type) as image:
        check_size(image, media_type)
        picture = first_frame(image, media_type)
        said = metadata.read(path, media_type, picture)
        frames = decode_further_frames(image, media_type)
    del image  # what its library still holds of it
    picture = to_srgb(turn_upright(picture))
    report = {
        "media_type": media_type,
        "width": picture.width,
        "height": picture.height,
        "frames": frames,
        "metadata": said,
    }
    with ThreadPoolExecutor(max_workers=1) as beside:
        digest = beside.submit(digest_of, picture)  # a second processor's work, if there is one
        if picture.width * picture.height > MAX_WEBP_PIXELS:
            report["digest"] = digest.result()
            picture = flattened(picture)  # scaling it with its transparency takes too much memory
        if order.get("placeholder"):
            report["blurhash"] = placeholder(picture)
        if raw := order.get("raw"):
            with at_most_so_much():
                report["raw"] = write_raw(picture, Raw(**raw))
        wanted = [Wanted(**each) for each in order.get("renditions", [])]
        with at_most_so_much():
            write_narrower(picture, wanted)
        report["digest"] = digest.result()
    held = [picture]
    del picture, digest
    with at_most_so_much():
        write_full(held, wanted)
        return report | {"renditions": [written(each) for each in wanted]}


@contextmanager
def at_most_so_much() -> Iterator[None]:
    """The picture decoded, so whatever goes wrong in writing is memory or room that was missing."""
    try:
        yield
    except Exception as error:
        raise too_costly() from error
