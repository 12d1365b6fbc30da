"""Pictures made by code. Each seed is a different picture."""

import io
import random
from typing import Any

import pillow_heif
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


def upload(data: bytes, name: str = "", media_type: str = "") -> Any:
    """A file for a form, named for what it is unless told otherwise."""
    extension, kind = next(
        (known for magic, *known in MAGIC if magic in data[:12]), ("jpg", "image/jpeg")
    )
    return SimpleUploadedFile(name or f"photo.{extension}", data, content_type=media_type or kind)


def heic(image: Image.Image, **options: Any) -> bytes:
    buffer = io.BytesIO()
    pillow_heif.from_pillow(image).save(buffer, **options)
    return buffer.getvalue()


MAGIC = (
    (b"\x89PNG", "png", "image/png"),
    (b"WEBP", "webp", "image/webp"),
    (b"GIF8", "gif", "image/gif"),
    (b"ftypavif", "avif", "image/avif"),
    (b"ftypheic", "heic", "image/heic"),
)
