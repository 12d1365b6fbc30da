"""What people do to pictures, on brightness: uint8[height, width]."""

import io

import numpy as np
from PIL import Image, ImageDraw


def luma(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture.convert("L"))


def cropped(grey: np.ndarray, kept: float, across: float = 0.4, down: float = 0.7) -> np.ndarray:
    """`kept` of each side; `across` and `down` say where, 0 left or above, 1 right or below."""
    height, width = (round(side * kept) for side in grey.shape)
    top, left = round(down * (grey.shape[0] - height)), round(across * (grey.shape[1] - width))
    return np.ascontiguousarray(grey[top : top + height, left : left + width])


def resized(grey: np.ndarray, factor: float) -> np.ndarray:
    size = [round(side * factor) for side in grey.shape[::-1]]
    return np.asarray(Image.fromarray(grey).resize(size, Image.Resampling.BICUBIC))


def as_jpeg(grey: np.ndarray, quality: int) -> np.ndarray:
    file = io.BytesIO()
    Image.fromarray(grey).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))


def rotated(grey: np.ndarray, degrees: float) -> np.ndarray:
    turned = Image.fromarray(grey).rotate(
        degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255
    )
    return np.asarray(turned)


def brighter(grey: np.ndarray, levels: int) -> np.ndarray:
    return np.clip(grey.astype(int) + levels, 0, 255).astype(np.uint8)


def with_text_bar(grey: np.ndarray) -> np.ndarray:
    image = Image.fromarray(grey.copy())
    height, width = grey.shape
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, height * 0.8, width, height * 0.93), fill=20)
    draw.text((width * 0.1, height * 0.82), "LOOK AT THIS", fill=250, font_size=height * 0.08)
    return np.asarray(image)


def screenshot(grey: np.ndarray, user: str = "some_user") -> np.ndarray:
    """The picture as an app shows it on a telephone of 1080 by 2340 pixels."""
    screen = Image.new("L", (1080, 2340), 250)
    scale = min(1080 / grey.shape[1], 1500 / grey.shape[0])
    shown = Image.fromarray(resized(grey, scale))
    screen.paste(shown, ((1080 - shown.width) // 2, 280 + (1500 - shown.height) // 2))
    draw = ImageDraw.Draw(screen)
    draw.rectangle((0, 0, 1080, 80), fill=225)
    draw.text((40, 15), "12:34          LTE 87%", fill=20, font_size=48)
    draw.ellipse((40, 150, 140, 250), fill=120)
    draw.text((170, 160), user, fill=20, font_size=52)
    for place in range(4):
        draw.ellipse((80 + 130 * place, 1860, 160 + 130 * place, 1940), outline=30, width=5)
    for line, text in enumerate(
        ("Liked by anna and 1,204 others", "View all 83 comments", "Share")
    ):
        draw.text((60, 2000 + 80 * line), text, fill=20, font_size=48)
    return np.asarray(screen)


def pasted(grey: np.ndarray, other: np.ndarray, left: int, top: int) -> np.ndarray:
    """`other` on top of a copy."""
    result = grey.copy()
    result[top : top + other.shape[0], left : left + other.shape[1]] = other
    return result
