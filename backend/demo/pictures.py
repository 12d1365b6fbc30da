"""Pictures for the demo accounts that stand for files which people bring.

They are drawn by this module, not taken by a camera; the posts that show them say so.
"""

import io
import math
import random

from PIL import Image, ImageDraw, ImageFilter

SIZE = (1200, 900)


def pebbles(seed: int) -> bytes:
    """A beach of stones, as JPEG."""
    rng = random.Random(seed)  # noqa: S311  # decoration
    image = Image.new("RGB", SIZE, (150, 140, 128))
    draw = ImageDraw.Draw(image)
    for _ in range(900):
        x, y = rng.uniform(-40, SIZE[0]), rng.uniform(-40, SIZE[1])
        long, short = rng.uniform(24, 90), rng.uniform(18, 60)
        grey = rng.randint(70, 215)
        warm = rng.randint(-14, 22)
        draw.ellipse((x + 4, y + 6, x + long + 4, y + short + 6), fill=(60, 56, 52))
        draw.ellipse((x, y, x + long, y + short), fill=(grey + warm, grey, grey - warm))
        shine = min(255, grey + 30)
        draw.ellipse(
            (x + long * 0.2, y + short * 0.15, x + long * 0.5, y + short * 0.4), fill=(shine,) * 3
        )
    return _jpeg(image.filter(ImageFilter.GaussianBlur(1.2)))


def lines(seed: int) -> bytes:
    """A pen drawing of waves on paper, as JPEG."""
    rng = random.Random(seed)  # noqa: S311  # decoration
    image = Image.new("RGB", SIZE, (246, 240, 228))
    draw = ImageDraw.Draw(image)
    for row in range(30, SIZE[1], 22):
        phase, height = rng.uniform(0, 6), rng.uniform(4, 16)
        points = [
            (x, row + height * math.sin(x / rng.uniform(58, 62) + phase))
            for x in range(0, SIZE[0] + 12, 12)
        ]
        draw.line(points, fill=(38, 52, 84), width=rng.choice((2, 2, 3)), joint="curve")
    return _jpeg(image.filter(ImageFilter.GaussianBlur(0.7)))


def _jpeg(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=88)
    return buffer.getvalue()
