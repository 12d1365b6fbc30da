"""Low plants: reeds, grass, flower fields from the horizon to the viewer's feet."""

from collections.abc import Callable

import numpy as np

from media_gen.backends.procedural.canvas import Stencil
from media_gen.backends.procedural.land import ground_colour, knoll_crest
from media_gen.backends.procedural.palette import NAMED, Colour, mix, paint_hex
from media_gen.backends.procedural.picture import Picture
from media_gen.backends.procedural.shapes import limb, smooth


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
            middle = ((head[0][0] + head[1][0]) / 2, (head[0][1] + head[1][1]) / 2)
            fat = tall * 0.026
            stencil.polygon(limb([head[0], middle, head[1]], [fat * 0.5, fat, fat, fat * 0.5]))
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
    if picture.season == "autumn":
        return [paint_hex(code) for code in ("c98a2e", "a5482c", "8d6cc9", "e6c36a")]
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
    for full in order * unit * 1.35:
        tall = full
        x = rng.uniform(-0.02, 1.02) * canvas.width
        if abs(x - picture.focus_x) < unit * 0.16:
            tall = full * 0.6
        size = unit * rng.uniform(0.014, 0.026)
        lean = rng.normal(0, 0.16) * tall
        head_x, head_y = x + lean, canvas.height - tall
        stem = limb([(x, canvas.height + 4), (x + lean * 0.3, canvas.height - tall * 0.5),
                      (head_x, head_y)],
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
                     (x + tip_x, y + tip_y), (x + tip_x * 0.6 - side_x,
                     y + tip_y * 0.6 - side_y)]  # fmt: skip
            shapes.append(smooth(knots, steps=5))
        stencil = Stencil.around(shapes, 3, canvas, fine=4)
        for shape in shapes:
            stencil.polygon(shape)
        canvas.lay(stencil.mask(), light.on(tone, lit), top=stencil.top, left=stencil.left)
    heart = Stencil(x - size, y - size, 2 * size, 2 * size, fine=4)
    heart.disc(x, y, size * 0.24, squash=0.7)
    canvas.lay(heart.mask(), light.on(paint_hex("e8b93a"), 0.6), top=heart.top, left=heart.left)


def frame_reeds(picture: Picture, rng: np.random.Generator) -> None:
    """A framing clump of reeds on the side of the light, a smaller one beside the focus."""
    if picture.snowy:
        return
    width, unit = picture.canvas.width, picture.unit
    edge = width * (0.03 if picture.sun_x < width / 2 else 0.97)
    reeds(picture, rng, edge, unit * 0.09, unit * 0.27)
    reeds(picture, rng, width - edge, unit * 0.05, unit * 0.14)


def turf(picture: Picture, rng: np.random.Generator) -> None:
    """Grass along the crest of the knoll."""
    if picture.scene in ("desert", "canyon"):
        return
    crest = knoll_crest(picture)
    last = len(crest) - 1
    grass(picture, rng, lambda x: float(crest[int(np.clip(x, 0, last))]), picture.unit * 0.022)


def field_grass(picture: Picture, rng: np.random.Generator) -> None:
    """Tall blades along the lower edge of the picture."""
    canvas = picture.canvas
    grass(picture, rng, lambda _: canvas.height + picture.unit * 0.015, picture.unit * 0.085)
