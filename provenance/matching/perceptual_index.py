"""The index of whole pictures: exact search in Hamming space, in Postgres.

Two hashes of 256 bits that differ in at most 31 differ in at most one bit in at least one of their
sixteen bands of 16 bits (Norouzi, Punjani and Fleet, "Fast Exact Search in Hamming Space With
Multi-Index Hashing", 2014). So it is enough to look at the works that share a band, or a band but
for one bit: the first is quick, the second makes it sure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from django.db import connection

from provenance.matching import appearance, versions
from provenance.matching.appearance import Appearance, Variant
from provenance.matching.pdq import HASH_BITS, MAX_DISTANCE, MIN_QUALITY, Grey, Hash, distance
from provenance.models import BANDS, IndexAlgorithm, PerceptualHash, Record
from provenance.sightings import Find
from provenance.vocabulary import EvidenceKind

PDQ = IndexAlgorithm.PDQ
Described = Mapping[int, Appearance]
ONE_BIT = [1 << bit for bit in range(16)]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A work that looks the same. `distance` in bits; `turned`, `trimmed`: see Variant."""

    record_id: UUID
    distance: int
    turned: bool
    trimmed: bool

    def as_find(self) -> Find:
        """As detectors report what they found."""
        seen = {"distance": self.distance, "turned": self.turned, "trimmed": self.trimmed}
        return Find(self.record_id, EvidenceKind.PERCEPTUAL, HASH_BITS - self.distance, seen)


def newest() -> int:
    """The newest version of the hash that the code knows."""
    return max(appearance.VERSIONS)


def describe(luma: Grey) -> Described:
    """What a picture's brightness looks like, in all versions that are filled now and known to this
    code: while a new one is brought in, or taken back, processes differ."""
    known = (v for v in versions.filled(PDQ, newest()) if v in appearance.VERSIONS)
    return {version: appearance.VERSIONS[version](luma) for version in known}


def enter(record: Record, described: Described) -> None:
    """Store what `record` looks like, where it is not stored yet."""
    PerceptualHash.objects.bulk_create(
        [_row(record, version, looks.hash) for version, looks in described.items()],
        ignore_conflicts=True,
    )


def neighbours(described: Described, *, thorough: bool) -> list[Neighbour]:
    """Works that look like what was described, nearest first. Raises LookupError if the version in
    use is not one of those described.

    Quick: what shares a band with any of its guises, or a band but for one bit with the picture as
    it is. `thorough`: everything within MAX_DISTANCE of any guise.
    """
    version = versions.active(PDQ, newest())
    looked_for = described[version]
    if not looked_for.variants:
        return []
    found = _rows(version, looked_for, _probes(looked_for, thorough=thorough))
    near = [_neighbour(record_id, bits, looked_for.variants) for record_id, bits in found]
    return sorted(near, key=lambda each: (each.distance, each.record_id))


def near_hash_of(record: Record) -> list[Neighbour]:
    """Works whose stored hash is near the stored hash of `record`, nearest first."""
    version = versions.active(PDQ, newest())
    own = PerceptualHash.objects.filter(record=record, version=version).first()
    if own is None or own.quality < MIN_QUALITY:
        return []
    whole = Variant(int(own.bits, 2).to_bytes(BANDS * 2), turned=False, trimmed=False)
    looked_for = Appearance(Hash(whole.bits, own.quality), (whole,))
    found = _rows(version, looked_for, _probes(looked_for, thorough=True))
    near = [_neighbour(key, bits, looked_for.variants) for key, bits in found if key != record.pk]
    return sorted(near, key=lambda each: (each.distance, each.record_id))


def bands_of(bits: bytes) -> list[int]:
    """The sixteen bands of a hash, as signed numbers."""
    return [int(band) for band in np.frombuffer(bits, dtype=">i2")]


def _row(record: Record, version: int, of: Hash) -> PerceptualHash:
    bands = {f"m{place}": band for place, band in enumerate(bands_of(of.bits))}
    written = f"{int.from_bytes(of.bits):0{HASH_BITS}b}"
    return PerceptualHash(record=record, version=version, bits=written, quality=of.quality, **bands)


def _probes(looked_for: Appearance, *, thorough: bool) -> list[list[int]]:
    """For each band the values to look at."""
    probes: list[set[int]] = [set() for _ in range(BANDS)]
    for variant in looked_for.variants:
        widely = thorough or not (variant.turned or variant.trimmed)
        for values, band in zip(probes, np.frombuffer(variant.bits, dtype=">u2"), strict=True):
            values |= {int(band) ^ flip for flip in [0, *(ONE_BIT if widely else [])]}
    return [[value - 0x10000 if value >= 0x8000 else value for value in each] for each in probes]


def _rows(
    version: int, looked_for: Appearance, probes: list[list[int]]
) -> Iterable[tuple[UUID, bytes]]:
    """Key and hash of each work within MAX_DISTANCE of any variant, among those probed."""
    shares_a_band = " OR ".join(f"m{band} = ANY(%s::smallint[])" for band in range(BANDS))
    query = f"""
        SELECT record_id, bits::text FROM provenance_perceptualhash
        WHERE version = %s AND quality >= %s AND ({shares_a_band}) AND EXISTS (
            SELECT FROM unnest(%s::bit(256)[]) wanted WHERE bit_count(bits # wanted) <= %s)
    """  # noqa: S608  # the only names in it are our own columns
    wanted = [f"{int.from_bytes(each.bits):0{HASH_BITS}b}" for each in looked_for.variants]
    with connection.cursor() as cursor:
        cursor.execute(query, [version, MIN_QUALITY, *probes, wanted, MAX_DISTANCE])
        return [(key, int(bits, 2).to_bytes(BANDS * 2)) for key, bits in cursor.fetchall()]


def _neighbour(record_id: UUID, bits: bytes, variants: Iterable[Variant]) -> Neighbour:
    off, nearest = min(
        ((distance(variant.bits, bits), variant) for variant in variants),
        key=lambda pair: (pair[0], pair[1].turned, pair[1].trimmed),
    )
    return Neighbour(record_id, off, nearest.turned, nearest.trimmed)
