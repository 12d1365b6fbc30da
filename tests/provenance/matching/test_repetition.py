"""Seamless patterns: their hash tells the raster, so nothing is looked for by it."""

import random

import numpy as np
import pytest
from PIL import Image, ImageDraw

from provenance.matching import pdq
from provenance.matching.appearance import appearance_of
from provenance.matching.repetition import repeats
from tests.benchmarks.laundering import drawn
from tests.helpers.pictures import picture

SIDE = 512


def luma(image):
    return np.asarray(image.convert("L").resize((SIDE, SIDE)))


def pattern(period, seed=3):
    draw = random.Random(seed)
    tile = Image.new("L", (period, period), 40)
    for shade in (230, 120, 180):
        x, y = draw.randrange(period // 2), draw.randrange(period // 2)
        ImageDraw.Draw(tile).ellipse((x, y, x + period // 3, y + period // 2), fill=shade)
    sheet = Image.new("L", (SIDE, SIDE))
    for x in range(0, SIDE, period):
        for y in range(0, SIDE, period):
            sheet.paste(tile, (x, y))
    return sheet


@pytest.mark.parametrize("period", [40, 51, 64, 100, 128, 170])
def test_a_pattern_repeats_at_any_period(period):
    assert repeats(pdq.grid_of(np.asarray(pattern(period))))
    assert appearance_of(np.asarray(pattern(period))).variants == ()


def test_other_patterns_of_the_same_raster_have_nearly_the_same_hash():
    """Which is why they must not be looked for by it."""
    one, other = (luma(drawn.tiling(random.Random(key))) for key in ("tiling 1 of 1", "tiling 8"))
    hashes = [pdq.hash_of(each) for each in (one, other)]
    assert all(each.telling for each in hashes)
    guises = pdq.variants_of(pdq.grid_of(one))
    nearest = min(pdq.distance(guise, hashes[1].bits) for guise in guises)
    assert nearest <= pdq.MAX_DISTANCE
    assert appearance_of(one).variants == appearance_of(other).variants == ()


@pytest.mark.parametrize(
    "image",
    [
        picture(5, (SIDE, SIDE)),
        Image.linear_gradient("L"),
        Image.radial_gradient("L"),
        Image.effect_noise((SIDE, SIDE), 60),
        drawn.text_page(random.Random(1)),
        drawn.halftone(random.Random(1)),
        Image.new("L", (SIDE, SIDE), 90),
    ],
)
def test_other_pictures_do_not(image):
    assert not repeats(pdq.grid_of(luma(image)))


def test_stripes_repeat_one_way_only():
    rows = np.where(np.arange(SIDE) // 32 % 2, 200, 40)[:, None] + np.linspace(0, 50, SIDE)
    assert not repeats(pdq.grid_of(rows.astype(np.uint8)))


def test_a_pattern_within_a_border_is_not_looked_for_either():
    framed = Image.new("L", (SIDE + 120, SIDE + 120), 255)
    framed.paste(pattern(64), (60, 60))
    assert all(not variant.trimmed for variant in appearance_of(np.asarray(framed)).variants)
