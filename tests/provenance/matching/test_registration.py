"""Where a picture lies in a work; and a shared logo, frame or screen does not make it the same."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from provenance.matching.registration import Judgement, register
from tests.helpers import attacks, pictures
from tests.helpers.attacks import luma

ATTACKS = {
    "jpeg 30": lambda p: attacks.as_jpeg(p, 30),
    "crop 20": lambda p: attacks.as_jpeg(attacks.cropped(p, 0.8), 80),
    "crop 35": lambda p: attacks.cropped(p, 0.65),
    "crop 50": lambda p: attacks.as_jpeg(attacks.cropped(p, 0.5), 75),
    "crop 50, left above": lambda p: attacks.cropped(p, 0.5, 0, 0),
    "turned by 90": np.rot90,
    "turned by 2": lambda p: attacks.rotated(p, 2),
    "turned by 5, cut": lambda p: attacks.cropped(attacks.rotated(p, 5), 0.8, 0.5, 0.5),
    "framed": lambda p: np.pad(p, 90, constant_values=255),
    "text bar": attacks.with_text_bar,
    "screenshot": lambda p: attacks.as_jpeg(attacks.screenshot(p), 60),
    "screenshot of a crop": lambda p: attacks.screenshot(attacks.cropped(p, 0.85)),
    "half size": lambda p: attacks.resized(p, 0.5),
    "quarter size": lambda p: attacks.resized(p, 0.25),
    "brighter": lambda p: attacks.brighter(p, 25),
    "darker": lambda p: attacks.brighter(p, -25),
    "crop, smaller, jpeg 60, brighter": lambda p: attacks.brighter(
        attacks.as_jpeg(attacks.resized(attacks.cropped(p, 0.8), 0.6), 60), 15
    ),
}


@pytest.fixture
def judged(asked, kept):
    def judged(picture, work):
        found = register(asked(picture), kept(work))
        return Judgement.OTHER if found is None else found.judgement

    return judged


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_work_is_known_in_it(attack, paintings, judged):
    for painting in paintings:
        picture = np.ascontiguousarray(ATTACKS[attack](painting))
        assert judged(picture, painting) is Judgement.SAME


def test_the_matrix_says_where_a_crop_was(paintings, asked, kept):
    work = paintings[1]
    crop = attacks.resized(attacks.cropped(work, 0.6, across=0.5, down=1), 0.8)
    found = register(asked(crop), kept(work))
    corners = np.array([[0, 0, 1], [crop.shape[1], crop.shape[0], 1]]) @ found.matrix.T
    height, width = work.shape
    expected = [[width * 0.2, height * 0.4], [width * 0.8, height]]
    assert np.abs(corners - expected).max() < 0.01 * width
    assert found.of_work == pytest.approx(0.36, abs=0.02)
    assert found.of_picture == pytest.approx(1, abs=0.05)


def test_it_is_the_same_every_time(paintings, asked, kept):
    crop, work = attacks.cropped(paintings[0], 0.5), kept(paintings[0])
    once, twice = register(asked(crop), work), register(asked(crop), work)
    assert np.array_equal(once.matrix, twice.matrix)
    assert (once.inliers, once.of_work) == (twice.inliers, twice.of_work)


def test_strangers_agree_on_no_place(paintings, asked, kept):
    works = [kept(painting) for painting in paintings]
    for place, painting in enumerate(paintings):
        others = works[:place] + works[place + 1 :]
        assert [register(asked(painting), other) for other in others] == [None, None]


def test_the_same_screen_around_other_pictures_is_not_the_same(paintings, judged, asked, kept):
    one, other = (attacks.screenshot(painting) for painting in paintings[:2])
    assert register(asked(one), kept(other)).inliers > 30
    assert judged(one, other) is not Judgement.SAME


def test_the_same_logo_on_other_pictures_is_not_the_same(paintings, judged, asked, kept):
    logo = attacks.resized(paintings[2], 0.3)
    one = attacks.pasted(paintings[0], logo, 20, 20)
    for left, top in ((20, 20), (400, 200)):
        other = attacks.pasted(paintings[1], logo, left, top)
        assert register(asked(other), kept(one)).inliers >= 8
        assert judged(other, one) is Judgement.OTHER


def test_the_same_frame_around_other_pictures_is_not_the_same(paintings, judged, asked, kept):
    one, other = (meme(painting) for painting in (paintings[0], paintings[2]))
    assert register(asked(one), kept(other)).inliers > 15
    assert judged(one, other) is not Judgement.SAME


def meme(grey):
    sheet = Image.new("L", (512, 760), 255)
    sheet.paste(Image.fromarray(grey), (0, 130))
    draw = ImageDraw.Draw(sheet)
    draw.text((30, 20), "WHEN IT IS FRIDAY", fill=0, font_size=44)
    draw.text((30, 70), "AND NOBODY TOLD YOU", fill=0, font_size=38)
    draw.text((30, 680), "more like this every day", fill=60, font_size=36)
    return np.asarray(sheet)


def test_featureless_pictures_are_like_none(asked, kept):
    flat, ramp = np.full((300, 300), 128, np.uint8), luma(Image.linear_gradient("L"))
    busy = luma(pictures.picture(1))
    assert {register(asked(a), kept(b)) for a in (flat, ramp) for b in (flat, ramp, busy)} == {None}
