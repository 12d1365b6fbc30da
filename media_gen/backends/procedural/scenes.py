"""Which layers make which scene, from the sky to the foreground."""

from functools import partial

import numpy as np

from media_gen.backends.procedural import (
    abstract,
    city,
    cosmos,
    flowers,
    interior,
    land,
    placing,
    reef,
    sky,
    terrain,
    trees,
    water,
    weather,
    woods,
)
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
ALOFT = Layer("aloft", placing.aloft)
FOG = Layer("fog", weather.fog)
WEATHER = [
    Layer("lightning", weather.bolt),
    Layer("rain", weather.rain),
    Layer("wind", weather.wind_leaves),
    Layer("snowfall", weather.snowfall),
]


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
        Layer("shore woods", woods.shore_woods),
        Layer("headland", placing.headland),
        Layer("bridge", placing.spanning),
        Layer("water", water.water),
        LUMINARY,
        FOG,
        Layer("near fog", weather.near_fog),
        Layer("afloat", placing.afloat),
        *_foreground(picture),
        Layer("reeds", flowers.frame_reeds),
        ALOFT,
    ]


def _sea(picture: Picture) -> list[Layer]:
    shore = [Layer("beach", water.beach)] if _sandy(picture) else []
    return [
        *([*_backdrop(picture)] if picture.backdrop else []),
        Layer("headland", placing.headland),
        Layer("bridge", placing.spanning),
        Layer("water", water.water),
        LUMINARY,
        FOG,
        *shore,
        Layer("afloat", placing.afloat),
        *_foreground(picture),
        ALOFT,
    ]


def _sandy(picture: Picture) -> bool:
    open_water = picture.brief.draws("whale") or picture.brief.draws("ship")
    chance = picture.canvas.rng("beach or open sea").random()
    return "storm" not in picture.weather and not open_water and chance < 0.6


def _foreground(picture: Picture) -> list[Layer]:
    if not placing.standing(picture):
        return []
    return [
        Layer("knoll", land.knoll),
        Layer("on land", placing.on_land),
        Layer("turf", flowers.turf),
    ]


def _mountain(picture: Picture) -> list[Layer]:
    front = _foreground(picture) or [Layer("front woods", woods.front_woods)]
    return [
        Layer("ranges", lambda p, rng: terrain.mountains(p, rng, rise=0.5)),
        LUMINARY,
        Layer("valley mist", weather.valley_mist),
        Layer("middle woods", woods.middle_woods),
        FOG,
        ALOFT,
        *front,
    ]


def _forest(picture: Picture) -> list[Layer]:
    return [
        Layer("far woods", woods.forest_depth),
        LUMINARY,
        Layer("sunbeams", woods.sunbeams),
        FOG,
        Layer("near trunks", woods.near_trunks),
        *(_foreground(picture) or [Layer("floor", woods.forest_floor)]),
        ALOFT,
    ]


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
    growing = [] if picture.snowy else [
        Layer("flowers", flowers.flower_field)
    ]  # fmt: skip
    near = [] if not growing else [Layer("blossoms", flowers.blossoms)]
    return [
        *(_backdrop(picture) or [Layer("far hills", land.hills)]),
        Layer("far trees", woods.field_trees),
        Layer("plain", land.plain),
        LUMINARY,
        *growing,
        FOG,
        *_on_plain(picture),
        Layer("grass", flowers.field_grass),
        *near,
        ALOFT,
    ]


def _on_plain(picture: Picture) -> list[Layer]:
    return [Layer("on land", placing.on_land)] if placing.standing(picture) else []


def _garden(picture: Picture) -> list[Layer]:
    return [
        Layer("far hills", lambda p, rng: land.hills(p, rng, rise=0.08, count=3)),
        Layer("far trees", woods.field_trees),
        Layer("plain", land.plain),
        LUMINARY,
        Layer("small tree", partial(woods.garden_tree, leading=False)),
        Layer("tree", partial(woods.garden_tree, leading=True)),
        Layer("flowers", flowers.flower_field),
        FOG,
        *_on_plain(picture),
        Layer("grass", flowers.field_grass),
        Layer("blossoms", lambda p, rng: flowers.blossoms(p, rng, count=22)),
        Layer("bough", trees.bough),
        ALOFT,
    ]


def _winter(picture: Picture) -> list[Layer]:
    return [
        *(_backdrop(picture) or [Layer("far hills", land.hills)]),
        Layer("shore woods", woods.shore_woods),
        Layer("plain", land.plain),
        LUMINARY,
        FOG,
        Layer("near woods", woods.winter_trees),
        *_on_plain(picture),
        ALOFT,
    ]


def _river(picture: Picture) -> list[Layer]:
    if picture.brief.draws("bridge"):
        return _lake(picture)  # a bridge wants a whole sheet of water to be mirrored in
    return [
        *(_backdrop(picture) or [Layer("far hills", land.hills)]),
        Layer("shore woods", woods.shore_woods),
        Layer("plain", land.plain),
        Layer("river", water.river_bed),
        LUMINARY,
        Layer("flowers", _bank_flowers),
        FOG,
        Layer("afloat", placing.afloat),
        *_foreground(picture),
        Layer("grass", flowers.field_grass),
        ALOFT,
    ]


def _bank_flowers(picture: Picture, rng: np.random.Generator) -> None:
    if picture.season in ("spring", "summer") and picture.brief.bloom:
        flowers.flower_field(picture, rng)


def _city(picture: Picture) -> list[Layer]:
    return [
        *_backdrop(picture),
        Layer("far towers", lambda p, rng: city.skyline(p, rng, 0.0)),
        FOG,
        Layer("middle towers", lambda p, rng: city.skyline(p, rng, 0.5)),
        Layer("near towers", lambda p, rng: city.skyline(p, rng, 1.0)),
        Layer("quay", city.quay),
        Layer("bridge", placing.spanning),
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
        Layer("far trees", woods.field_trees),
        ALOFT,
        *WEATHER,
        Layer("room", interior.room),
        Layer("still life", interior.still_life),
    ]


def _space(picture: Picture) -> list[Layer]:
    del picture
    return [
        Layer("void", cosmos.void),
        *(Layer(f"gas {order}", partial(cosmos.gas, order=order)) for order in range(3)),
        Layer("dust", cosmos.dust),
        Layer("starfield", cosmos.starfield),
        Layer("world", cosmos.world),
        Layer("companion", cosmos.companion),
    ]


def _underwater(picture: Picture) -> list[Layer]:
    del picture
    return [
        Layer("depths", water.depths),
        Layer("shafts", water.shafts),
        Layer("far rocks", partial(reef.rocks, near=0.3)),
        Layer("far weed", partial(reef.weed, near=0.3)),
        Layer("shoal", reef.shoal),
        Layer("fish", reef.fishes),
        Layer("near rocks", partial(reef.rocks, near=1.0)),
        Layer("near weed", partial(reef.weed, near=1.0)),
    ]


SCENES = {
    "lake": _lake, "sea": _sea, "mountain": _mountain, "forest": _forest, "desert": _desert,
    "canyon": _canyon, "meadow": _meadow, "garden": _garden, "winter": _winter, "river": _river,
    "city": _city, "window": _window, "space": _space, "abstract": abstract.plan,
    "underwater": _underwater,
}  # fmt: skip
INDOORS = ("space", "abstract", "underwater", "window")


def plan(picture: Picture) -> tuple[list[Layer], list[Layer], list[Layer]]:
    """The layers of a picture: (sky, scene, weather in front)."""
    scene = SCENES[picture.scene](picture)
    bare = picture.scene in ("space", "abstract", "underwater")
    return ([] if bare else SKY), scene, ([] if picture.scene in INDOORS else WEATHER)
