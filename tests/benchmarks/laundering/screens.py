"""Two screens of a phone, 1080 × 2340, on which an app shows a picture."""

import random
from collections.abc import Callable

from PIL import Image, ImageDraw, ImageFont

Screen = Callable[[Image.Image, random.Random], Image.Image]
Colour = tuple[int, int, int]

SIZE = (1080, 2340)
NAMES = (
    "nora.h",
    "studio_ten",
    "luca",
    "wintergarden",
    "tom & iris",
    "kestrel",
    "june",
    "the old mill",
)
WORDS = (
    "what", "a", "morning", "quiet", "light", "over", "the", "hills", "we", "walked", "until",
    "late", "and", "found", "this", "place", "again", "some", "days", "are", "like", "that",
    "new", "series", "soon", "thanks", "for", "looking", "more", "in", "the", "next", "post",
)  # fmt: skip


def feed(picture: Image.Image, rng: random.Random) -> Image.Image:
    """A light app: the picture over the full width between a person's name and a caption."""
    screen = Image.new("RGB", SIZE, "white")
    draw = ImageDraw.Draw(screen)
    _status_bar(draw, rng, ink=(20, 20, 20))
    _text(draw, (40, 118), "Frames", (15, 15, 15), 58)
    for index in range(5):
        _avatar(draw, (60 + index * 205, 190), 150, rng)
        name = rng.choice(NAMES)
        _text(draw, (135 + index * 205, 365), name, (70, 70, 70), 26, "mm")
    draw.line((0, 405, SIZE[0], 405), fill=(225, 225, 225), width=2)
    _avatar(draw, (36, 430), 96, rng)
    _text(draw, (156, 462), rng.choice(NAMES), (15, 15, 15), 38)
    _text(draw, (156, 506), f"{rng.randrange(2, 59)} min", (120, 120, 120), 28)
    shown = _fitted(picture, SIZE[0], 1350)
    screen.paste(shown, ((SIZE[0] - shown.width) // 2, 550))
    y = 550 + shown.height + 60
    _buttons(draw, y, ink=(30, 30, 30))
    _text(draw, (40, y + 82), f"{rng.randrange(20, 9000):,} likes", (15, 15, 15), 36)
    _lines(draw, (40, y + 140), 2, rng, ink=(45, 45, 45))
    draw.rectangle((0, 2190, *SIZE), fill=(250, 250, 250))
    for index in range(5):
        x = 108 + index * 216
        draw.rounded_rectangle((x - 30, 2222, x + 30, 2282), 14, outline=(40, 40, 40), width=6)
    return screen


def viewer(picture: Image.Image, rng: random.Random) -> Image.Image:
    """A dark app: the picture in the middle, with margins, alone with its buttons."""
    screen = Image.new("RGB", SIZE, (12, 12, 14))
    draw = ImageDraw.Draw(screen)
    _status_bar(draw, rng, ink=(235, 235, 235))
    draw.line((50, 150, 100, 200), fill="white", width=7)
    draw.line((50, 200, 100, 150), fill="white", width=7)
    _avatar(draw, (150, 132), 88, rng)
    _text(draw, (262, 176), rng.choice(NAMES), "white", 40)
    draw.rounded_rectangle((830, 138, 1040, 214), 38, outline="white", width=4)
    _text(draw, (935, 176), "Follow", "white", 34, "mm")
    shown = _fitted(picture, SIZE[0] - 72, 1500)
    corners = Image.new("L", shown.size)
    ImageDraw.Draw(corners).rounded_rectangle((0, 0, *shown.size), 36, fill=255)
    screen.paste(shown, ((SIZE[0] - shown.width) // 2, (SIZE[1] - shown.height) // 2), corners)
    _lines(draw, (50, 1985), 3, rng, ink=(215, 215, 215))
    _buttons(draw, 2220, ink=(235, 235, 235))
    draw.rounded_rectangle((390, 2305, 690, 2315), 5, fill=(235, 235, 235))
    return screen


def _fitted(picture: Image.Image, width: int, height: int) -> Image.Image:
    """As wide as allowed, unless it would be too tall."""
    factor = min(width / picture.width, height / picture.height)
    size = (round(picture.width * factor), round(picture.height * factor))
    return picture.resize(size, Image.Resampling.LANCZOS)


def _status_bar(draw: ImageDraw.ImageDraw, rng: random.Random, ink: Colour) -> None:
    clock = f"{rng.randrange(24):02d}:{rng.randrange(60):02d}"
    _text(draw, (60, 48), clock, ink, 36)
    for index in range(4):
        x = 840 + index * 16
        draw.rectangle((x, 62 - 9 * (index + 1), x + 9, 62), fill=ink)
    draw.rounded_rectangle((940, 32, 1012, 64), 8, outline=ink, width=3)
    draw.rectangle((946, 38, 946 + rng.randrange(12, 60), 58), fill=ink)


def _avatar(
    draw: ImageDraw.ImageDraw, place: tuple[int, int], side: int, rng: random.Random
) -> None:
    x, y = place
    colour = tuple(rng.randrange(60, 230) for _ in range(3))
    draw.ellipse((x, y, x + side, y + side), fill=colour)
    letter = rng.choice("ABCDEFGHKLMNPRST")
    middle = (x + side / 2, y + side / 2)
    _text(draw, middle, letter, "white", side * 0.5, "mm")


def _buttons(draw: ImageDraw.ImageDraw, y: int, ink: Colour) -> None:
    """A heart, a balloon, an arrow, and a bookmark."""
    draw.polygon([(50, y - 8), (72, y - 24), (94, y - 8), (72, y + 26)], outline=ink, width=6)
    draw.ellipse((140, y - 26, 192, y + 24), outline=ink, width=6)
    draw.polygon([(236, y - 22), (292, y - 2), (236, y + 24), (250, y)], outline=ink, width=6)
    ribbon = [(990, y - 26), (1030, y - 26), (1030, y + 26), (1010, y + 8), (990, y + 26)]
    draw.polygon(ribbon, outline=ink, width=6)


def _lines(
    draw: ImageDraw.ImageDraw, place: tuple[int, int], count: int, rng: random.Random, ink: Colour
) -> None:
    for index in range(count):
        words = " ".join(rng.choice(WORDS) for _ in range(rng.randrange(6, 10)))
        spot = (place[0], place[1] + index * 52)
        _text(draw, spot, words, ink, 34)


def _text(
    draw: ImageDraw.ImageDraw, place: tuple[float, float], words: str, ink: Colour | str,
    size: float, anchor: str = "lm",
) -> None:  # fmt: skip
    draw.text(place, words, fill=ink, font=ImageFont.load_default(size), anchor=anchor)
