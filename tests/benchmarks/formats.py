"""Which formats are worth serving: size and CPU of each at equal fidelity.

The pictures are painted and photograph-like, 1280 pixels wide. For each format the quality is
sought whose error against the picture is that of WebP as it is served, so that sizes can be
compared. The floor is that WebP.
"""

import io
import math
import time
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageChops, ImageFilter, ImageStat

from media_gen.backends.procedural.painter import paint

SIZE = (1280, 960)
PROMPTS = (
    "a heron at dawn over a misty lake",
    "a castle on a hill, moonlit night, woodcut",
    "a poppy field in summer, watercolor",
    "neon city in the rain at night",
)
WRITERS: dict[str, dict[str, Any]] = {
    "WebP (served)": {"format": "WEBP", "method": 2},
    "WebP, method 4": {"format": "WEBP", "method": 4},
    "JPEG": {"format": "JPEG", "progressive": True},
    "AVIF, speed 9": {"format": "AVIF", "speed": 9, "max_threads": 1},
    "AVIF, speed 6": {"format": "AVIF", "speed": 6, "max_threads": 1},
}
SERVED_QUALITY = 82


@dataclass(frozen=True)
class Cost:
    size: int
    seconds: float
    decibels: float


def run(arguments: list[str]) -> int:
    pictures = [paint(prompt, seed=7, width=SIZE[0], height=SIZE[1]) for prompt in PROMPTS]
    noise = Image.effect_noise(SIZE, 40).convert("RGB").filter(ImageFilter.GaussianBlur(2))
    pictures += [Image.blend(picture, noise, 0.25) for picture in pictures[:2]]
    floors = [_cost(picture, "WebP (served)", SERVED_QUALITY) for picture in pictures]
    print(f"{f'at the fidelity of WebP {SERVED_QUALITY}':<26}   bytes  x WebP  CPU ms  x WebP")
    each = len(pictures)
    for name in WRITERS:
        pairs = zip(pictures, floors, strict=True)
        costs = [_alike(picture, name, floor) for picture, floor in pairs]
        size, seconds = sum(c.size for c in costs), sum(c.seconds for c in costs)
        by_size = size / sum(floor.size for floor in floors)
        by_time = seconds / sum(floor.seconds for floor in floors)
        cpu = 1000 * seconds / each
        print(f"{name:<26}{size // each:>8,}{by_size:>8.2f}{cpu:>8.0f}{by_time:>8.1f}")
    return 0


def _alike(picture: Image.Image, name: str, floor: Cost) -> Cost:
    """The cheapest quality whose error is no larger than the floor's."""
    low, high = 20, 98
    while low < high:
        middle = (low + high) // 2
        if _cost(picture, name, middle).decibels >= floor.decibels - 0.05:
            high = middle
        else:
            low = middle + 1
    return _cost(picture, name, low)


def _cost(picture: Image.Image, name: str, quality: int) -> Cost:
    options = dict(WRITERS[name])
    file = io.BytesIO()
    begin = time.process_time()
    picture.save(file, options.pop("format"), quality=quality, **options)
    seconds = time.process_time() - begin
    with Image.open(file) as written:
        return Cost(len(file.getvalue()), seconds, _decibels(picture, written.convert("RGB")))


def _decibels(one: Image.Image, other: Image.Image) -> float:
    """Peak signal to noise ratio over all channels."""
    squares = sum(ImageStat.Stat(ImageChops.difference(one, other)).sum2)
    mean = squares / (one.width * one.height * 3)
    return 10 * math.log10(255 * 255 / mean) if mean else math.inf
