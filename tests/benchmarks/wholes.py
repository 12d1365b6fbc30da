"""The index of whole pictures among many: size, time of a search, and that nothing is missed."""

import random
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

QUESTIONS = 200
FLIPPED = (0, 16, 31)
# Seven turned guises, and eight more without a border.
GUISES = 15
CLUSTERED = 0.3
CLUSTER_BITS = 60
COPIED_AT_ONCE = 20_000


def measure(sizes: list[int]) -> None:
    """Fill the table of an empty database with random hashes, some of them in clusters, and look
    for such as differ in a few bits."""
    for size in sorted(sizes):
        print(f"\n{size:,} whole pictures", flush=True)
        sample = _fill(size)
        _sizes(size)
        for thorough in (False, True):
            for flipped in FLIPPED:
                _ask(sample, flipped, thorough=thorough)


def _fill(size: int) -> list[tuple[uuid.UUID, bytes]]:
    """Hashes of works that do not exist; some of them, with their keys."""
    from django.db import connection

    chance = np.random.Generator(np.random.PCG64(3))
    sample: list[tuple[uuid.UUID, bytes]] = []
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("TRUNCATE provenance_perceptualhash")
        cursor.execute(_WITHOUT_RECORDS)
        columns = ", ".join(f"m{band}" for band in range(16))
        copied = f"COPY provenance_perceptualhash (record_id, version, bits, quality, {columns})"
        with cursor.copy(f"{copied} FROM STDIN") as copy:
            for hashes in _hashes(size, chance):
                keys = [uuid.UUID(bytes=chance.bytes(16)) for _ in hashes]
                copy.write("".join(map(_line, keys, hashes)))
                sample += [(keys[0], hashes[0].tobytes())]
                sample += [(keys[-1], hashes[-1].tobytes())]
        cursor.execute("VACUUM ANALYZE provenance_perceptualhash")
    return sample


# In a database that is thrown away: a million records would only take time.
_WITHOUT_RECORDS = """
    DO $$ DECLARE name text; BEGIN
        FOR name IN SELECT conname FROM pg_constraint
            WHERE conrelid = 'provenance_perceptualhash'::regclass AND contype = 'f'
        LOOP EXECUTE 'ALTER TABLE provenance_perceptualhash DROP CONSTRAINT ' || name; END LOOP;
    END $$
"""


def _hashes(size: int, chance: np.random.Generator) -> Iterator[np.ndarray]:
    centres = chance.integers(0, 256, (300, 32), np.uint8)
    for start in range(0, size, COPIED_AT_ONCE):
        count = min(COPIED_AT_ONCE, size - start)
        hashes = chance.integers(0, 256, (count, 32), np.uint8)
        near = int(count * CLUSTERED)
        flips = chance.random((near, 256)) < CLUSTER_BITS / 256
        hashes[:near] = centres[chance.integers(0, 300, near)] ^ np.packbits(flips, axis=1)
        yield hashes


def _line(key: uuid.UUID, bits: np.ndarray) -> str:
    from provenance.matching.perceptual_index import bands_of

    written = f"{int.from_bytes(bits.tobytes()):0256b}"
    bands = "\t".join(map(str, bands_of(bits.tobytes())))
    return f"{key}\t1\t{written}\t100\t{bands}\n"


def _sizes(size: int) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT pg_total_relation_size('provenance_perceptualhash'),
                pg_indexes_size('provenance_perceptualhash')
        """)
        total, indexes = cursor.fetchone()
    print(f"  {total / size:,.0f} bytes a work, of these indexes {indexes / size:,.0f}")


def _ask(sample: list[tuple[uuid.UUID, bytes]], flipped: int, *, thorough: bool) -> None:
    from provenance.matching import perceptual_index
    from provenance.matching.appearance import Appearance, Variant
    from provenance.matching.pdq import Hash

    draw = random.Random(flipped)
    took, found = [], 0
    for key, bits in draw.choices(sample, k=QUESTIONS):
        number = int.from_bytes(bits)
        for place in draw.sample(range(256), flipped):
            number ^= 1 << place
        whole = Variant(number.to_bytes(32), turned=False, trimmed=False)
        others = [Variant(draw.randbytes(32), turned=True, trimmed=False) for _ in range(GUISES)]
        looks = {1: Appearance(Hash(whole.bits, 100), (whole, *others))}
        seconds, near = _timed(perceptual_index.neighbours, looks, thorough=thorough)
        took.append(seconds)
        found += key in {each.record_id for each in near}
    middle, high = (1000 * float(np.quantile(took, share)) for share in (0.5, 0.95))
    how = "every guise" if thorough else "at the door"
    print(
        f"  {how}, {flipped:>2} bits off: p50 {middle:6.1f} ms, p95 {high:6.1f} ms, "
        f"found {found} of {QUESTIONS}",
        flush=True,
    )


def _timed(search: Callable[..., Any], *given: Any, **options: Any) -> tuple[float, Any]:
    begin = time.perf_counter()
    answer = search(*given, **options)
    return time.perf_counter() - begin, answer
