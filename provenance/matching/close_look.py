"""Looking closely at a picture: everything that may recognise it, however long it takes.

Seconds of processor time, so a worker does it; the answer to an upload has only what is quick.
"""

import numpy as np
from PIL import Image

from provenance.matching import perceptual_index
from provenance.matching.pdq import Grey
from provenance.sightings import Find

# What the hash of a whole picture is computed from; as at the door (media/services.py).
HASHED_SIDE = 512


def find(luma: Grey) -> list[Find]:
    """All works that are seen in a picture, given its brightness, height by width."""
    described = perceptual_index.describe(reduced(luma, HASHED_SIDE))
    return [each.as_find() for each in perceptual_index.neighbours(described, thorough=True)]


def reduced(luma: Grey, side: int) -> Grey:
    """The picture at most `side` pixels long."""
    height, width = luma.shape
    scale = side / max(height, width)
    if scale >= 1:
        return luma
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = Image.fromarray(luma).resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    return np.asarray(small)
