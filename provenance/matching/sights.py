"""Which works a picture shows, whole or in part: the best by votes, each laid over it. Pure."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from provenance.matching import features
from provenance.matching.features import Features, Luma
from provenance.matching.registration import (
    Judgement,
    Matrix,
    Question,
    Registration,
    Source,
    register,
)
from provenance.matching.words import Candidate

Key = TypeVar("Key")
# A work that agrees with so much of a picture is what it shows; another one that agrees with less
# of it has the same window frame in it, or the same sky.
EXPLAINS_ALL = 0.95
CLEARLY_LESS = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Sight(Generic[Key]):
    """A work that is seen in a picture, maybe `mirrored`: then it was registered from the mirror
    image."""

    work: Key
    registration: Registration
    mirrored: bool

    @property
    def sure(self) -> bool:
        """Whether it is the same picture, or a part of it."""
        return self.registration.judgement is Judgement.SAME

    def placement(self, width: int) -> Matrix:
        """float64[2, 3], from the pixels of the picture, `width` wide, to those of the work."""
        matrix = self.registration.matrix.copy()
        if self.mirrored:
            matrix[:, 2] += matrix[:, 0] * (width - 1)
            matrix[:, 0] *= -1
        return matrix


def seen_in(
    luma: Luma,
    candidates: Callable[[Features], Sequence[Candidate]],
    load: Callable[[Collection[int]], Mapping[int, tuple[Key, Source]]],
) -> list[Sight[Key]]:
    """The works that a picture (uint8[height, width]) shows, the surest first.

    `candidates` names those with the most votes, `load` gives what is kept of them. It is always
    looked at mirrored as well: something else may have been put beside what was mirrored.
    """
    sights: list[Sight[Key]] = []
    for mirrored in (False, True):
        picture = features.mirrored(luma) if mirrored else luma
        question = Question(picture, features.of_question(picture))
        found = load([candidate.number for candidate in candidates(question.features)])
        for work, source in found.values():
            registration = register(question, source)
            if registration is not None and registration.judgement is not Judgement.OTHER:
                sights.append(Sight(work, registration, mirrored))
    return sorted(sights, key=lambda sight: sight.registration.certainty, reverse=True)


def shown(sights: Sequence[Sight[Key]]) -> list[Sight[Key]]:
    """Those of the works seen in a picture that it surely shows, in their order."""
    sure = [sight for sight in sights if sight.sure]
    explained = max((sight.registration.of_picture for sight in sure), default=0.0)
    if explained < EXPLAINS_ALL:
        return sure
    return [s for s in sure if s.registration.of_picture >= explained - CLEARLY_LESS]
