"""Plants: conifer woods, branching trees, reeds, grass, flower fields and blossom boughs."""

from collections.abc import Callable

import numpy as np

from media_gen.backends.procedural.canvas import Stencil
from media_gen.backends.procedural.land import ground_colour, material
from media_gen.backends.procedural.noise import Plane
from media_gen.backends.procedural.palette import NAMED, Colour, mix, paint_hex
from media_gen.backends.procedural.picture import Picture
from media_gen.backends.procedural.shapes import Outline, limb, smooth

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
    canvas.lay(stencil.mask(), colour, top=stencil.top, left=stencil.left)


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


def reeds(picture: Picture, rng: np.random.Generator, x: float, spread: float, tall: float) -> None:
    """A clump of reeds and bulrushes rising from the lower edge of the picture."""
    canvas = picture.canvas
    foot = canvas.height + tall * 0.05
    stencil = Stencil(x - spread * 2.2, foot - tall * 1.4, spread * 4.4, tall * 1.5, fine=3)
    for _ in range(22):
        start = x + rng.normal(0, spread * 0.5)
        size = tall * rng.uniform(0.45, 1.1)
        lean = rng.normal(0, 0.16) * size + (start - x) * 0.35
        spine = [
            (start, foot),
            (start + lean * 0.3, foot - size * 0.55),
            (start + lean, foot - size),
        ]
        stencil.polygon(limb(spine, [tall * 0.016, tall * 0.012, 0.8]))
        if rng.random() < 0.3:
            head = [
                (start + lean * 0.86, foot - size * 0.93),
                (start + lean * 0.98, foot - size * 1.08),
            ]
            stencil.polygon(limb(head, [tall * 0.026, tall * 0.024]))
    canvas.lay(stencil.mask(), mix(picture.light.shade, picture.light.haze, 0.06),
               top=stencil.top, left=stencil.left)  # fmt: skip


def grass(
    picture: Picture, rng: np.random.Generator, line: Callable[[float], float], tall: float
) -> None:
    """Blades along a line (canvas x to y), bent by one wind."""
    canvas = picture.canvas
    wind = rng.normal(0, 0.3) + (0.5 if "wind" in picture.weather else 0.0)
    tone = light_grass(picture)
    for lit, count in ((0.0, 2.2), (0.7, 1.1)):
        stencil = Stencil(0, canvas.height - tall * 4, canvas.width, tall * 4, fine=2)
        for _ in range(int(canvas.width / tall * 6 * count)):
            x = rng.uniform(-0.02, 1.02) * canvas.width
            foot = line(x) + tall * 0.25
            size = tall * rng.uniform(0.35, 1.1)
            lean = (wind + rng.normal(0, 0.25)) * size
            spine = [(x, foot), (x + lean * 0.35, foot - size * 0.6), (x + lean, foot - size)]
            stencil.line(spine, max(0.6, tall * 0.022))
        colour = mix(picture.light.on(tone, lit), picture.light.shade, 0.75 - 0.45 * lit)
        canvas.lay(stencil.mask(), colour, top=stencil.top, left=stencil.left)


def light_grass(picture: Picture) -> Colour:
    """The colour of blades; dry stalks stand out of the snow."""
    return paint_hex("b9a27a") if picture.snowy else ground_colour(picture)


def petals(picture: Picture) -> list[Colour]:
    """The colours of the flowers: the prompt's, the named flower's, or a mixed meadow."""
    brief = picture.brief
    if brief.bloom:
        own = NAMED[brief.bloom]
        return [own, mix(own, paint_hex("ffffff"), 0.25), mix(own, paint_hex("201020"), 0.2)]
    if brief.colours:
        return [NAMED[name] for name in brief.colours]
    return [paint_hex(code) for code in ("d8413a", "f2c84b", "f6f2ea", "8d6cc9", "ef9ab0")]


def flower_field(picture: Picture, rng: np.random.Generator, *, bottom: float = 1.0) -> None:
    """Flowers from specks at the horizon to blossoms at the viewer's feet, in drifts."""
    canvas, light, unit = picture.canvas, picture.light, picture.unit
    depth = canvas.height * bottom - picture.horizon
    tones = petals(picture)
    drifts = rng.uniform(0, 1, (len(tones), 9))
    for index, tone in enumerate(tones):
        far = Stencil(0, picture.horizon, canvas.width, depth + unit * 0.05, fine=2)
        shade = Stencil(0, picture.horizon, canvas.width, depth + unit * 0.05, fine=2)
        count = int(1500 / len(tones) * canvas.width / unit)
        share = rng.random(count) ** 0.75
        xs = rng.random(count) * canvas.width
        weight = np.interp(xs / canvas.width * 8 + share * 2, np.arange(9), drifts[index])
        for x, near, wanted in zip(xs, share, weight, strict=True):
            if wanted < 0.35:
                continue
            y = picture.horizon + depth * (0.03 + 0.97 * near**1.6)
            size = unit * (0.0012 + 0.0095 * near**2) * rng.uniform(0.7, 1.3)
            shade.disc(float(x), float(y) + size * 0.5, size, squash=0.55)
            far.disc(float(x), float(y), size, squash=0.62)
        dark = mix(light.on(tone, 0.0), light.shade, 0.3)
        canvas.lay(shade.mask(), dark, top=shade.top, left=shade.left)
        canvas.lay(far.mask(), light.on(tone, 1.0), top=far.top, left=far.left)


def blossoms(picture: Picture, rng: np.random.Generator, *, count: int = 16) -> None:
    """Large flowers on stems in the foreground, seen from the side, petals lit from behind."""
    canvas, light, unit = picture.canvas, picture.light, picture.unit
    tones = petals(picture)
    stem_colour = mix(light.on(paint_hex("4d7a3c"), 0.2), light.shade, 0.55)
    order = np.sort(rng.uniform(0.055, 0.17, count))
    for tall in order * unit * 1.35:
        x = rng.uniform(-0.02, 1.02) * canvas.width
        if abs(x - picture.focus_x) < unit * 0.16:
            tall *= 0.6
        size = unit * rng.uniform(0.014, 0.026)
        lean = rng.normal(0, 0.16) * tall
        head_x, head_y = x + lean, canvas.height - tall
        stem = limb([(x, canvas.height + 4), (x + lean * 0.3, canvas.height - tall * 0.5), (head_x, head_y)],
                    [unit * 0.005, unit * 0.004, unit * 0.003])  # fmt: skip
        stalk = Stencil.around([stem], 3, canvas, fine=3)
        stalk.polygon(stem)
        canvas.lay(stalk.mask(), stem_colour, top=stalk.top, left=stalk.left)
        tone = tones[int(rng.integers(len(tones)))]
        _flower(picture, rng, head_x, head_y, size, tone)


def _flower(
    picture: Picture, rng: np.random.Generator, x: float, y: float, size: float, tone: Colour
) -> None:
    canvas, light = picture.canvas, picture.light
    whorl = int(rng.integers(5, 8))
    turn = rng.uniform(0, 2 * np.pi)
    for lit, grow in ((0.15, 1.08), (1.0, 0.86)):
        shapes = []
        for petal in range(whorl):
            angle = turn + 2 * np.pi * petal / whorl + (0.0 if lit < 0.5 else 0.12)
            tip_x, tip_y = np.cos(angle) * size * grow, np.sin(angle) * size * grow * 0.62
            side_x, side_y = -np.sin(angle) * size * 0.42, np.cos(angle) * size * 0.3
            knots = [(x, y), (x + tip_x * 0.6 + side_x, y + tip_y * 0.6 + side_y),
                     (x + tip_x, y + tip_y), (x + tip_x * 0.6 - side_x, y + tip_y * 0.6 - side_y)]  # fmt: skip
            shapes.append(smooth(knots, steps=5))
        stencil = Stencil.around(shapes, 3, canvas, fine=4)
        for shape in shapes:
            stencil.polygon(shape)
        canvas.lay(stencil.mask(), light.on(tone, lit), top=stencil.top, left=stencil.left)
    heart = Stencil(x - size, y - size, 2 * size, 2 * size, fine=4)
    heart.disc(x, y, size * 0.24, squash=0.7)
    canvas.lay(heart.mask(), light.on(paint_hex("e8b93a"), 0.6), top=heart.top, left=heart.left)


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
