"""Where the prompt's subjects go: on the far shore, in the water, on the ground, in the air."""

import numpy as np

from media_gen.backends.procedural import animals, trees
from media_gen.backends.procedural.canvas import Stencil
from media_gen.backends.procedural.land import knoll_crest
from media_gen.backends.procedural.noise import fbm, profile, smoothstep
from media_gen.backends.procedural.palette import NAMED, Colour, mix, paint_hex
from media_gen.backends.procedural.picture import Picture
from media_gen.backends.procedural.subjects import SIZES, Spot, stand
from media_gen.backends.procedural.words import Subject

WATERY = frozenset({"sea", "lake", "river"})
AFLOAT = ("heron", "swan", "sailboat", "boat", "ship", "whale", "torii", "fish")
BUILT = ("lighthouse", "house", "church", "castle", "temple", "windmill")


def wanted(picture: Picture, names: tuple[str, ...]) -> list[Subject]:
    """The brief's subjects of these names."""
    return [subject for subject in picture.brief.subjects if subject.name in names]


def standing(picture: Picture) -> bool:
    """Whether something on land needs ground under its feet in the foreground."""
    names = ["deer", "horse", "wolf", "cat", "person", "tent"]
    if picture.scene not in WATERY:
        names += [*BUILT, "tree", "heron", "sailboat", "boat", "ship", "swan", "torii"]
    return any(picture.brief.draws(name) for name in names)


def headland(picture: Picture, rng: np.random.Generator) -> None:
    """On the far shore: a rocky point with the buildings and trees the prompt asks for."""
    built = wanted(picture, (*BUILT, "tree"))
    if not built or picture.scene not in WATERY:
        return
    canvas, light, unit = picture.canvas, picture.light, picture.unit
    side = 1.0 if picture.focus_x > canvas.width / 2 else -1.0
    x = np.arange(canvas.width, dtype=np.float32)
    out = np.clip((x - picture.focus_x) * side / (0.26 * unit) + 1.0, 0, 1.5)
    rough = profile(rng, canvas.width, cell=unit * 0.12, octaves=6, gain=0.55) * unit * 0.014
    rise = unit * (0.075 if picture.scene == "sea" else 0.04)
    crest = (
        picture.horizon
        + unit * 0.02
        - rise * smoothstep(0.0, 0.9, out)
        - rough * np.minimum(out, 1)
    )
    rock = mix(
        light.on(paint_hex("5b554f" if not picture.snowy else "dfe6ef"), 0.35), light.shade, 0.4
    )
    bottom = int(picture.horizon + 2)
    top = int(crest.min()) - 1
    depth = canvas.rows(top, bottom) - crest[None, :]
    facets = fbm(rng, bottom - top, canvas.width, cell=unit * 0.04, flat=0.7, octaves=5, gain=0.6)
    tone = 1.0 + (facets - 0.5) * 1.1
    colours = light.far(rock, 0.12)[:, None, None] * tone
    canvas.lay(np.clip(depth + 0.5, 0, 1), colours.astype(np.float32), top=top)
    for index, subject in enumerate(built[:3]):
        x_here = picture.focus_x + side * unit * (0.06 + 0.16 * index)
        foot = float(crest[int(np.clip(x_here, 0, canvas.width - 1))]) + unit * 0.008
        tall = min(SIZES[subject.name][0] * unit * 0.85, picture.horizon * 0.62)
        if subject.name == "tree":
            trees.tree(picture, rng, x_here, foot, tall * 0.7, leaves=_leaf(subject), distance=0.15)
        else:
            stand(picture, rng, subject, Spot(x_here, foot, tall, 0.15, flip=side < 0))


def _leaf(subject: Subject) -> Colour | None:
    return NAMED[subject.colour] if subject.colour else None


def spanning(picture: Picture, rng: np.random.Generator) -> None:
    """Bridges, which cross the water at the horizon and are mirrored with the shore."""
    for subject in wanted(picture, ("bridge",)):
        tall = picture.unit * SIZES["bridge"][0]
        wide = max(1.0, picture.canvas.width / (4.8 * tall))
        size = tall * min(1.6, wide)
        foot = picture.horizon + picture.unit * (0.01 if picture.scene in WATERY else 0.2)
        stand(picture, rng, subject, Spot(picture.canvas.width / 2, foot, size, 0.2))


def afloat(picture: Picture, rng: np.random.Generator) -> None:
    """Whatever stands or swims in the water, with its reflection."""
    if picture.scene not in WATERY:
        return
    depth = picture.canvas.height - picture.horizon
    for subject in wanted(picture, AFLOAT):
        near = {"heron": 0.74, "swan": 0.5, "boat": 0.42, "torii": 0.3, "fish": 0.55}.get(
            subject.name, 0.2
        )
        for index in range(min(subject.count, 6)):
            step = (index + 1) // 2 * (-1 if index % 2 else 1)
            place = picture.focus_x - picture.sunward * step * picture.unit * rng.uniform(
                0.17, 0.24
            )
            drop = near + (0.0 if index == 0 else rng.uniform(-0.14, 0.1))
            foot = picture.horizon + depth * float(np.clip(drop, 0.12, 0.86))
            tall = (
                SIZES[subject.name][0]
                * picture.unit
                * (1.0 if index == 0 else rng.uniform(0.6, 0.85))
            )
            tall = min(tall, foot * 0.86)
            flip = (picture.sunward > 0) != (index % 2 == 1)
            stand(
                picture,
                rng,
                subject,
                Spot(place, foot, tall, 0.04 + 0.25 * (1 - near), flip, wet=True),
            )


def on_land(picture: Picture, rng: np.random.Generator) -> None:
    """Everything that stands on the ground in front of us."""
    names: tuple[str, ...] = (
        "deer",
        "horse",
        "wolf",
        "cat",
        "person",
        "tent",
        "tree",
        "heron",
        "vase",
    )
    if picture.scene not in WATERY:
        names = (*names, *BUILT, "sailboat", "boat", "ship", "swan", "torii")
    elif picture.scene in WATERY:
        names = tuple(name for name in names if name not in ("tree", "heron"))
    crest = knoll_crest(picture)
    unit, width = picture.unit, picture.canvas.width
    standing = wanted(picture, names)
    for order, subject in enumerate(standing):
        middle = (
            order == 0 and picture.scene in ("meadow", "winter", "garden") and subject.name in BUILT
        )
        for index in range(min(subject.count, 4)):
            place = (
                picture.focus_x
                + picture.sunward * unit * (0.22 * order + 0.2 * index) * (-1) ** index
            )
            foot = float(crest[int(np.clip(place, 0, width - 1))]) + unit * 0.012
            tall = SIZES[subject.name][0] * unit * (1.0 if index == 0 else rng.uniform(0.75, 0.95))
            if middle:
                foot = picture.horizon + (picture.canvas.height - picture.horizon) * (
                    0.16 + 0.04 * index
                )
            tall = min(tall, foot * 0.8)
            if subject.name == "tree":
                trees.tree(picture, rng, place, foot, tall, leaves=_leaf(subject))
            else:
                flip = picture.sunward > 0
                stand(
                    picture, rng, subject, Spot(place, foot, tall, 0.25 if middle else 0.04, flip)
                )


def aloft(picture: Picture, rng: np.random.Generator) -> None:
    """Balloons and birds."""
    unit = picture.unit
    sky = min(picture.horizon, picture.canvas.height * 0.8)
    for subject in wanted(picture, ("balloon",)):
        for index in range(min(subject.count, 6)):
            tall = SIZES["balloon"][0] * unit * (1.0, 0.42, 0.62, 0.3, 0.36, 0.24)[index]
            x = picture.focus_x + picture.sunward * unit * (0.0, 0.34, 0.62, 0.2, 0.5, -0.16)[index]
            foot = sky * (0.72, 0.8, 0.5, 0.36, 0.62, 0.5)[index]
            stand(picture, rng, subject, Spot(x, max(foot, tall * 1.05), tall, 0.1 + 0.1 * index))
    flock(picture, rng, sky)


def flock(picture: Picture, rng: np.random.Generator, sky: float) -> None:
    """Birds on the wing: many when asked for, a few far off in calm empty skies."""
    asked = wanted(picture, ("birds",))
    empty = not asked and picture.scene in ("sea", "lake", "river", "meadow", "mountain")
    quiet = picture.light.night < 0.6 and not picture.weather & {"storm", "rain", "snow"}
    if not asked and not (
        empty and quiet and picture.brief.allows("birds") and rng.random() < 0.55
    ):
        return
    count = max(asked[0].count * 2, 5) if asked else int(rng.integers(3, 6))
    size = picture.unit * (0.062 if asked else 0.026)
    own = NAMED[asked[0].colour] if asked and asked[0].colour else None
    base = picture.light.on(own, 0.6) if own is not None else picture.light.shade
    colour = picture.light.far(base, 0.15 if asked else 0.45)
    x, y = picture.focus_x + picture.sunward * 0.1 * picture.unit, sky * rng.uniform(0.3, 0.45)
    for index in range(count):
        span = size * rng.uniform(0.5, 1.1)
        place_x = x + rng.normal(0, 0.1 + 0.012 * count) * picture.unit
        place_y = y + rng.normal(0, 0.05) * picture.unit + index * size * 0.1
        outlines = [[(place_x + px * span, place_y - py * span) for px, py in outline]
                    for _, outline in animals.bird(rng)]  # fmt: skip
        stencil = Stencil.around(outlines, 2, picture.canvas, fine=4)
        for outline in outlines:
            stencil.polygon(outline)
        picture.canvas.lay(stencil.mask(), colour, top=stencil.top, left=stencil.left)
