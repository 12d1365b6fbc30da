"""What is done to a picture so that it passes for another: every attack as a function.

An attack takes an RGB picture and returns an RGB picture. What is random in it follows from the
name of the attack and the key of the picture alone.
"""

import io
import math
import random
from collections.abc import Callable
from functools import partial

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

from tests.benchmarks.laundering import screens

Attack = Callable[[Image.Image, random.Random], Image.Image]
Box = tuple[int, int, int, int]

CAPTIONS = ("WHEN IT WORKS", "SO MUCH THIS", "NOT AGAIN", "ME ON MONDAY", "WAIT FOR IT")
HANDLES = ("@northlight", "@daily.frames", "@maria_k", "@oldtown", "@pixelwalk")


def attacked(picture: Image.Image, name: str, key: str) -> Image.Image:
    """The RGB picture called `key` after the named attack, as RGB."""
    return ATTACKS[name](picture, random.Random(f"{name}/{key}"))


def in_turn(*attacks: Attack) -> Attack:
    def attack(picture: Image.Image, rng: random.Random) -> Image.Image:
        for each in attacks:
            picture = each(picture, rng)
        return picture

    return attack


def encoded(kind: str, quality: int) -> Attack:
    """Written as a lossy file and read back."""

    def attack(picture: Image.Image, rng: random.Random) -> Image.Image:
        file = io.BytesIO()
        picture.save(file, kind, quality=quality)
        with Image.open(file) as written:
            return written.convert("RGB")

    return attack


def scaled(factor: float) -> Attack:
    def attack(picture: Image.Image, rng: random.Random) -> Image.Image:
        size = (round(picture.width * factor), round(picture.height * factor))
        return picture.resize(size, Image.Resampling.LANCZOS)

    return attack


def cropped(share: float, place: Callable[[int, int, random.Random], tuple[int, int]]) -> Attack:
    """`share` of each side is cut away; `place` says how much of it on the left and on the top."""

    def attack(picture: Image.Image, rng: random.Random) -> Image.Image:
        width, height = (round(side * (1 - share)) for side in picture.size)
        left, top = place(picture.width - width, picture.height - height, rng)
        return picture.crop((left, top, left + width, top + height))

    return attack


def centre(across: int, down: int, rng: random.Random) -> tuple[int, int]:
    return across // 2, down // 2


def corner(across: int, down: int, rng: random.Random) -> tuple[int, int]:
    return rng.choice((0, across)), rng.choice((0, down))


def off_grid(across: int, down: int, rng: random.Random) -> tuple[int, int]:
    """Anywhere, at odd offsets, so that no grid of blocks or stored windows is met."""
    return rng.randrange(1, max(2, across), 2), rng.randrange(1, max(2, down), 2)


def turned(method: Image.Transpose) -> Attack:
    return lambda picture, rng: picture.transpose(method)


def rotated(degrees: float, *, filled: bool) -> Attack:
    """Turned to either side. Unless `filled` with white, the empty corners are cropped away."""

    def attack(picture: Image.Image, rng: random.Random) -> Image.Image:
        angle = rng.choice((-degrees, degrees))
        smooth = Image.Resampling.BICUBIC
        turned = picture.rotate(angle, smooth, expand=filled, fillcolor="white")
        return turned if filled else turned.crop(_inside(picture.size, degrees))

    return attack


def _inside(size: tuple[int, int], degrees: float) -> Box:
    """The largest box of the same shape and centre that a rotation leaves without empty corners."""
    width, height = size
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    kept = min(width / (width * cos + height * sin), height / (width * sin + height * cos))
    across, down = math.ceil(width * (1 - kept) / 2) + 1, math.ceil(height * (1 - kept) / 2) + 1
    return across, down, width - across, height - down


def bordered(share: float, *, blurred: bool) -> Attack:
    """A border of `share` of each side, all around: white, or the picture itself, blurred."""

    def attack(picture: Image.Image, rng: random.Random) -> Image.Image:
        across, down = round(picture.width * share), round(picture.height * share)
        size = (picture.width + 2 * across, picture.height + 2 * down)
        sheet = Image.new("RGB", size, "white")
        if blurred:
            softness = ImageFilter.GaussianBlur(max(size) / 40)
            sheet = picture.resize(size).filter(softness)
        sheet.paste(picture, (across, down))
        return sheet

    return attack


def text_bar(picture: Image.Image, rng: random.Random) -> Image.Image:
    """A strip with a name over the lowest eighth."""
    covered = picture.copy()
    draw = ImageDraw.Draw(covered)
    height = picture.height // 8
    draw.rectangle((0, picture.height - height, *picture.size), fill=(18, 18, 22))
    draw.text(
        (picture.width / 2, picture.height - height / 2), rng.choice(HANDLES), fill="white",
        font=ImageFont.load_default(height * 0.55), anchor="mm",
    )  # fmt: skip
    return covered


def caption(picture: Image.Image, rng: random.Random) -> Image.Image:
    """Large outlined words across the middle."""
    covered = picture.copy()
    size = picture.width / 9
    ImageDraw.Draw(covered).text(
        (picture.width / 2, picture.height / 2), rng.choice(CAPTIONS), fill="white",
        font=ImageFont.load_default(size), anchor="mm", stroke_width=round(size / 12),
        stroke_fill="black",
    )  # fmt: skip
    return covered


def blurred(radius: float) -> Attack:
    """Gaussian, `radius` being the standard deviation in pixels."""
    return lambda picture, rng: picture.filter(ImageFilter.GaussianBlur(radius))


def noisy(deviation: float) -> Attack:
    """Gaussian noise of that standard deviation, in levels of 255, for each channel apart."""

    def attack(picture: Image.Image, rng: random.Random) -> Image.Image:
        pixels = np.asarray(picture, dtype=np.float32)
        source = np.random.default_rng(rng.randrange(2**32))
        pixels = pixels + deviation * source.standard_normal(pixels.shape, dtype=np.float32)
        return Image.fromarray(np.clip(pixels.round(), 0, 255).astype(np.uint8))

    return attack


def brighter(percent: float) -> Attack:
    factor = 1 + percent / 100
    return lambda picture, rng: ImageEnhance.Brightness(picture).enhance(factor)


def more_contrast(percent: float) -> Attack:
    factor = 1 + percent / 100
    return lambda picture, rng: ImageEnhance.Contrast(picture).enhance(factor)


def grey(picture: Image.Image, rng: random.Random) -> Image.Image:
    return ImageOps.grayscale(picture).convert("RGB")


def screenshot(screen: screens.Screen) -> Attack:
    """Shown by an app on a phone, photographed by the phone, sent on."""
    return in_turn(screen, encoded("JPEG", 85))


jpeg = partial(encoded, "JPEG")
webp = partial(encoded, "WEBP")
mirror = turned(Image.Transpose.FLIP_LEFT_RIGHT)
sent_on = in_turn(cropped(0.2, off_grid), scaled(0.6), brighter(15), jpeg(60))

ATTACKS: dict[str, Attack] = {
    "unchanged": in_turn(),
    **{f"JPEG {quality}": jpeg(quality) for quality in (90, 70, 50, 30)},
    "WebP 60": webp(60),
    **{f"resize {percent} %": scaled(percent / 100) for percent in (75, 50, 25)},
    **{f"resize {f} + JPEG 80": in_turn(scaled(f), jpeg(80)) for f in (0.62, 0.87, 1.31)},
    **{
        f"crop {percent} % {name}": cropped(percent / 100, place)
        for percent in (5, 10, 20, 35, 50)
        for name, place in (("centre", centre), ("corner", corner), ("off grid", off_grid))
    },
    "mirror": mirror,
    "quarter turn": turned(Image.Transpose.ROTATE_90),
    **{f"rotate {d}° cropped": rotated(d, filled=False) for d in (2, 5)},
    **{f"rotate {d}° filled": rotated(d, filled=True) for d in (2, 5)},
    **{f"border {percent} % white": bordered(percent / 100, blurred=False) for percent in (5, 15)},
    **{f"border {percent} % blurred": bordered(percent / 100, blurred=True) for percent in (5, 15)},
    "text bar": text_bar,
    "caption across": caption,
    **{f"blur {radius}": blurred(radius) for radius in (1, 3)},
    "noise 8": noisy(8),
    "brightness +25 %": brighter(25),
    "brightness -25 %": brighter(-25),
    "contrast +30 %": more_contrast(30),
    "grey": grey,
    "screenshot light": screenshot(screens.feed),
    "screenshot dark": screenshot(screens.viewer),
    "crop+resize+JPEG+bright": sent_on,
    "the same, mirrored": in_turn(mirror, sent_on),
    "screenshot of a crop": in_turn(cropped(0.2, off_grid), screenshot(screens.feed)),
    "crop+rotate 2°+JPEG 50": in_turn(
        cropped(0.1, off_grid), rotated(2, filled=False), jpeg(50)
    ),
    "WebP+JPEG+resize": in_turn(webp(70), jpeg(60), scaled(0.5)),
}  # fmt: skip
