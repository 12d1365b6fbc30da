"""The index of whole pictures finds all that is near enough, and nothing else."""

import random

import numpy as np
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provenance.matching import perceptual_index, versions
from provenance.matching.appearance import Appearance, Variant
from provenance.matching.pdq import MAX_DISTANCE, Hash
from provenance.models import IndexAlgorithm, PerceptualHash, Record
from tests.helpers import pictures

pytestmark = pytest.mark.django_db


def looks_like(*variants, quality=100):
    """An appearance of these hashes; the first is the picture as it is, the others are turned."""
    guises = [Variant(bits, turned=place > 0, trimmed=False) for place, bits in enumerate(variants)]
    return {1: Appearance(Hash(variants[0], quality), tuple(guises))}


def flipped(bits, places):
    number = int.from_bytes(bits)
    for place in places:
        number ^= 1 << place
    return number.to_bytes(32)


def entered(bits, **options):
    record = Record.objects.create()
    perceptual_index.enter(record, looks_like(bits, **options))
    return record


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(bits=st.binary(min_size=32, max_size=32), data=st.data())
def test_whatever_is_near_enough_is_found(bits, data):
    """By the pigeonhole: of 31 differing bits some of sixteen bands has at most one."""
    PerceptualHash.objects.all().delete()
    record = entered(bits)
    places = data.draw(st.sets(st.integers(0, 255), max_size=MAX_DISTANCE))
    seen = looks_like(flipped(bits, places))
    for thorough in (True, False):
        near = perceptual_index.neighbours(seen, thorough=thorough)
        assert [(each.record_id, each.distance) for each in near] == [(record.pk, len(places))]


def test_a_turned_guise_is_found_at_once_if_a_band_is_the_same_and_else_thoroughly():
    bits, other = random.Random(1).randbytes(32), random.Random(2).randbytes(32)
    record = entered(bits)
    one_band_left = flipped(bits, [17 * band % 16 + 16 * band for band in range(15)])
    every_band_changed = flipped(bits, [16 * band + 3 for band in range(16)])
    for guise, quickly in ((one_band_left, [record.pk]), (every_band_changed, [])):
        seen = looks_like(other, guise)
        assert [n.record_id for n in perceptual_index.neighbours(seen, thorough=False)] == quickly
        (found,) = perceptual_index.neighbours(seen, thorough=True)
        assert (found.record_id, found.turned) == (record.pk, True)


def test_one_bit_too_many_is_too_far():
    bits = random.Random(3).randbytes(32)
    entered(bits)
    assert not perceptual_index.neighbours(looks_like(flipped(bits, range(32))), thorough=True)


def test_the_nearest_comes_first_and_the_earliest_among_equals():
    bits = random.Random(4).randbytes(32)
    far, near, also_near = (entered(flipped(bits, range(n))) for n in (9, 2, 2))
    found = perceptual_index.neighbours(looks_like(bits), thorough=False)
    assert [each.record_id for each in found] == [near.pk, also_near.pk, far.pk]


def test_a_featureless_work_is_never_found():
    bits = random.Random(5).randbytes(32)
    entered(bits, quality=49)
    assert not perceptual_index.neighbours(looks_like(bits), thorough=True)


def test_a_stored_hash_finds_its_neighbours_and_not_itself():
    bits = random.Random(6).randbytes(32)
    one, other = entered(bits), entered(flipped(bits, range(20)))
    assert [n.record_id for n in perceptual_index.near_hash_of(one)] == [other.pk]
    assert perceptual_index.near_hash_of(Record.objects.create()) == []


def test_the_bands_are_the_bits():
    bits = bytes(range(32))
    row = PerceptualHash.objects.get(record=entered(bits))
    bands = np.array([getattr(row, f"m{band}") for band in range(16)], dtype=">i2")
    assert bands.tobytes() == bits == int(row.bits, 2).to_bytes(32)


def test_large_indexes_are_searched_by_their_bands():
    """Not row after row: with many works every search would take seconds."""
    query = "SELECT record_id FROM provenance_perceptualhash WHERE version = 1 AND m3 = ANY('{5}')"
    rng = random.Random(3)
    for _ in range(60):
        entered(rng.randbytes(32))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE provenance_perceptualhash")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {query}")
        assert "perceptual_band_3" in str(cursor.fetchall())


def test_a_new_version_is_filled_beside_the_old_one_and_then_asked():
    pdq = IndexAlgorithm.PDQ
    assert versions.active(pdq, 1) == 1
    versions.begin(pdq, 2)
    assert versions.active(pdq, 2) == 1
    assert versions.filled(pdq, 2) == [1, 2]
    versions.activate(pdq, 2)
    assert versions.active(pdq, 2) == 2
    assert (versions.filled(pdq, 2), versions.retired(pdq)) == ([2], [1])


def test_a_deployment_begins_with_the_newest_version():
    assert versions.active(IndexAlgorithm.ORB, 7) == 7


def test_what_is_described_is_what_is_stored(author, upload):
    upload(author, data=pictures.jpeg(3))
    described = perceptual_index.describe(np.asarray(pictures.picture(3).convert("L")))
    (found,) = perceptual_index.neighbours(described, thorough=False)
    assert found.distance <= 6
