"""Trees: conifer woods, groves in the colours of the season, single trees, forest trunks."""

import numpy as np

from media_gen.backends.procedural.canvas import Stencil
from media_gen.backends.procedural.land import material
from media_gen.backends.procedural.noise import Plane, fbm
from media_gen.backends.procedural.palette import Colour, mix, paint_hex
from media_gen.backends.procedural.picture import Picture
from media_gen.backends.procedural.shapes import Outline, limb

LEAVES = {
    "spring": ("e9b3c4", "f7dbe3", "d88fa9"),
    "summer": ("4f7d3c", "86ab52", "2c5232"),
    "autumn": ("c9702a", "ecae45", "8c3a22"),
    "winter": ("c9d3de", "f2f6fb", "8d99aa"),
}


def conifer(x: float, foot: float, tall: float, rng: np.random.Generator) -> Outline:
    """A spruce standing at (x, foot) in canvas pixels: ragged tiers that widen downwards."""
    tiers = int(np.clip(tall / 11, 6, 20) * rng.uniform(0.85, 1.2))
    half = tall * rng.uniform(0.13, 0.19)
    left: Outline = []
    right: Outline = []
    for tier in range(1, tiers + 1):
        share = tier / tiers
        y = foot - tall * (1 - share * 0.97)
        reach = half * share**0.85
        for side, edge in ((-1, left), (1, right)):
            droop = reach * rng.uniform(0.75, 1.15)
            edge.append((x + side * droop, y + tall * 0.012))
            edge.append((x + side * droop * (0.4 + 0.015 * tiers), y - tall * 0.004))
    stem = [(x + half * 0.1, foot), (x - half * 0.1, foot)]
    return [(x, foot - tall * 1.02), *right, *stem, *left[::-1]]


def wood(
    picture: Picture, rng: np.random.Generator, crest: Plane, tall: float, colour: Colour,
    *, density: float = 1.0, gap: tuple[float, float] | None = None,
) -> None:  # fmt: skip
    """A row of conifers along a crest line; `gap` = (x, half width) stays open."""
    canvas = picture.canvas
    count = int(canvas.width / tall * 4.2 * density) + 2
    xs = np.sort(rng.uniform(-0.02, 1.02, count)) * canvas.width
    top = float(crest.min()) - tall * 1.5
    stencil = Stencil(0, top, canvas.width, float(crest.max()) + tall * 0.2 - top, fine=2)
    groves = rng.uniform(0.55, 1.25, 12)
    for x in xs:
        index = int(np.clip(x, 0, canvas.width - 1))
        grove = float(np.interp(x / canvas.width * 11, np.arange(12), groves))
        size = tall * grove * rng.uniform(0.6, 1.15)
        if gap and abs(x - gap[0]) < gap[1]:
            size *= 0.25 + 0.3 * abs(x - gap[0]) / gap[1]
        stencil.polygon(conifer(float(x), float(crest[index]) + size * 0.06, size, rng))
    mask = stencil.mask()
    canvas.lay(mask, colour, top=stencil.top, left=stencil.left)


def grove(
    picture: Picture,
    rng: np.random.Generator,
    crest: Plane,
    tall: float,
    *,
    distance: float,
    density: float = 1.0,
) -> None:
    """A row of broad-leaved trees: rounded crowns in the colours of the season."""
    canvas, light = picture.canvas, picture.light
    codes = ("c8641f", "e0a030", "a8341f", "8f8a3a") if picture.season == "autumn" else (
        ("4c6f3c", "6d8a45", "3d5c3a") if picture.season != "winter" else ("9aa3ad", "b8c0c8")
    )  # fmt: skip
    places = rng.uniform(-0.02, 1.02, int(canvas.width / tall * 3.2 * density) + 2) * canvas.width
    sizes = tall * rng.uniform(0.55, 1.15, len(places))
    kinds = rng.integers(0, len(codes), len(places))
    top = float(crest.min()) - tall * 1.5
    rows = float(crest.max()) + tall * 0.2 - top
    toward = 1.0 if picture.sun_x > canvas.width / 2 else -1.0
    for kind, code in enumerate(codes):
        tone = material(picture, paint_hex(code), 0.35)
        for lit in (0.1, 0.95):
            stencil = Stencil(0, top, canvas.width, rows, fine=2)
            for x, size in zip(places[kinds == kind], sizes[kinds == kind], strict=True):
                foot = float(crest[int(np.clip(x, 0, canvas.width - 1))])
                if lit < 0.5:
                    stencil.line([(x, foot + 2), (x, foot - size * 0.4)], size * 0.06)
                lift = 0.0 if lit < 0.5 else 0.05
                for _ in range(30 if lit < 0.5 else 22):
                    turn, reach = rng.uniform(0, 2 * np.pi), np.sqrt(rng.random())
                    leaf_x = x + (np.cos(turn) * reach * 0.25 + lift * toward) * size
                    leaf_y = foot - (0.62 + np.sin(turn) * reach * 0.24 + lift) * size
                    leaf = size * rng.uniform(0.035, 0.075) * (1.0 if lit < 0.5 else 0.5)
                    stencil.disc(leaf_x, leaf_y, leaf, squash=0.85)
            colour = mix(light.on(tone, lit), light.shade, 0.5 - 0.42 * lit)
            canvas.lay(
                stencil.mask(), light.far(colour, distance), top=stencil.top, left=stencil.left
            )


def canopy(picture: Picture, rng: np.random.Generator, colour: Colour) -> None:
    """Leaves hanging into the picture from above, thick at the sides."""
    canvas, unit = picture.canvas, picture.unit
    stencil = Stencil(0, 0, canvas.width, unit * 0.4, fine=2)
    for _ in range(int(900 * canvas.width / unit)):
        x = rng.uniform(0, canvas.width)
        side = abs(x / canvas.width - 0.5) * 2
        y = abs(rng.normal(0, 0.035 + 0.075 * side**2)) * unit
        stencil.disc(x, y, unit * rng.uniform(0.004, 0.013), squash=0.7)
    canvas.lay(stencil.mask(), colour, top=0)


def ferns(picture: Picture, rng: np.random.Generator, foot: float, colour: Colour) -> None:
    """Fern fronds along the ground."""
    canvas, unit = picture.canvas, picture.unit
    stencil = Stencil(
        0, foot - unit * 0.3, canvas.width, canvas.height - foot + unit * 0.35, fine=2
    )
    for _ in range(int(15 * canvas.width / unit)):
        x, base = rng.uniform(0, canvas.width), foot + rng.uniform(0.0, 0.06) * unit
        for angle in rng.uniform(0.35, np.pi - 0.35, 6):
            length = unit * rng.uniform(0.05, 0.11)
            dx, dy = np.cos(angle) * length, -np.sin(angle) * length
            arch = [(x, base), (x + dx * 0.5, base + dy * 0.75), (x + dx * 1.1, base + dy * 0.8)]
            stencil.line(arch, unit * 0.002)
            for share in np.linspace(0.2, 1, 7):
                px = x + dx * 1.05 * share
                py = base + dy * (1.5 * share - 0.7 * share**2)
                leaf = length * 0.24 * (1.1 - share)
                stencil.line(
                    [
                        (px - leaf * 0.6, py + leaf * 0.5),
                        (px, py - leaf * 0.2),
                        (px + leaf * 0.6, py + leaf * 0.5),
                    ],
                    unit * 0.0022,
                )
    canvas.lay(stencil.mask(), colour, top=stencil.top, left=stencil.left)


def trunks(
    picture: Picture,
    rng: np.random.Generator,
    count: int,
    thick: float,
    colour: Colour,
    foot: float,
) -> None:
    """Tall bare trunks that leave the picture at the top, some with short side branches."""
    canvas = picture.canvas
    stencil = Stencil(0, 0, canvas.width, foot + thick * 2, fine=2)
    for place in (np.arange(count) + rng.uniform(0.1, 0.9, count)) / count:
        x, lean = place * canvas.width, rng.uniform(-0.5, 0.5) * thick * 4
        wide = thick * rng.uniform(0.55, 1.3)
        base = foot + rng.uniform(-0.5, 1.5) * thick
        spine = [(x, base), (x + lean * 0.4, foot * 0.5), (x + lean, -5.0)]
        stencil.polygon(limb(spine, [wide * 1.5, wide, wide * 0.7]))
        for _ in range(int(rng.integers(2, 6))):
            y = rng.uniform(0.02, 0.6) * foot
            reach, side = rng.uniform(3, 9) * wide, 1 if rng.random() < 0.5 else -1
            start = x + lean * (1 - y / foot)
            bough = [(start, y), (start + side * reach * 0.5, y - reach * 0.12)]
            tip = (start + side * reach, y - reach * rng.uniform(-0.1, 0.5))
            stencil.polygon(limb([*bough, tip], [wide * 0.3, wide * 0.18, 1.0]))
    mask = stencil.mask()
    rows, columns = mask.shape
    bark = fbm(rng, rows, columns, cell=thick * 0.5, flat=0.18, octaves=4, gain=0.6) - 0.5
    shift = max(1, round(thick * 0.14))
    toward = 1 if picture.sun_x > canvas.width / 2 else -1
    rim = np.clip(mask - np.roll(mask, -shift * toward, axis=1), 0, 1) * 0.55 * picture.light.level
    paint = colour[:, None, None] * (1.0 + bark * 0.7)
    paint = paint + (picture.light.glow[:, None, None] - paint) * rim
    canvas.lay(mask, paint.astype(np.float32), top=stencil.top, left=stencil.left)


def _grow(
    rng: np.random.Generator, x: float, y: float, angle: float, length: float, thick: float,
    depth: int, limbs: list[Outline], tips: list[tuple[float, float, float]],
) -> None:  # fmt: skip
    """One branch and, recursively, its children; leaves gather around the tips."""
    bend = angle + rng.normal(0, 0.14)
    middle = (x + np.cos(angle) * length * 0.5, y - np.sin(angle) * length * 0.5)
    end_x, end_y = x + np.cos(bend) * length, y - np.sin(bend) * length
    limbs.append(limb([(x, y), middle, (end_x, end_y)], [thick, thick * 0.8, thick * 0.62]))
    if depth <= 2:
        tips.append((end_x, end_y, length))
    if depth == 0:
        return
    for turn in rng.uniform(0.3, 0.62, 2) * (1, -1) if depth < 5 else (0.42, -0.06, -0.48):
        child = length * rng.uniform(0.66, 0.84)
        _grow(rng, end_x, end_y, bend + turn, child, thick * 0.6, depth - 1, limbs, tips)


def tree(
    picture: Picture, rng: np.random.Generator, x: float, foot: float, tall: float,
    *, season: str | None = None, leaves: Colour | None = None, distance: float = 0.05,
) -> None:  # fmt: skip
    """A broad-leaved tree with light on the sunny side of its crown; bare in winter."""
    canvas, light = picture.canvas, picture.light
    season = season or picture.season
    limbs: list[Outline] = []
    tips: list[tuple[float, float, float]] = []
    _grow(rng, x, foot, np.pi / 2 + rng.normal(0, 0.05), tall * 0.29, tall * 0.062, 6, limbs, tips)
    shapes: list[Outline] = [*limbs, [(px, py) for px, py, _ in tips]]
    bark = light.far(mix(light.on(paint_hex("4a3a30"), 0.3), light.shade, 0.6), distance)
    codes = LEAVES["summer" if season == "spring" and picture.brief.bloom is None else season]
    trunk = Stencil.around(shapes, tall * 0.1, canvas, fine=3)
    for outline in limbs:
        trunk.polygon(outline)
    bare = season == "winter"
    canvas.lay(trunk.mask(), bark, top=trunk.top, left=trunk.left)
    sun = 1.0 if picture.sun_x > x else -1.0
    crown_y = foot - tall * 0.6
    for index, (lit, code) in enumerate(
        zip((0.1, 0.5, 1.0), (codes[2], codes[0], codes[1]), strict=True)
    ):
        tone = leaves if leaves is not None else material(picture, paint_hex(code), 0.35)
        colour = light.on(tone, lit)
        colour = mix(colour, light.shade, (0.6, 0.28, 0.0)[index] * (0.5 if bare else 1.0))
        crown = Stencil.around(shapes, tall * 0.1, canvas, fine=2)
        spread = 0.2 if bare else 1.0
        for tip_x, tip_y, length in tips:
            toward = (tip_x - x) * sun / tall + (crown_y - tip_y) / tall
            amount = int(
                (14, 9, 6)[index]
                * spread
                * (1.0 if index == 0 else np.clip(0.6 + toward * 2, 0, 2))
            )
            offset = rng.normal(0, length * 0.42, (amount, 2))
            lift = index * length * 0.1
            for dx, dy in offset:
                size = tall * rng.uniform(0.006, 0.014) * (1.25 - 0.2 * index)
                crown.disc(tip_x + dx + sun * lift, tip_y + dy * 0.8 - lift, size, squash=0.8)
        canvas.lay(crown.mask(), light.far(colour, distance), top=crown.top, left=crown.left)


def bough(picture: Picture, rng: np.random.Generator) -> None:
    """A bough reaching in from an upper corner, in leaf or blossom: frame and depth."""
    canvas, light, unit = picture.canvas, picture.light, picture.unit
    side = 1.0 if picture.focus_x < canvas.width / 2 else -1.0
    corner = canvas.width if side > 0 else 0.0
    limbs: list[Outline] = []
    tips: list[tuple[float, float, float]] = []
    angle = np.pi - 0.25 if side > 0 else 0.25
    _grow(
        rng,
        corner + side * unit * 0.04,
        unit * 0.1,
        angle,
        unit * 0.17,
        unit * 0.018,
        5,
        limbs,
        tips,
    )
    stencil = Stencil.around([*limbs, [(x, y) for x, y, _ in tips]], unit * 0.05, canvas, fine=2)
    for outline in limbs:
        stencil.polygon(outline)
    canvas.lay(stencil.mask(), mix(light.shade, light.on(paint_hex("4a3a30"), 0.2), 0.4),
               top=stencil.top, left=stencil.left)  # fmt: skip
    codes = LEAVES["spring" if picture.brief.bloom else picture.season]
    for lit, code, count in ((0.1, codes[2], 5), (0.6, codes[0], 5), (1.0, codes[1], 3)):
        leaves = Stencil.around([*limbs, [(x, y) for x, y, _ in tips]], unit * 0.05, canvas, fine=2)
        for x, y, length in tips:
            for dx, dy in rng.normal(0, length * 0.35, (count, 2)):
                leaves.disc(x + dx, y + dy, unit * rng.uniform(0.003, 0.0075), squash=0.75)
        colour = mix(
            light.on(material(picture, paint_hex(code), 0.3), lit), light.shade, 0.35 - 0.3 * lit
        )
        canvas.lay(leaves.mask(), colour, top=leaves.top, left=leaves.left)
