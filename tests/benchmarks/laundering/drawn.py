"""Pictures that are easily taken for each other: families drawn by code.

The members of a family share a look, a frame or a raster, and are different pictures all the same:
nobody who knows one of them has seen the others.
"""

import math
import random
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from media_gen.backends.procedural.painter import paint
from tests.benchmarks.laundering import screens

Colour = tuple[int, int, int]

SIDE = 900
CONTENTS = (
    "a harbour with boats at noon",
    "a church in a meadow, summer",
    "a windmill at sunset, oil",
    "a fox in a birch forest",
    "a pagoda in the rain",
    "a whale in the sea at dusk",
    "tents under the milky way",
    "a vase with flowers by the window",
)
WORDS = (
    "the", "of", "a", "in", "to", "with", "on", "as", "at", "by", "from", "water", "light",
    "every", "second", "paper", "north", "river", "table", "under", "measured", "copper",
    "question", "answer", "winter", "garden", "seven", "between", "slowly", "record", "number",
    "house", "open", "written", "because", "market", "letter", "distance", "morning", "people",
    "several", "glass", "remember", "station",
)  # fmt: skip


def plain_colour(rng: random.Random) -> Image.Image:
    return Image.new("RGB", (SIDE, SIDE), _colour(rng))


def gradient(rng: random.Random) -> Image.Image:
    ramp = Image.linear_gradient("L") if rng.random() < 0.6 else Image.radial_gradient("L")
    ramp = ramp.rotate(rng.choice((0, 90, 180, 270))).resize((SIDE, SIDE))
    ends = [Image.new("RGB", ramp.size, _colour(rng)) for _ in range(2)]
    return Image.composite(*ends, ramp)


def noise(rng: random.Random) -> Image.Image:
    source = np.random.default_rng(rng.randrange(2**32))
    side = rng.choice((SIDE, SIDE // 4, SIDE // 25))
    grains = source.integers(0, 256, (side, side, 3), dtype=np.uint8)
    return Image.fromarray(grains).resize((SIDE, SIDE), Image.Resampling.BICUBIC)


def text_page(rng: random.Random) -> Image.Image:
    page = Image.new("RGB", (900, 1200), (252, 251, 247))
    draw = ImageDraw.Draw(page)
    draw.text((80, 70), " ".join(rng.choices(WORDS, k=3)).title(), fill="black", font=_font(44))
    for line in range(30):
        words = " ".join(rng.choices(WORDS, k=11))[:76]
        draw.text((80, 160 + line * 33), words, fill=(30, 30, 30), font=_font(21))
    return page


def screen_light(rng: random.Random) -> Image.Image:
    return screens.feed(_content(rng), rng)


def screen_dark(rng: random.Random) -> Image.Image:
    return screens.viewer(_content(rng), rng)


def template(rng: random.Random) -> Image.Image:
    """A joke of two halves: the same frame, signet and lettering around other pictures."""
    sheet = Image.new("RGB", (900, 1100), "white")
    draw = ImageDraw.Draw(sheet)
    for index, label in enumerate(("EXPECTATION", "REALITY")):
        top = 20 + index * 540
        sheet.paste(_content(rng).resize((600, 500)), (280, top))
        draw.text((140, top + 250), label, fill="black", font=_font(36), anchor="mm")
    draw.rectangle((10, 10, 889, 1089), outline="black", width=8)
    draw.line((10, 540, 889, 540), fill="black", width=8)
    _signet(draw, (60, 950), 120)
    return sheet


def logo(rng: random.Random) -> Image.Image:
    """A publisher's large emblem and ribbon over other pictures."""
    sheet = _content(rng).resize((SIDE, SIDE))
    draw = ImageDraw.Draw(sheet)
    draw.rectangle((0, 690, SIDE, 860), fill=(190, 24, 40))
    draw.text((300, 775), "DAILY VIEW", fill="white", font=_font(86), anchor="lm")
    _signet(draw, (40, 665), 220)
    return sheet


def tiling(rng: random.Random) -> Image.Image:
    side = rng.randrange(60, 160, 6)
    tile = Image.new("RGB", (side, side), _colour(rng))
    draw = ImageDraw.Draw(tile)
    for _ in range(4):
        x, y, size = rng.randrange(side), rng.randrange(side), rng.randrange(10, side // 2)
        shape = rng.choice((draw.ellipse, draw.rectangle))
        shape((x, y, x + size, y + size), fill=_colour(rng))
    return _repeated(tile)


def grid(rng: random.Random) -> Image.Image:
    side, width = rng.randrange(24, 130), rng.randrange(2, 7)
    tile = Image.new("RGB", (side, side), _colour(rng))
    ImageDraw.Draw(tile).line([(0, side), (0, 0), (side, 0)], fill=_colour(rng), width=width)
    return _repeated(tile)


def halftone(rng: random.Random) -> Image.Image:
    """Dots of one raster, whose sizes draw other shapes."""
    pitch, ink = 20, _colour(rng)
    sheet = Image.new("RGB", (SIDE, SIDE), "white")
    draw = ImageDraw.Draw(sheet)
    spots = [(rng.random() * SIDE, rng.random() * SIDE, 80 + rng.random() * 200) for _ in range(4)]
    for x in range(0, SIDE, pitch):
        for y in range(0, SIDE, pitch):
            dark = sum(math.exp(-((x - u) ** 2 + (y - v) ** 2) / r**2) for u, v, r in spots)
            radius = 1 + 10 * min(1, dark)
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=ink)
    return sheet


FAMILIES: dict[str, Callable[[random.Random], Image.Image]] = {
    "plain colour": plain_colour,
    "gradient": gradient,
    "noise": noise,
    "text page": text_page,
    "light screen": screen_light,
    "dark screen": screen_dark,
    "template": template,
    "logo": logo,
    "tiling": tiling,
    "grid": grid,
    "halftone": halftone,
}


def _content(rng: random.Random) -> Image.Image:
    return paint(rng.choice(CONTENTS), seed=rng.randrange(2**32), width=640, height=640)


def _repeated(tile: Image.Image) -> Image.Image:
    sheet = Image.new("RGB", (SIDE, SIDE))
    for x in range(0, SIDE, tile.width):
        for y in range(0, SIDE, tile.height):
            sheet.paste(tile, (x, y))
    return sheet


def _signet(draw: ImageDraw.ImageDraw, place: tuple[int, int], side: int) -> None:
    """A shield with a star."""
    x, y = place
    draw.ellipse((x, y, x + side, y + side), fill=(20, 30, 90), outline="white", width=side // 20)
    points = [
        (
            x + side * (0.5 + (0.4 if corner % 2 else 0.17) * math.sin(corner * math.pi / 5)),
            y + side * (0.5 + (0.4 if corner % 2 else 0.17) * math.cos(corner * math.pi / 5)),
        )
        for corner in range(10)
    ]
    draw.polygon(points, fill=(250, 205, 60))


def _colour(rng: random.Random) -> Colour:
    return rng.randrange(256), rng.randrange(256), rng.randrange(256)


def _font(size: float) -> ImageFont.FreeTypeFont:
    return ImageFont.load_default(size)
