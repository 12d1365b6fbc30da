"""A worker may die anywhere: every job ends, is charged or refunded once, and makes one image.

Here every point is died at once, and every way of dying is tried; `./dev bench crash` tries all
points in all ways, and takes Redis, Postgres and the store away.
"""

import inspect

from tests.helpers import crashing
from tests.helpers.crash_matrix import mortal_stack
from tests.helpers.crashing import HOWS, POINTS

#: One point for each way that takes the whole worker along.
ALONE = {"worker": "stored", "terminate": "half way", "quit": "signed"}
TOGETHER = [(point, "child") for point in POINTS] + [("settled", "memory")]


def test_every_point_is_armed_and_every_way_tried():
    armed = inspect.getsource(crashing.arm)
    assert [point for point in POINTS if f'"{point}"' not in armed] == []
    assert {point for point, _ in TOGETHER} == set(POINTS)
    assert {how for _, how in TOGETHER} | set(ALONE) == set(HOWS)


def test_jobs_outlive_their_workers():
    with mortal_stack() as matrix:
        ended = matrix.die(TOGETHER)
        for how, point in ALONE.items():
            ended |= matrix.die([(point, how)])
        assert set(ended.values()) == {"succeeded"}, ended
        assert matrix.faults() == []
        died = matrix.query("SELECT count(*) FROM media_gen_generationjob WHERE attempt > 1")
        assert int(str(died[0][0])) >= len(POINTS) - 2, "most deaths cost an attempt"
