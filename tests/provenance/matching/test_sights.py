"""Which of the works that are seen in a picture it shows."""

import numpy as np

from provenance.matching.registration import Registration
from provenance.matching.sights import Sight, shown


def sight(work, *, of_work, of_picture, found=0.8):
    registration = Registration(
        inliers=60,
        matrix=np.eye(2, 3),
        of_work=of_work,
        of_picture=of_picture,
        visible=1.0,
        covered=max(of_picture, 0.5),
        found=found,
    )
    return Sight(work, registration, mirrored=False)


def names(*sights):
    return [each.work for each in shown(sights)]


def test_what_is_all_of_the_picture_is_what_it_shows():
    """And not what has the same window frame."""
    work = sight("work", of_work=0.25, of_picture=1.0)
    assert names(work, sight("same frame", of_work=0.22, of_picture=0.88)) == ["work"]


def test_its_very_likeness_is_shown_as_well():
    work = sight("work", of_work=0.25, of_picture=1.0)
    assert names(work, sight("likeness", of_work=0.25, of_picture=0.97)) == ["work", "likeness"]


def test_pictures_beside_each_other_are_both_shown():
    larger, smaller = (sight(n, of_work=1.0, of_picture=n) for n in (0.6, 0.3))
    assert names(larger, smaller) == [0.6, 0.3]


def test_what_is_unsure_is_not_shown():
    assert names(sight("other", of_work=0.25, of_picture=1.0, found=0.1)) == []
