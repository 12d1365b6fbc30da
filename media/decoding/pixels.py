"""What is computed from the pixels: their identity and their placeholder."""

import hashlib

import blurhash
from PIL import Image

from media.decoding.colour import flattened

STRIP_ROWS = 16  # stays in the processor's cache


def digest_of(picture: Image.Image) -> str:
    """SHA-256 over size and oriented RGBA8 pixels: equal pixels, equal digest, any format."""
    digest = hashlib.sha256(f"{picture.width}x{picture.height}\n".encode())
    for top in range(0, picture.height, STRIP_ROWS):
        bottom = min(top + STRIP_ROWS, picture.height)
        strip = picture.crop((0, top, picture.width, bottom))
        digest.update(strip.convert("RGBA").tobytes())
    return digest.hexdigest()


def placeholder(picture: Image.Image) -> str:
    """The blurhash, from a picture small enough for the pure Python encoder."""
    small = flattened(picture.resize((32, 32), Image.Resampling.BOX, reducing_gap=1.0))
    rows = [[small.getpixel((x, y)) for x in range(32)] for y in range(32)]
    made: str = blurhash.encode(rows, components_x=4, components_y=3)
    return made
