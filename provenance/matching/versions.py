"""Which version of an index is asked, and which are filled.

The code may know several versions of an algorithm. A deployment begins with the newest; a newer
one that comes later is filled beside it (`manage.py reindex`) and then takes its place.
"""

from collections.abc import Iterable

from django.db import transaction

from provenance.models import IndexAlgorithm, IndexState, MatchingIndex


def active(algorithm: IndexAlgorithm, newest: int) -> int:
    """The version in which works are looked up; `newest` where there is none yet."""
    index, _ = MatchingIndex.objects.get_or_create(
        algorithm=algorithm,
        state=IndexState.ACTIVE,
        defaults={"version": newest},
    )
    return index.version


def filled(algorithm: IndexAlgorithm, newest: int) -> list[int]:
    """The versions into which new works are entered: the active one and those being built."""
    active(algorithm, newest)
    rows = MatchingIndex.objects.filter(algorithm=algorithm).exclude(state=IndexState.RETIRED)
    return sorted(rows.values_list("version", flat=True))


def begin(algorithm: IndexAlgorithm, version: int) -> None:
    """From now on new works enter this version too."""
    MatchingIndex.objects.update_or_create(
        algorithm=algorithm, version=version, defaults={"state": IndexState.BUILDING}
    )


@transaction.atomic
def activate(algorithm: IndexAlgorithm, version: int) -> None:
    """From now on works are looked up in this version; the one before is retired."""
    others = MatchingIndex.objects.select_for_update().filter(algorithm=algorithm)
    others.filter(state=IndexState.ACTIVE).exclude(version=version).update(state=IndexState.RETIRED)
    others.filter(version=version).update(state=IndexState.ACTIVE)


def retired(algorithm: IndexAlgorithm) -> Iterable[int]:
    """Versions that nobody asks any more, and whose rows may go."""
    rows = MatchingIndex.objects.filter(algorithm=algorithm, state=IndexState.RETIRED)
    return list(rows.values_list("version", flat=True))
