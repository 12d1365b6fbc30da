"""Which layers make which scene, from the sky to the foreground."""

import numpy as np

from media_gen.backends.procedural import (
    abstract,
    city,
    cosmos,
    flora,
    interior,
    land,
    sky,
    subjects,
    terrain,
    water,
    weather,
)
from media_gen.backends.procedural.noise import fbm, profile, smoothstep
from media_gen.backends.procedural.palette import mix, paint_hex
from media_gen.backends.procedural.picture import Layer, Picture

SKY = [
    Layer("sky", sky.gradient),
    Layer("clouds", sky.clouds),
    Layer("stars", sky.stars),
    Layer("aurora", sky.aurora),
    Layer("rainbow", sky.rainbow),
    Layer("sky planet", cosmos.sky_planet),
]
LUMINARY = Layer("luminary", sky.luminary)
ALOFT = Layer("aloft", subjects.aloft)
FOG = Layer("fog", weather.fog)
WEATHER = [
    Layer("lightning", weather.bolt),
    Layer("rain", weather.rain),
    Layer("wind", weather.wind_leaves),
    Layer("snowfall", weather.snowfall),
]


def _near_fog(picture: Picture, rng: np.random.Generator) -> None:
    if "fog" in picture.weather:
        depth = picture.canvas.height - picture.horizon
        water.mist(picture, rng, picture.horizon + depth * 0.2, picture.unit * 0.07, 0.5)


def _shore_woods(picture: Picture, rng: np.random.Generator) -> None:
    """Dark woods along the far shore, in two or three planes of mist."""
    canvas, light, unit = picture.canvas, picture.light, picture.unit
    wooded = picture.backdrop != "desert"
    green = land.material(picture, paint_hex("2c4a3f" if not picture.snowy else "5d7280"))
    for step, distance in enumerate((0.72, 0.45)):
        waves = profile(rng, canvas.width, cell=unit * 0.4, octaves=3, gain=0.4)
        x = np.arange(canvas.width, dtype=np.float32)
        away = np.abs(x - picture.focus_x) / canvas.width
        rise = unit * (0.012 + (0.05 + 0.05 * step) * smoothstep(0.12, 0.6, away))
        crest = (picture.horizon + 1 - rise * (0.8 + 0.5 * waves)).astype(np.float32)
        colour = light.far(mix(light.on(green, 0.25), light.shade, 0.45), distance)
        if wooded:
            flora.wood(picture, rng, crest, unit * (0.045 + 0.03 * step), colour)
        land.veiled(picture, crest, colour, reach=unit * 0.1, mist=0.5)
        if "fog" in picture.weather or picture.time in ("dawn", "sunrise"):
            power = 0.6 if "fog" in picture.weather else 0.32
            if picture.brief.allows("fog"):
                water.mist(picture, rng, picture.horizon - unit * 0.012, unit * 0.035, power)


def _reeds(picture: Picture, rng: np.random.Generator) -> None:
    """A framing clump of reeds on the side of the light, a smaller one beside the focus."""
    if picture.snowy:
        return
    width, unit = picture.canvas.width, picture.unit
    edge = width * (0.03 if picture.sun_x < width / 2 else 0.97)
    flora.reeds(picture, rng, edge, unit * 0.09, unit * 0.27)
    flora.reeds(picture, rng, width - edge, unit * 0.05, unit * 0.14)


def _backdrop(picture: Picture) -> list[Layer]:
    kind = picture.backdrop
    if kind in ("mountain", "winter", "canyon"):
        return [Layer("far mountains", lambda p, rng: terrain.mountains(p, rng, rise=0.32))]
    if kind == "city":
        return [Layer("far city", lambda p, rng: city.skyline(p, rng, 0.3))]
    if kind in ("hills", "forest", "meadow", "garden"):
        return [Layer("far hills", lambda p, rng: land.hills(p, rng, rise=0.09, count=3))]
    if kind == "desert":
        return [Layer("far rocks", lambda p, rng: land.hills(p, rng, rise=0.06, count=2))]
    return []


def _lake(picture: Picture) -> list[Layer]:
    return [
        *_backdrop(picture),
        Layer("shore woods", _shore_woods),
        Layer("headland", subjects.headland),
        Layer("bridge", subjects.spanning),
        Layer("water", water.water),
        LUMINARY,
        FOG,
        Layer("near fog", _near_fog),
        Layer("afloat", subjects.afloat),
        *_foreground(picture),
        Layer("reeds", _reeds),
        ALOFT,
    ]


def _sea(picture: Picture) -> list[Layer]:
    shore = [Layer("beach", water.beach)] if _sandy(picture) else []
    return [
        *([*_backdrop(picture)] if picture.backdrop else []),
        Layer("headland", subjects.headland),
        Layer("bridge", subjects.spanning),
        Layer("water", water.water),
        LUMINARY,
        FOG,
        *shore,
        Layer("afloat", subjects.afloat),
        *_foreground(picture),
        ALOFT,
    ]


def _sandy(picture: Picture) -> bool:
    open_water = picture.brief.draws("whale") or picture.brief.draws("ship")
    chance = picture.canvas.rng("beach or open sea").random()
    return "storm" not in picture.weather and not open_water and chance < 0.6


def _standing(picture: Picture) -> bool:
    """Whether something on land needs ground under its feet in the foreground."""
    names = ["deer", "horse", "wolf", "cat", "person", "tent"]
    if picture.scene not in subjects.WATERY:
        names += [*subjects.BUILT, "tree", "heron", "sailboat", "boat", "ship", "swan", "torii"]
    return any(picture.brief.draws(name) for name in names)


def _foreground(picture: Picture) -> list[Layer]:
    if not _standing(picture):
        return []
    return [Layer("knoll", land.knoll), Layer("on land", subjects.on_land), Layer("turf", _turf)]


def _turf(picture: Picture, rng: np.random.Generator) -> None:
    """Grass along the crest of the knoll."""
    if picture.scene in ("desert", "canyon"):
        return
    crest = land.knoll_crest(picture)
    last = len(crest) - 1
    flora.grass(
        picture, rng, lambda x: float(crest[int(np.clip(x, 0, last))]), picture.unit * 0.022
    )


def _mountain(picture: Picture) -> list[Layer]:
    front = _foreground(picture) or [Layer("front woods", _front_woods)]
    return [
        Layer("ranges", lambda p, rng: terrain.mountains(p, rng, rise=0.5)),
        LUMINARY,
        Layer("valley mist", _valley_mist),
        Layer("middle woods", _middle_woods),
        FOG,
        ALOFT,
        *front,
    ]


def _valley_mist(picture: Picture, rng: np.random.Generator) -> None:
    if picture.brief.allows("fog"):
        water.mist(picture, rng, picture.horizon + picture.unit * 0.02, picture.unit * 0.07, 0.5)


def _middle_woods(picture: Picture, rng: np.random.Generator) -> None:
    """Wooded slopes between the mountains and the viewer, in planes of mist."""
    canvas, light, unit = picture.canvas, picture.light, picture.unit
    green = land.material(picture, paint_hex("3b5a48" if not picture.snowy else "71858f"))
    depth = canvas.height - picture.horizon
    for step, distance in enumerate((0.62, 0.42, 0.25)):
        waves = profile(rng, canvas.width, cell=unit * 0.6, octaves=3, gain=0.4)
        base = picture.horizon + depth * (0.08 + 0.24 * step)
        crest = (base - waves * unit * 0.05).astype(np.float32)
        colour = light.far(mix(light.on(green, 0.3), light.shade, 0.3 + 0.12 * step), distance)
        tall = unit * (0.042 + 0.03 * step)
        flora.wood(picture, rng, crest, tall, colour, density=2.2)
        land.veiled(picture, crest, colour, reach=unit * 0.16, mist=0.62)


def _front_woods(picture: Picture, rng: np.random.Generator) -> None:
    """Large near conifers that frame the picture left and right."""
    canvas, light, unit = picture.canvas, picture.light, picture.unit
    crest = np.full(canvas.width, canvas.height + unit * 0.03, dtype=np.float32)
    x = np.arange(canvas.width, dtype=np.float32)
    middle = np.abs(x / canvas.width - 0.5) * 2
    crest -= (unit * 0.09 * middle**2).astype(np.float32)
    open_x = canvas.width / 2 + picture.sunward * unit * 0.05
    dark = mix(light.on(paint_hex("24382f"), 0.1), light.shade, 0.75)
    flora.wood(
        picture, rng, crest, unit * 0.3, dark, density=0.8, gap=(open_x, canvas.width * 0.33)
    )
    land.veiled(picture, crest, dark, reach=unit, mist=0.0)


def _forest(picture: Picture) -> list[Layer]:
    return [
        Layer("far woods", _forest_depth),
        LUMINARY,
        Layer("sunbeams", _sunbeams),
        FOG,
        Layer("near trunks", _near_trunks),
        *(_foreground(picture) or [Layer("knoll", land.knoll), Layer("turf", _turf)]),
        ALOFT,
    ]


def _forest_depth(picture: Picture, rng: np.random.Generator) -> None:
    """Planes of trees, paler with distance, each standing in its own mist."""
    canvas, light, unit = picture.canvas, picture.light, picture.unit
    autumn = picture.season == "autumn"
    leaf = land.material(
        picture, paint_hex("a5662f" if autumn else "3d6247" if not picture.snowy else "7b8f97")
    )
    for step, distance in enumerate((0.95, 0.75, 0.52, 0.3)):
        near = step / 3
        waves = profile(rng, canvas.width, cell=unit * 0.5, octaves=3, gain=0.4)
        crest = (picture.horizon + unit * (0.02 + 0.07 * near) - waves * unit * 0.02).astype(
            np.float32
        )
        colour = light.far(mix(light.on(leaf, 0.35), light.shade, 0.12 + 0.4 * near), distance)
        flora.wood(picture, rng, crest, unit * (0.3 + 0.2 * near), colour, density=1.0 - 0.25 * near,
                   gap=(picture.sun_x, unit * 0.24))  # fmt: skip
        land.veiled(picture, crest, colour, reach=unit * 0.16, mist=0.9)
        if picture.brief.allows("fog"):
            water.mist(
                picture,
                rng,
                float(crest.mean()),
                unit * 0.09,
                0.4 if "fog" in picture.weather else 0.22,
            )


def _sunbeams(picture: Picture, rng: np.random.Generator) -> None:
    """Shafts of light falling through the gap in the trees."""
    if picture.light.level < 0.4 or picture.weather & {"rain", "storm"}:
        return
    canvas, unit = picture.canvas, picture.unit
    x, y = canvas.columns(), canvas.rows()
    origin_y = picture.sun_y - unit * 0.35
    angle = (x - picture.sun_x) / np.maximum(y - origin_y, unit * 0.05)
    table = profile(rng, 2048, cell=70, octaves=5, gain=0.7)
    shafts = table[np.clip((angle * 0.28 + 0.5) * 2047, 0, 2047).astype(np.int32)]
    fade = np.exp(-np.abs(angle) * 1.4) * np.exp(-np.maximum(y - picture.sun_y, 0) / (0.55 * unit))
    beams = smoothstep(-0.1, 0.9, shafts) * fade * 0.42 * picture.light.level
    canvas.shine(beams.astype(np.float32), picture.light.glow)


def _near_trunks(picture: Picture, rng: np.random.Generator) -> None:
    light, unit = picture.light, picture.unit
    dark = mix(light.shade, light.on(paint_hex("3a3028"), 0.2), 0.3)
    count = max(3, int(picture.canvas.width / unit * 5))
    flora.trunks(picture, rng, count, unit * 0.026, dark, picture.canvas.height * 0.97)


def _desert(picture: Picture) -> list[Layer]:
    return [
        Layer("far rocks", lambda p, rng: land.hills(p, rng, rise=0.05, count=2)),
        Layer("dunes", terrain.dunes),
        LUMINARY,
        FOG,
        *_foreground(picture),
        ALOFT,
    ]


def _canyon(picture: Picture) -> list[Layer]:
    return [Layer("buttes", terrain.canyon), LUMINARY, FOG, *_foreground(picture), ALOFT]


def _meadow(picture: Picture) -> list[Layer]:
    flowers = [] if picture.snowy or picture.season == "autumn" and not picture.brief.bloom else [
        Layer("flowers", flora.flower_field)
    ]  # fmt: skip
    near = [] if not flowers else [Layer("blossoms", flora.blossoms)]
    return [
        *(_backdrop(picture) or [Layer("far hills", land.hills)]),
        Layer("far trees", _field_trees),
        Layer("plain", land.plain),
        LUMINARY,
        *flowers,
        FOG,
        *_on_plain(picture),
        Layer("grass", _field_grass),
        *near,
        ALOFT,
    ]


def _on_plain(picture: Picture) -> list[Layer]:
    return [Layer("on land", subjects.on_land)] if _standing(picture) else []


def _field_trees(picture: Picture, rng: np.random.Generator) -> None:
    """A ragged line of woods at the edge of the field."""
    canvas, light, unit = picture.canvas, picture.light, picture.unit
    leaf = land.material(picture, paint_hex("b0692e" if picture.season == "autumn" else "40603f"))
    waves = profile(rng, canvas.width, cell=unit * 0.3, octaves=4, gain=0.5)
    bumps = profile(rng, canvas.width, cell=unit * 0.03, octaves=4, gain=0.6)
    rise = np.maximum(waves * 0.03 + 0.012, 0.0) * (1 + bumps * 0.5)
    crest = (picture.horizon + unit * 0.01 - rise * unit).astype(np.float32)
    colour = light.far(mix(light.on(leaf, 0.3), light.shade, 0.3), 0.45)
    land.veiled(picture, crest, colour, reach=unit * 0.06)


def _field_grass(picture: Picture, rng: np.random.Generator) -> None:
    canvas = picture.canvas
    flora.grass(picture, rng, lambda x: canvas.height + picture.unit * 0.015, picture.unit * 0.085)


def _garden(picture: Picture) -> list[Layer]:
    return [
        Layer("far hills", lambda p, rng: land.hills(p, rng, rise=0.08, count=3)),
        Layer("far trees", _field_trees),
        Layer("plain", land.plain),
        LUMINARY,
        Layer("trees", _garden_trees),
        Layer("flowers", flora.flower_field),
        FOG,
        *_on_plain(picture),
        Layer("grass", _field_grass),
        Layer("blossoms", lambda p, rng: flora.blossoms(p, rng, count=22)),
        Layer("bough", flora.bough),
        ALOFT,
    ]


def _garden_trees(picture: Picture, rng: np.random.Generator) -> None:
    """Two or three trees: one at the focus unless something else stands there."""
    season = "spring" if picture.brief.bloom else picture.season
    depth = picture.canvas.height - picture.horizon
    taken = _standing(picture)
    places = [(picture.sun_x + picture.sunward * picture.unit * 0.12, 0.08, 0.24)]
    if not taken:
        places.append((picture.focus_x, 0.26, 0.5))
    for x, drop, size in places:
        foot = picture.horizon + depth * drop
        _tree_shadow(picture, x, foot, size * picture.unit)
        flora.tree(
            picture,
            rng,
            x,
            foot,
            min(size * picture.unit, foot * 0.85),
            season=season,
            distance=0.4 - size * 0.6,
        )


def _tree_shadow(picture: Picture, x: float, foot: float, tall: float) -> None:
    canvas = picture.canvas
    off_x = (canvas.columns() - x + picture.sunward * tall * 0.15) / (tall * 0.45)
    off_y = (canvas.rows(foot - tall * 0.05) - foot - tall * 0.03) / (tall * 0.055)
    shade = np.exp(-(off_x**2) - off_y**2) * 0.45
    canvas.lay(shade.astype(np.float32), picture.light.shade, top=int(foot - tall * 0.05))


def _winter(picture: Picture) -> list[Layer]:
    return [
        *(_backdrop(picture) or [Layer("far hills", land.hills)]),
        Layer("shore woods", _shore_woods),
        Layer("plain", land.plain),
        LUMINARY,
        FOG,
        Layer("near woods", _winter_trees),
        *_on_plain(picture),
        ALOFT,
    ]


def _winter_trees(picture: Picture, rng: np.random.Generator) -> None:
    """Some single firs in the snow, and their blue shadows."""
    canvas, light, unit = picture.canvas, picture.light, picture.unit
    depth = canvas.height - picture.horizon
    drops = np.sort(rng.uniform(0.05, 0.5, 7))
    for drop in drops:
        x = rng.uniform(0.02, 0.98) * canvas.width
        if abs(x - picture.focus_x) < unit * 0.2:
            x = canvas.width - x
        foot, tall = (
            picture.horizon + depth * drop,
            unit * (0.1 + 0.4 * drop) * rng.uniform(0.8, 1.2),
        )
        _tree_shadow(picture, x, foot, tall)
        crest = np.full(canvas.width, foot, dtype=np.float32)
        del crest
        stencil = flora.Stencil(x - tall, foot - tall * 1.2, tall * 2, tall * 1.3, fine=3)
        stencil.polygon(flora.conifer(x, foot, tall, rng))
        mask = stencil.mask()
        dark = light.far(
            mix(light.on(paint_hex("3d5560"), 0.2), light.shade, 0.4), 0.4 - 0.5 * drop
        )
        flecks = smoothstep(
            0.45, 0.62, fbm(rng, *mask.shape, cell=tall * 0.07, flat=1.8, octaves=3)
        )
        snow = light.far(light.on(land.SNOW, 0.7), 0.1)
        colours = dark[:, None, None] + (snow - dark)[:, None, None] * flecks
        canvas.lay(mask, colours.astype(np.float32), top=stencil.top, left=stencil.left)


def _river(picture: Picture) -> list[Layer]:
    if picture.brief.draws("bridge"):
        return _lake(picture)  # a bridge wants a whole sheet of water to be mirrored in
    return [
        *(_backdrop(picture) or [Layer("far hills", land.hills)]),
        Layer("shore woods", _shore_woods),
        Layer("plain", land.plain),
        Layer("river", _river_bed),
        LUMINARY,
        Layer("flowers", _bank_flowers),
        FOG,
        Layer("afloat", subjects.afloat),
        *_foreground(picture),
        Layer("grass", _field_grass),
        ALOFT,
    ]


def _river_bed(picture: Picture, rng: np.random.Generator) -> None:
    """An S-curve of mirroring water that widens towards the viewer."""
    canvas, unit = picture.canvas, picture.unit
    top = int(picture.horizon + unit * 0.012)
    rows = canvas.height - top
    share = (canvas.rows(0, rows) + 1) / rows
    bend = np.sin(share**0.55 * 5.2 + rng.uniform(-0.4, 0.4)) * picture.sunward
    middle = picture.focus_x + (canvas.width * 0.5 - picture.focus_x) * share * 0.8
    middle = middle + bend * unit * 0.3 * share**0.7
    ragged = (
        profile(rng, rows, cell=unit * 0.05, octaves=5, gain=0.6)[:, None] * unit * 0.03 * share
    )
    half = unit * (0.012 + 0.42 * share**1.6) + ragged
    off = half - np.abs(canvas.columns() - middle)
    bank = np.clip(off + unit * 0.02 * share, 0, 1) * (1 - np.clip(off, 0, 1))
    canvas.lay((bank * 0.7).astype(np.float32), picture.light.shade, top=top)
    water.sheet(picture, rng, top, np.clip(off, 0, 1).astype(np.float32))


def _bank_flowers(picture: Picture, rng: np.random.Generator) -> None:
    if picture.season in ("spring", "summer") and picture.brief.bloom:
        flora.flower_field(picture, rng)


def _city(picture: Picture) -> list[Layer]:
    return [
        *_backdrop(picture),
        Layer("far towers", lambda p, rng: city.skyline(p, rng, 0.0)),
        FOG,
        Layer("middle towers", lambda p, rng: city.skyline(p, rng, 0.5)),
        Layer("near towers", lambda p, rng: city.skyline(p, rng, 1.0)),
        Layer("quay", city.quay),
        Layer("bridge", subjects.spanning),
        Layer("water", water.water),
        LUMINARY,
        *_foreground(picture),
        ALOFT,
    ]


def _window(picture: Picture) -> list[Layer]:
    return [
        *(_backdrop(picture) or [Layer("sea", water.water)]),
        Layer("plain", land.plain)
        if picture.backdrop != "sea"
        else Layer("light on sea", water.water),
        LUMINARY,
        Layer("far trees", _field_trees),
        ALOFT,
        *WEATHER,
        Layer("room", interior.room),
        Layer("still life", interior.still_life),
    ]


def _space(picture: Picture) -> list[Layer]:
    del picture
    return [
        Layer("nebula", cosmos.nebula),
        Layer("starfield", cosmos.starfield),
        Layer("planets", cosmos.planets),
        ALOFT,
    ]


def _abstract(picture: Picture) -> list[Layer]:
    del picture
    return [Layer("ground", abstract.ground), Layer("composition", abstract.composition)]


def _underwater(picture: Picture) -> list[Layer]:
    del picture
    return [
        Layer("depths", water.depths),
        Layer("far reef", lambda p, rng: _reef(p, rng, 0.3)),
        Layer("shoal", _shoal),
        Layer("near reef", lambda p, rng: _reef(p, rng, 1.0)),
    ]


def _reef(picture: Picture, rng: np.random.Generator, near: float) -> None:
    """Rocks and swaying weed along the bottom."""
    canvas, unit = picture.canvas, picture.unit
    deep = canvas.pixels[:, -2].mean(axis=1)
    colour = mix(deep, paint_hex("03111d"), 0.25 + 0.55 * near).astype(np.float32)
    x = np.arange(canvas.width, dtype=np.float32)
    sides = np.abs(x / canvas.width - 0.5) * 2
    waves = profile(rng, canvas.width, cell=unit * 0.25, octaves=6, gain=0.5)
    crest = (
        canvas.height
        - unit * (0.1 + 0.09 * (1 - near)) * (0.5 + sides**2 * 1.6)
        - waves * unit * 0.05
    )
    top, mask, _ = land.below(picture, crest.astype(np.float32))
    canvas.lay(mask, colour, top=top)
    stencil = flora.Stencil(0, canvas.height * 0.35, canvas.width, canvas.height * 0.65, fine=2)
    for _ in range(int(34 * canvas.width / unit)):
        place = rng.uniform(0, canvas.width)
        foot = float(crest[int(min(place, canvas.width - 1))]) + 4
        tall = unit * rng.uniform(0.05, 0.2) * (0.6 + 0.6 * near)
        sway = rng.normal(0, 0.25) * tall
        spine = [
            (place, foot),
            (place + sway * 0.6, foot - tall * 0.4),
            (place - sway * 0.4, foot - tall * 0.75),
            (place + sway, foot - tall),
        ]
        stencil.polygon(flora.limb(spine, [unit * 0.008, unit * 0.011, unit * 0.008, 1.0]))
    canvas.lay(stencil.mask(), colour, top=stencil.top, left=stencil.left)


def _shoal(picture: Picture, rng: np.random.Generator) -> None:
    """Fish: a small far shoal always, larger ones when the prompt asks."""
    canvas, unit = picture.canvas, picture.unit
    asked = subjects.wanted(picture, ("fish",))
    school = subjects.Subject("fish", 1, "silver")
    if picture.brief.allows("fish"):
        for _ in range(26):
            x = picture.sun_x + rng.normal(0, 0.16) * unit
            y = canvas.height * 0.4 + rng.normal(0, 0.07) * unit
            subjects.stand(
                picture, rng, school, subjects.Spot(x, y, unit * rng.uniform(0.02, 0.035), 0.75)
            )
    for subject in asked:
        count = max(3, subject.count) if subject.count > 1 else 1
        for index in range(min(count, 6)):
            x = picture.focus_x + (0.0 if index == 0 else rng.normal(0, 0.24)) * unit
            y = canvas.height * 0.55 + (0.0 if index == 0 else rng.normal(0, 0.17)) * unit
            size = unit * (0.3 if index == 0 else rng.uniform(0.12, 0.2))
            subjects.stand(
                picture,
                rng,
                subject,
                subjects.Spot(x, y, size, 0.05 + 0.08 * index, flip=picture.sunward > 0),
            )


SCENES = {
    "lake": _lake, "sea": _sea, "mountain": _mountain, "forest": _forest, "desert": _desert,
    "canyon": _canyon, "meadow": _meadow, "garden": _garden, "winter": _winter, "river": _river,
    "city": _city, "window": _window, "space": _space, "abstract": _abstract,
    "underwater": _underwater,
}  # fmt: skip
INDOORS = ("space", "abstract", "underwater", "window")


def plan(picture: Picture) -> tuple[list[Layer], list[Layer], list[Layer]]:
    """The layers of a picture: (sky, scene, weather in front)."""
    scene = SCENES[picture.scene](picture)
    bare = picture.scene in ("space", "abstract", "underwater")
    return ([] if bare else SKY), scene, ([] if picture.scene in INDOORS else WEATHER)
