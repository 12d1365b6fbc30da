"""Pictures made by code. Each seed is a different picture."""

import io
import random
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw


def picture(seed: int = 0, size: tuple[int, int] = (320, 240)) -> Image.Image:
    """Something with edges and colours, like a photograph in miniature."""
    rng = random.Random(seed)
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    draw = ImageDraw.Draw(image)
    for _ in range(30):
        x, y = rng.randrange(size[0]), rng.randrange(size[1])
        colour = (rng.randrange(256), rng.randrange(256), rng.randrange(256))
        draw.ellipse((x, y, x + rng.randrange(8, 60), y + rng.randrange(8, 60)), fill=colour)
    return image


def encoded(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def jpeg(seed: int = 0, **options: Any) -> bytes:
    return encoded(picture(seed), "JPEG", quality=90, **options)


def upload(data: bytes, name: str = "photo.jpg", media_type: str = "image/jpeg") -> Any:
    return SimpleUploadedFile(name, data, content_type=media_type)
