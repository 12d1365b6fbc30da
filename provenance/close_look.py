"""Looking closely at a picture: everything that may recognise it, however long it takes.

Seconds of processor time, so a worker does it; the answer to an upload has only what is quick.
"""

from collections.abc import Sequence
from uuid import UUID

import numpy as np
from PIL import Image

from provenance.marks import watermarks
from provenance.matching import appearance, feature_index, perceptual_index
from provenance.matching.pdq import Grey
from provenance.matching.sights import Sight, shown
from provenance.models import Record
from provenance.sightings import Find
from provenance.vocabulary import EvidenceKind

# How long the brightness is that is looked at, and that works are described by: enough for a
# picture that was scaled down within a larger one, and not too much to search.
SIDE = 2048


def find(luma: Grey) -> list[Find]:
    """All works that are seen in a picture, given its brightness, height by width.

    What its features suggest without being sure of it helps to read the mark, and no more. Raises
    CannotMark if the keys of the mark are broken.
    """
    small = reduced(luma, appearance.SIDE)
    wholes = perceptual_index.neighbours(perceptual_index.describe(small), thorough=True)
    sights = feature_index.seen_in(luma)
    marked = watermarks.recognise(
        luma,
        placements=[sight.placement(luma.shape[1]) for sight in sights],
        suspects=[*(sight.work for sight in sights), *(whole.record_id for whole in wholes)],
    )
    return [*(whole.as_find() for whole in wholes), *_parts(sights), *marked]


def enter(record: Record, luma: Grey) -> None:
    """Enter a work, given its brightness, into the index of whole pictures, if it is not there."""
    perceptual_index.enter(record, perceptual_index.describe(reduced(luma, appearance.SIDE)))


def protect(record: Record, luma: Grey) -> None:
    """Let a work be recognised by its parts from now on, given its brightness."""
    feature_index.enter(record, feature_index.describe(luma))


def reduced(luma: Grey, side: int) -> Grey:
    """The picture at most `side` pixels long."""
    height, width = luma.shape
    scale = side / max(height, width)
    if scale >= 1:
        return luma
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = Image.fromarray(luma).resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    return np.asarray(small)


def _parts(sights: Sequence[Sight[UUID]]) -> list[Find]:
    return [
        Find(
            sight.work,
            EvidenceKind.FEATURES,
            sight.registration.inliers,
            {
                "points": sight.registration.inliers,
                "of_work": round(sight.registration.of_work, 2),
                "of_picture": round(sight.registration.of_picture, 2),
                "mirrored": sight.mirrored,
            },
        )
        for sight in shown(sights)
    ]
