"""From an order to a report. Each step holds the picture once: that is what bounds the memory."""

from pathlib import Path
from typing import Any

from PIL import Image

from media.decoding import metadata
from media.decoding.colour import flattened, to_srgb
from media.decoding.likeness import likeness_of
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
from media.decoding.writing import write_all


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
        "digest": digest_of(picture),
        "metadata": said,
    }
    if picture.width * picture.height > MAX_WEBP_PIXELS:
        picture = flattened(picture)  # scaling it with its transparency takes too much memory
    if order.get("first_look"):
        report |= {"blurhash": placeholder(picture), "likeness": likeness_of(picture)}
    held = [picture]
    del picture
    try:
        return report | {"renditions": write_all(held, order.get("renditions", []))}
    except Exception as error:  # the picture decoded, so it is memory or room that was missing
        raise too_costly() from error
