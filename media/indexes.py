"""The indexes that works are recognised by, as far as filling them anew is concerned."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from provenance import close_look
from provenance.matching import appearance, feature_index, perceptual_index
from provenance.matching.pdq import Grey
from provenance.models import (
    FeatureSet,
    FeatureWord,
    IndexAlgorithm,
    LineageEdge,
    PerceptualHash,
    Record,
    Resemblance,
)
from provenance.precedence import second_hand
from provenance.vocabulary import Flag
from safety.models import BannedImage


@dataclass(frozen=True, slots=True)
class Index:
    """`side`: how long the brightness must be that `enter` is given. `belonging`: which records
    should be in it; `entered`: those that are, in a version; `forget` empties a version."""

    algorithm: IndexAlgorithm
    newest: Callable[[], int]
    side: int
    belonging: Callable[[], QuerySet[Record]]
    entered: Callable[[int], QuerySet[PerceptualHash] | QuerySet[FeatureSet]]
    enter: Callable[[Record, Grey, int], None]
    forget: Callable[[int], None]

    def lacking(self, version: int) -> QuerySet[Record]:
        """Records that belong into the index and are not in this version of it."""
        entered = self.entered(version).filter(record=OuterRef("pk"))
        return self.belonging().filter(~Exists(entered))


def _enter_whole(record: Record, luma: Grey, version: int) -> None:
    perceptual_index.enter(record, {version: appearance.VERSIONS[version](luma)})


def _forget_wholes(version: int) -> None:
    PerceptualHash.objects.filter(version=version).delete()


def _enter_parts(record: Record, luma: Grey, version: int) -> None:
    feature_index.enter(record, {version: feature_index.VERSIONS[version](luma)})


def _forget_parts(version: int) -> None:
    FeatureWord.objects.filter(version=version).delete()
    FeatureSet.objects.filter(version=version).delete()


def _protected() -> QuerySet[Record]:
    """Works that are a machine's, what such were made of or look like, and what is banned."""
    edges = LineageEdge.objects.exclude(relation=LineageEdge.Relation.INSPIRED_BY)
    went_into = edges.filter(parent=OuterRef("pk"), child__flag=Flag.AI)
    seen_in = Resemblance.objects.filter(source=OuterRef("pk"), record__flag=Flag.AI)
    banned = BannedImage.objects.filter(record=OuterRef("pk"), lifted_at=None)
    works = Q(flag=Flag.AI) & ~second_hand()
    kin = Q(Exists(went_into)) | Q(Exists(seen_in))
    return Record.objects.filter(works | kin | Q(Exists(banned)))


INDEXES = (
    Index(
        algorithm=IndexAlgorithm.PDQ,
        newest=perceptual_index.newest,
        side=appearance.SIDE,
        belonging=Record.objects.all,
        entered=lambda version: PerceptualHash.objects.filter(version=version),
        enter=_enter_whole,
        forget=_forget_wholes,
    ),
    Index(
        algorithm=IndexAlgorithm.ORB,
        newest=feature_index.newest,
        side=close_look.SIDE,
        belonging=_protected,
        entered=lambda version: FeatureSet.objects.filter(version=version),
        enter=_enter_parts,
        forget=_forget_parts,
    ),
)
