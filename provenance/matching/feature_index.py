"""The index of works by their parts: features, and an inverted file of their words, in Postgres.

A question reads the lists of all words that it looks under, counts votes in numpy and compares the
picture with the ten best works. Works are numbered by their feature sets.
"""

from collections.abc import Callable, Collection, Mapping
from typing import LiteralString
from uuid import UUID

import numpy as np
import psycopg
from django.db import connection, transaction

from provenance.matching import features, pdq, sights, versions
from provenance.matching.features import Features, Luma
from provenance.matching.registration import Source, source_of
from provenance.matching.sights import Sight
from provenance.matching.words import POSTING, Candidate, Count, postings_of
from provenance.models import FeatureSet, IndexAlgorithm, Record

ORB = IndexAlgorithm.ORB
# As many works are compared with a question at most.
COMPARED = 10
# A list does not grow beyond so many postings: what is that common says little, and a list is
# written anew whenever something is appended to it.
MAX_POSTINGS = 4096
# Words that are read at once; it bounds the memory that a question needs.
READ_AT_ONCE = 4000

_APPEND: LiteralString = """
    INSERT INTO provenance_featureword (version, word, postings)
    SELECT %s, word, postings FROM unnest(%s::int[], %s::bytea[]) AS fresh (word, postings)
    ORDER BY word
    ON CONFLICT (version, word) DO UPDATE
    SET postings = provenance_featureword.postings || EXCLUDED.postings
    WHERE octet_length(provenance_featureword.postings) < %s
"""
_READ: LiteralString = """
    SELECT word, postings FROM provenance_featureword WHERE version = %s AND word = ANY(%s)
"""

Described = Mapping[int, Source]


def newest() -> int:
    """The newest version of the features that the code knows."""
    return max(VERSIONS)


def describe(luma: Luma) -> Described:
    """What is kept of a picture's brightness, in all versions that are filled now."""
    known = (version for version in versions.filled(ORB, newest()) if version in VERSIONS)
    return {version: VERSIONS[version](luma) for version in known}


@transaction.atomic
def enter(record: Record, described: Described) -> None:
    """Make `record` findable by its parts, where it is not yet.

    One work in a transaction: lists are locked in ascending order, so that writers of one work each
    wait for each other, but never in a circle.
    """
    for version, source in described.items():
        kept, created = FeatureSet.objects.get_or_create(
            record=record,
            version=version,
            defaults={
                "width": source.width,
                "height": source.height,
                "points": source.features.points_to_bytes(),
                "descriptors": source.features.descriptors_to_bytes(),
                "grid": source.grid.tobytes(),
            },
        )
        if created:
            _append(version, postings_of(source.features, kept.pk))


def candidates(question: Features) -> list[Candidate]:
    """The works that may be seen in a picture with these points, best first."""
    count = Count(question)
    words = count.words.tolist()
    version = versions.active(ORB, newest())
    connection.ensure_connection()
    with psycopg.Cursor(connection.connection) as cursor:
        for start in range(0, len(words), READ_AT_ONCE):
            part = words[start : start + READ_AT_ONCE]
            rows = cursor.execute(_READ, (version, part), binary=True).fetchall()
            count.see([word for word, _ in rows], [postings for _, postings in rows])
    return count.candidates(COMPARED)


def load(numbers: Collection[int]) -> dict[int, tuple[UUID, Source]]:
    """The works of these numbers: their records, and what is kept of them."""
    rows = FeatureSet.objects.filter(pk__in=numbers)
    return {row.pk: (row.record_id, _source(row)) for row in rows}


def seen_in(luma: Luma) -> list[Sight[UUID]]:
    """The works that a picture shows, whole or in part, by their records; the surest first."""
    return sights.seen_in(luma, candidates, load)


def _append(version: int, postings: Mapping[int, bytes]) -> None:
    with connection.cursor() as cursor:
        limit = MAX_POSTINGS * POSTING.itemsize
        cursor.execute(_APPEND, [version, [*postings], [*postings.values()], limit])


def _source(row: FeatureSet) -> Source:
    grid = np.frombuffer(row.grid, np.uint8).reshape(pdq.SIDE, pdq.SIDE)
    kept = Features.from_bytes(bytes(row.points), bytes(row.descriptors))
    return Source(kept, grid, width=row.width, height=row.height)


# All versions that the code knows; a deployment asks one of them (provenance/matching/versions.py).
VERSIONS: dict[int, Callable[[Luma], Source]] = {features.VERSION: source_of}
