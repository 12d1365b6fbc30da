"""The hash of the whole picture: it is PDQ, and it holds what is promised of it."""

import io
from itertools import combinations

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageFilter

from provenance.matching import pdq
from provenance.matching.appearance import appearance_of
from provenance.matching.trimming import without_border
from tests.helpers import pictures

# Computed with Meta's own implementation (through pdqhash 0.2.8) of `surface(seed, size)`.
KNOWN = {
    (0, (64, 64)): ("923d04d3d37459ce03e15495a2b36c0f6d5b6c1b22a3569543e119ee1b6ee5d3", 100),
    (1, (333, 517)): ("07f03b6e24126493ee3bbb6ec7f10490d375069047f1bb6eee3b649364127417", 100),
    (2, (1024, 768)): ("54802a2a4b6956b59b6c39ce52a59ebc2c9a1ebcd2a5b9ce1b6c56b5cb692a2a", 100),
    (3, (100, 700)): ("000204f8163434162dfb736796b499cc349799cc96b47367effb34161634affa", 100),
}
CHANGES = {
    "jpeg 30": lambda p: Image.open(io.BytesIO(pictures.encoded(p, "JPEG", quality=30))),
    "webp 50": lambda p: Image.open(io.BytesIO(pictures.encoded(p, "WEBP", quality=50))),
    "half": lambda p: p.resize((p.width // 2, p.height // 2)),
    "larger": lambda p: p.resize((p.width * 2, p.height * 2)),
    "brighter": lambda p: ImageEnhance.Brightness(p).enhance(1.15),
    "more contrast": lambda p: ImageEnhance.Contrast(p).enhance(1.2),
    "blurred": lambda p: p.filter(ImageFilter.GaussianBlur(1)),
    "in palette": lambda p: p.quantize(128).convert("RGB"),
    "mirrored": lambda p: p.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    "turned": lambda p: p.transpose(Image.Transpose.ROTATE_90),
    "upside down": lambda p: p.transpose(Image.Transpose.ROTATE_180),
    "transposed": lambda p: p.transpose(Image.Transpose.TRANSPOSE),
    "framed": lambda p: framed(p, 60, "white"),
    "framed, JPEG": lambda p: Image.open(
        io.BytesIO(pictures.encoded(framed(p, 90, (30, 40, 90)), "JPEG", quality=50))
    ),
}


def surface(seed, size):
    """A smooth random surface, made of whole numbers only so that it is the same everywhere."""
    coarse = np.random.Generator(np.random.PCG64(seed)).integers(0, 256, (9, 9))
    rows = np.arange(size[1]) * 8 * 256 // size[1]
    columns = np.arange(size[0]) * 8 * 256 // size[0]
    y, x = rows[:, None] // 256, columns[None, :] // 256
    down, across = rows[:, None] % 256, columns[None, :] % 256
    above = coarse[y, x] * (256 - across) + coarse[y, x + 1] * across
    below = coarse[y + 1, x] * (256 - across) + coarse[y + 1, x + 1] * across
    return ((above * (256 - down) + below * down) // 65536).astype(np.uint8)


def framed(picture, width, colour):
    frame = Image.new("RGB", (picture.width + 2 * width, picture.height + 2 * width), colour)
    frame.paste(picture, (width, width))
    return frame


def luma(picture):
    return np.asarray(picture.convert("L"))


def near(one, other):
    variants = [variant.bits for variant in appearance_of(luma(other)).variants]
    return any(pdq.distance(pdq.hash_of(luma(one)).bits, bits) <= 31 for bits in variants)


@pytest.mark.parametrize(("seed", "size"), KNOWN)
def test_it_is_pdq(seed, size):
    expected, quality = KNOWN[seed, size]
    found = pdq.hash_of(surface(seed, size))
    assert (found.bits.hex(), found.quality) == (expected, quality)


def test_it_is_what_the_reference_computes():
    pdqhash = pytest.importorskip("pdqhash")
    for seed in range(12):
        grey = luma(pictures.picture(seed, (300 + 31 * seed, 240)))
        bits, quality = pdqhash.compute(np.repeat(grey[..., None], 3, axis=2))
        mine = pdq.hash_of(grey)
        assert (np.packbits(bits.astype(bool)).tobytes(), quality) == (mine.bits, mine.quality)


@pytest.mark.parametrize("change", CHANGES)
def test_the_same_picture_is_near_after(change):
    for seed in range(4):
        picture = pictures.picture(seed, (480, 360))
        assert near(picture, CHANGES[change](picture)), seed


def test_different_pictures_are_far_apart():
    hashes = [pdq.hash_of(luma(pictures.picture(seed, (320, 240)))).bits for seed in range(60)]
    assert min(pdq.distance(one, other) for one, other in combinations(hashes, 2)) > 60


@pytest.mark.parametrize(
    "picture",
    [
        Image.new("RGB", (300, 200), "skyblue"),
        Image.linear_gradient("L").convert("RGB"),
        Image.new("RGB", (1, 1)),
        Image.new("RGB", (1, 500)),
    ],
)
def test_a_featureless_picture_is_like_nothing(picture):
    assert appearance_of(luma(picture)).variants == ()


def test_only_an_even_border_is_taken_off():
    picture = Image.fromarray(surface(4, (400, 300)))
    assert without_border(luma(picture)) is None
    assert without_border(luma(framed(picture, 50, "black"))).shape == (300, 400)
    letterbox = Image.new("L", (400, 420), "white")
    letterbox.paste(picture, (0, 60))
    assert without_border(luma(letterbox)).shape == (300, 400)
    assert without_border(luma(Image.new("L", (400, 300), "white"))) is None
    assert without_border(luma(framed(picture.resize((40, 30)), 300, "white"))) is None
