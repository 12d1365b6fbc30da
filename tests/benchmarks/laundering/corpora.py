"""The pictures: works that are indexed and attacked, and all that must not be taken for them.

*Works* are what the service knows: painted, made by a diffusion model, photographed. *Decoys* are
indexed beside them and never attacked. *Strangers* are searched for and must not be found: other
photographs, the same prompts painted with other seeds, and the other half of the decoys' families.
"""

import hashlib
import importlib.util
import random
from collections.abc import Callable, Iterable
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageOps

from media_gen.backends.procedural.painter import paint
from tests.benchmarks.laundering import drawn

PAINTER, DIFFUSION, PHOTOGRAPH = "painter", "diffusion", "photograph"
GENERATED = (PAINTER, DIFFUSION)

SIDE = 1024
MEMBERS = 10  # of each drawn family; every second one is a decoy
HELD_BACK = 5  # every fifth photograph is a stranger
LONGEST_SIDE = 1600
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")

SCENES = (
    "a lighthouse on the coast", "a castle in the mountains", "a heron by the lake",
    "boats in a harbour", "a deer in the forest", "a cabin by the river", "a poppy field",
    "a temple in a garden", "a city street", "desert dunes", "a canyon", "a coral reef with fish",
    "a planet in space", "a cat on the windowsill", "a marble pattern", "a windmill in a meadow",
    "hot air balloons over hills",
)  # fmt: skip
MOODS = (
    "at dawn", "at noon, cloudy", "at sunset", "by moonlight", "in the rain", "in autumn",
    "in a storm", "in spring",
)  # fmt: skip
STYLES = (
    "", "oil", "", "watercolor", "", "woodcut", "", "ink", "", "pixel art", "impressionist",
    "", "mosaic",
)  # fmt: skip
LIVELY = 80
LATER = 1000  # what is added to the seeds of strangers
FRESH = 7000  # and of those that nobody has in view
QUIET = (
    "thick fog over the sea", "sea in fog, noir", "sea, dusk, fog, blue", "sea in fog, overcast",
    "sea, mist, grey", "calm sea at night", "sea at dusk, clear", "night", "desert at night",
    "abstract gradient, teal", "abstract gradient, grey", "abstract gradient, rose",
    "abstract gradient, white", "blue sky", "clear sky over a calm sea at noon",
    "sunset over the sea, clear", "fog over a lake at dawn", "lake in fog, grey",
    "fog, snow, white", "snowfield in fog", "snowfield at night", "glacier in fog, white",
    "tundra, overcast", "pale winter sky, snowfield", "starry night sky",
)  # fmt: skip
# With these seeds the painter leaves next to nothing that could be recognised.
FEATURELESS = (
    ("abstract, white", 7), ("abstract, white", 12), ("abstract, grey", 9), ("abstract, blue", 2),
    ("thick fog over the sea", 2), ("sea, mist, grey", 9), ("sea in fog, dusk", 12),
    ("sea in fog, dusk", 4),
)  # fmt: skip
PACKAGED = {
    "skimage": (
        "data/astronaut.png", "data/brick.png", "data/camera.png", "data/chelsea.png",
        "data/coffee.png", "data/coins.png", "data/grass.png", "data/gravel.png",
        "data/hubble_deep_field.jpg", "data/moon.png", "data/motorcycle_left.png",
        "data/rocket.jpg",
    ),
    "sklearn": ("datasets/images/china.jpg", "datasets/images/flower.jpg"),
    "matplotlib": ("mpl-data/sample_data/grace_hopper.jpg",),
}  # fmt: skip


class Piece(NamedTuple):
    """A picture to be: its unique name, what it is, and how it is made (as RGB)."""

    key: str
    kind: str
    make: Callable[[], Image.Image]


def works(photos: Path | None, diffusion: Path | None) -> list[Piece]:
    """All that is indexed and attacked. Any beginning of the list of one kind is a fair sample."""
    modelled = [_opened(path, DIFFUSION) for path in _pictures(diffusion)]
    indexed = [_opened(path, PHOTOGRAPH) for n, path in _photographs(photos) if n % HELD_BACK]
    return _shuffled([*_painted(PAINTER), *modelled, *indexed])


def decoys() -> list[Piece]:
    return [piece for index, piece in _drawn() if index % 2 == 0]


def strangers(photos: Path | None) -> list[Piece]:
    """Any beginning of the list is a fair sample."""
    others = [path for n, path in _photographs(photos) if not n % HELD_BACK]
    taken = [_opened(path, "other photograph") for path in others]
    alike = [piece for index, piece in _drawn() if index % 2]
    return _shuffled([*taken, *_painted("other seed", LATER), *alike])


def fresh_strangers(seed: int) -> list[Piece]:
    """Painted and drawn with seeds of their own, which are others for each `seed` from 1."""
    alike = [piece for _index, piece in _drawn(f" of {seed}")]
    return _shuffled([*_painted(f"seed {seed}", FRESH + 1000 * seed), *alike])


def _painted(kind: str, later: int = 0) -> list[Piece]:
    """Eighty lively pictures, then the quiet ones; `later` is added to every seed."""
    parts = zip(cycle(SCENES), cycle(MOODS), cycle(STYLES), strict=False)
    lively = [", ".join(filter(None, words)) for words in islice(parts, LIVELY)]
    told = [(prompt, seed) for seed, prompt in enumerate((*lively, *QUIET))]
    return [
        Piece(
            f"{kind} {number:03d} {prompt}", kind,
            partial(paint, prompt, seed=seed + later, width=SIDE, height=SIDE),
        )
        for number, (prompt, seed) in enumerate((*told, *FEATURELESS))
    ]  # fmt: skip


def _drawn(suffix: str = "") -> Iterable[tuple[int, Piece]]:
    for family, draw in drawn.FAMILIES.items():
        for index in range(MEMBERS):
            key = f"{family} {index}{suffix}"
            yield index, Piece(key, family, partial(_draw, draw, key))


def _draw(draw: Callable[[random.Random], Image.Image], key: str) -> Image.Image:
    return draw(random.Random(key))


def _photographs(folder: Path | None) -> Iterable[tuple[int, Path]]:
    return enumerate(_pictures(folder) if folder else _packaged())


def _pictures(folder: Path | None) -> list[Path]:
    found = folder.iterdir() if folder else ()
    return sorted(path for path in found if path.suffix.lower() in SUFFIXES)


def _packaged() -> list[Path]:
    """Photographs that installed packages bring along."""
    specs = {name: importlib.util.find_spec(name) for name in PACKAGED}
    folders = {name: Path(spec.origin).parent for name, spec in specs.items() if spec}
    paths = [folder / file for name, folder in folders.items() for file in PACKAGED[name]]
    return [path for path in paths if path.exists()]


def _opened(path: Path, kind: str) -> Piece:
    return Piece(f"{kind} {path.stem}", kind, partial(_open, path))


def _open(path: Path) -> Image.Image:
    with Image.open(path) as file:
        picture = ImageOps.exif_transpose(file).convert("RGB")
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    return picture


def _shuffled(pieces: list[Piece]) -> list[Piece]:
    return sorted(pieces, key=lambda piece: hashlib.sha256(piece.key.encode()).digest())
