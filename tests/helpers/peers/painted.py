"""The pictures that peers make: nine colours of a seed."""

import hashlib
import io

from PIL import Image


def painted(seed: str, size: tuple[int, int], image_format: str = "PNG") -> bytes:
    colours = hashlib.sha256(seed.encode()).digest()
    picture = Image.frombytes("RGB", (3, 3), colours[:27]).resize(size)
    buffer = io.BytesIO()
    picture.save(buffer, image_format)
    return buffer.getvalue()
