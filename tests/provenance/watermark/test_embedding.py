"""What the mark costs a picture: bounded by construction, whatever the picture."""

import numpy as np
import pytest

from provenance.marks.watermark.embedding import embed
from provenance.marks.watermark.quality import Reference, luma, psnr
from tests.provenance.watermark.pictures import KEY, NUMBER, painted

NOISE = np.random.default_rng(3).integers(0, 256, (192, 320, 3), np.uint8)
RAMP = np.repeat(np.linspace(0, 255, 300).astype(np.uint8)[None, :, None], 260, 0).repeat(3, 2)
PICTURES = {
    "fog": lambda: painted("fog"),
    "city": lambda: painted("city"),
    "noise": lambda: NOISE,
    "ramp": lambda: RAMP,
    "smallest": lambda: NOISE[:64, :64],
    **{
        f"flat {level}": lambda level=level: np.full((300, 280, 3), level, np.uint8)
        for level in (0, 3, 128, 252, 255)
    },
}


@pytest.mark.parametrize("name", PICTURES)
def test_no_picture_is_changed_visibly(name):
    picture = PICTURES[name]()
    marked = embed(picture, NUMBER, KEY)
    assert marked.dtype == np.uint8
    assert not np.array_equal(marked, picture)
    assert psnr(picture, marked) >= 41.3
    assert Reference(luma(picture)).ssim(luma(marked)) >= 0.981


def test_colours_stay():
    picture = painted("city").clip(40, 215)
    change = embed(picture, NUMBER, KEY).astype(int) - picture
    assert np.array_equal(change[..., 0], change[..., 1])
    assert np.array_equal(change[..., 0], change[..., 2])


def test_too_small_a_picture_is_refused():
    with pytest.raises(ValueError, match="64 pixels"):
        embed(NOISE[:63], NUMBER, KEY)
