"""Local features: the same every time, everywhere in the picture, and none of nothing."""

import numpy as np
import pytest

from provenance.matching import features
from provenance.matching.features import Features
from tests.helpers import pictures
from tests.helpers.attacks import luma, resized


def test_the_same_picture_has_the_same_features(paintings):
    once, twice = features.of_work(paintings[0]), features.of_work(paintings[0].copy())
    assert np.array_equal(once.points, twice.points)
    assert np.array_equal(once.descriptors, twice.descriptors)
    assert len(once) == features.STORED


def test_they_survive_storing_unchanged(paintings):
    found = features.of_question(paintings[1])
    points, descriptors = found.points_to_bytes(), found.descriptors_to_bytes()
    assert (len(points), len(descriptors)) == (8 * len(found), 32 * len(found))
    again = Features.from_bytes(points, descriptors)
    assert np.array_equal(again.points, found.points)
    assert np.array_equal(again.descriptors, found.descriptors)


def test_points_without_their_descriptors_are_refused():
    with pytest.raises(ValueError, match="2 points, but 1 descriptors"):
        Features.from_bytes(bytes(16), bytes(32))


def test_places_and_sizes_do_not_depend_on_the_resolution(paintings):
    large, small = (features.of_work(resized(paintings[0], scale)).points for scale in (2, 1))
    apart = np.abs(large[:, None, :3] - small[:, :3]).max(axis=2).min(axis=1)
    assert np.mean(apart < 0.005) > 0.7
    assert small.min() >= 0
    assert small.max() < 1


def test_each_quarter_of_a_picture_keeps_its_share(paintings):
    for painting in paintings:
        points = features.of_work(painting).points
        middle = np.array(painting.shape[::-1]) / max(painting.shape) / 2
        right, below = (points[:, :2] > middle).T
        shares = [np.sum((right == x) & (below == y)) for x in (0, 1) for y in (0, 1)]
        assert min(shares) >= features.STORED / 10


def test_a_question_has_more_points_than_a_work(paintings):
    assert features.STORED < len(features.of_question(paintings[0])) <= features.ASKED


def test_faint_texture_is_no_feature():
    """All generated pictures carry the same watermark, of about so many grey levels."""
    ramp = np.linspace(40, 200, 600)[:, None] + np.zeros((1, 800))
    chips = np.random.Generator(np.random.PCG64(1)).choice([-4, 4], (150, 200))
    marked = (ramp + np.kron(chips, np.ones((4, 4)))).astype(np.uint8)
    assert len(features.of_work(marked)) == 0
    assert len(features.of_question(marked)) == 0


@pytest.mark.parametrize("size", [(1, 1), (2000, 3), (3, 2000), (31, 31), (4000, 40)])
def test_no_shape_is_too_odd(size):
    grey = luma(pictures.picture(1, size))
    assert len(features.of_work(grey)) <= features.STORED
    assert len(features.of_question(grey)) <= features.ASKED


def test_a_picture_mirrored_twice_is_itself(paintings):
    assert np.array_equal(features.mirrored(features.mirrored(paintings[0])), paintings[0])
