"""Painted pictures, made once, and what is known of them."""

import numpy as np
import pytest

from media_gen.backends.procedural.painter import paint
from provenance.matching import features, pdq
from provenance.matching.registration import Question, Source
from tests.helpers import pictures
from tests.helpers.attacks import luma

PROMPTS = (
    "a castle on a hill, moonlit night, woodcut",
    "a poppy field in summer, watercolor",
    "cherry blossom garden in spring",
)


@pytest.fixture(scope="session")
def paintings():
    """The brightness of three that have features everywhere."""
    sizes = ((512, 512), (640, 448), (512, 512))
    return [
        luma(paint(prompt, seed=5, width=width, height=height))
        for prompt, (width, height) in zip(PROMPTS, sizes, strict=True)
    ]


@pytest.fixture(scope="session")
def kept():
    """What is kept of a work, from its brightness."""

    def kept(grey):
        grid = np.clip(np.round(pdq.grid_of(grey)), 0, 255).astype(np.uint8)
        return Source(features.of_work(grey), grid, width=grey.shape[1], height=grey.shape[0])

    return kept


@pytest.fixture(scope="session")
def asked():
    """A picture that is looked for, from its brightness."""
    return lambda grey: Question(grey, features.of_question(grey))


@pytest.fixture(scope="session")
def sources(paintings, kept):
    """What is kept of fifty works, the paintings last."""
    others = [luma(pictures.picture(seed)) for seed in range(50 - len(paintings))]
    return [kept(grey) for grey in [*others, *paintings]]
