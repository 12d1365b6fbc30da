"""Whatever happens in whatever order, everybody sees what they may see, and nothing else."""

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.privacy.leaks import LEAKS, planted
from tests.privacy.machine import Community, steps

STEPS = 2000


# In halves, so that two processes share them.
@pytest.mark.parametrize("half", [1, 2])
@pytest.mark.django_db
def test_everybody_sees_what_they_may_see_and_nothing_else(half):
    phases = [Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink]
    run_state_machine_as_test(Community, settings=settings(steps(STEPS // 2), phases=phases))


@pytest.mark.parametrize("name", LEAKS)
def test_leaks_can_still_be_planted(name):
    """That each is found takes minutes: ./dev bench privacy."""
    with planted(LEAKS[name]):
        pass
