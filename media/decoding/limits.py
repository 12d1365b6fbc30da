"""What is accepted, and how the rest is refused. Known to both sides; imports nothing."""

MAX_PIXELS = 50_000_000
MAX_SIDE = 16_383  # WebP has no more
# libwebp holds a picture several times over while it reads or writes it, so its pictures are
# smaller: those that are taken in, and those that are made (a larger one is served as JPEG).
MAX_WEBP_PIXELS = 24_000_000
# Its writer takes up to 40 bytes per pixel for transparency that is noise; a larger file is
# written on white.
MAX_TRANSPARENT_PIXELS = 4_000_000
# libjpeg keeps two bytes of each component of a progressive picture until the end, and says only
# that the file is broken when it gets no memory.
MAX_PROGRESSIVE_BYTES = 500_000_000
MAX_FRAMES = 300
MAX_PIXELS_OF_ALL_FRAMES = 200_000_000

MAX_TEXT = 64 * 1024
MAX_KNOWN_TEXT = 1024 * 1024
MAX_ENTRIES = 64
MAX_PARTS = 100_000  # chunks, segments or blocks that are looked at in one file


class Refused(Exception):
    """The file is not accepted. `code` is stable and for programs."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def too_many_pixels() -> Refused:
    return Refused(
        "too_many_pixels",
        "An image may have at most 50 megapixels (WebP: 24) and 16,383 pixels a side.",
    )


def too_costly() -> Refused:
    return Refused("too_costly", "The image needs too much memory.")
