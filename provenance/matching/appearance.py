"""What a whole picture looks like: its hash, and those by which it is looked for. Pure."""

from collections.abc import Callable
from dataclasses import dataclass

from provenance.matching import pdq
from provenance.matching.pdq import Grey, Hash
from provenance.matching.repetition import repeats
from provenance.matching.trimming import without_border

# How long the brightness is that appearances are computed from, at most.
SIDE = 512


@dataclass(frozen=True, slots=True)
class Variant:
    """One guise in which a picture is looked for: as it is, `turned` or mirrored, and without the
    border that it has (`trimmed`)."""

    bits: bytes
    turned: bool
    trimmed: bool


@dataclass(frozen=True, slots=True)
class Appearance:
    """`hash` is what is stored of a picture, `variants` are what it is looked for by; there are
    none if there is too little in it, or always the same."""

    hash: Hash
    variants: tuple[Variant, ...]


def appearance_of(luma: Grey) -> Appearance:
    """The appearance of a picture's brightness, height by width. Smaller ones do as well."""
    grid = pdq.grid_of(luma)
    variants = _variants(grid, trimmed=False)
    inside = without_border(luma)
    if inside is not None:
        variants += _variants(pdq.grid_of(inside), trimmed=True)
    return Appearance(pdq.hash_of_grid(grid), variants)


def _variants(grid: pdq.Grid, *, trimmed: bool) -> tuple[Variant, ...]:
    if not pdq.hash_of_grid(grid).telling or repeats(grid):
        return ()
    hashes = pdq.variants_of(grid)
    return tuple(Variant(bits, turned > 0, trimmed) for turned, bits in enumerate(hashes))


# All versions that the code knows; a deployment asks one of them (provenance/matching/versions.py).
VERSIONS: dict[int, Callable[[Grey], Appearance]] = {pdq.VERSION: appearance_of}
