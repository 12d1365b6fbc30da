"""Woods in depth: the far shore, valley slopes, the inside of a forest, garden and winter trees."""

import numpy as np

from media_gen.backends.procedural import land, placing, trees, water
from media_gen.backends.procedural.canvas import Stencil
from media_gen.backends.procedural.noise import fbm, profile, smoothstep
from media_gen.backends.procedural.palette import mix, paint_hex
from media_gen.backends.procedural.picture import Picture


def shore_woods(picture: Picture, rng: np.random.Generator) -> None:
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
        if wooded and picture.season in ("autumn", "spring") and not picture.snowy:
            trees.grove(picture, rng, crest, unit * (0.05 + 0.035 * step), distance=distance * 0.8)
        elif wooded:
            trees.wood(picture, rng, crest, unit * (0.045 + 0.03 * step), colour)
        land.veiled(picture, crest, colour, reach=unit * 0.1, mist=0.5)
        if "fog" in picture.weather or picture.time in ("dawn", "sunrise"):
            power = 0.6 if "fog" in picture.weather else 0.32
            if picture.brief.allows("fog"):
                water.mist(picture, rng, picture.horizon - unit * 0.012, unit * 0.035, power)


def middle_woods(picture: Picture, rng: np.random.Generator) -> None:
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
        trees.wood(picture, rng, crest, tall, colour, density=2.2)
        land.veiled(picture, crest, colour, reach=unit * 0.16, mist=0.62)


def front_woods(picture: Picture, rng: np.random.Generator) -> None:
    """Large near conifers that frame the picture left and right."""
    canvas, light, unit = picture.canvas, picture.light, picture.unit
    crest = np.full(canvas.width, canvas.height + unit * 0.03, dtype=np.float32)
    x = np.arange(canvas.width, dtype=np.float32)
    middle = np.abs(x / canvas.width - 0.5) * 2
    crest -= (unit * 0.09 * middle**2).astype(np.float32)
    open_x = canvas.width / 2 + picture.sunward * unit * 0.05
    dark = mix(light.on(paint_hex("24382f"), 0.1), light.shade, 0.75)
    trees.wood(
        picture, rng, crest, unit * 0.3, dark, density=0.8, gap=(open_x, canvas.width * 0.33)
    )
    land.veiled(picture, crest, dark, reach=unit, mist=0.0)


def forest_depth(picture: Picture, rng: np.random.Generator) -> None:
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
        trees.wood(picture, rng, crest, unit * (0.3 + 0.2 * near), colour,
                   density=1.0 - 0.25 * near,
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


def sunbeams(picture: Picture, rng: np.random.Generator) -> None:
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


def near_trunks(picture: Picture, rng: np.random.Generator) -> None:
    """Trunks in two depths close by, under a canopy of leaves."""
    light, unit = picture.light, picture.unit
    dark = mix(light.shade, light.on(paint_hex("3a3028"), 0.2), 0.3)
    wide = picture.canvas.width / unit
    middle = mix(dark, light.haze, 0.35)
    foot = picture.horizon + (picture.canvas.height - picture.horizon) * 0.5
    trees.trunks(picture, rng, max(4, int(wide * 8)), unit * 0.012, middle, foot)
    trees.trunks(
        picture, rng, max(3, int(wide * 4)), unit * 0.03, dark, picture.canvas.height * 0.97
    )
    leafy = land.material(
        picture, paint_hex("a8551f" if picture.season == "autumn" else "33502f"), 0.4
    )
    shadow = mix(light.on(leafy, 0.2), light.shade, 0.6)
    if picture.season != "winter":
        trees.canopy(picture, rng, shadow)


def forest_floor(picture: Picture, rng: np.random.Generator) -> None:
    """Mossy ground with ferns."""
    canvas, light, unit = picture.canvas, picture.light, picture.unit
    waves = profile(rng, canvas.width, cell=unit * 0.35, octaves=5, gain=0.45)
    crest = (canvas.height - unit * 0.085 - waves * unit * 0.02).astype(np.float32)
    moss = light.on(land.ground_colour(picture), 0.4)
    dark = mix(moss, light.shade, 0.2 if picture.snowy else 0.62)
    if picture.season != "winter":
        trees.ferns(picture, rng, float(crest.mean()), mix(moss, light.shade, 0.45))
    top, mask, depth = land.below(picture, crest)
    texture = fbm(rng, *mask.shape, cell=unit * 0.04, flat=1.6, octaves=5, gain=0.65) - 0.5
    lit = np.clip(np.exp(-np.maximum(depth, 0) / (unit * 0.03)) * 0.5 + texture * 0.5, 0, 0.8)
    colours = dark[:, None, None] + (moss - dark)[:, None, None] * lit
    canvas.lay(mask, colours.astype(np.float32), top=top)


def winter_trees(picture: Picture, rng: np.random.Generator) -> None:
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
        stencil = Stencil(x - tall, foot - tall * 1.2, tall * 2, tall * 1.3, fine=3)
        stencil.polygon(trees.conifer(x, foot, tall, rng))
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


def garden_tree(picture: Picture, rng: np.random.Generator, leading: bool) -> None:
    """A tree with its shadow: small beside the sun, or leading at the focus if that is free."""
    if leading and placing.standing(picture):
        return
    season = "spring" if picture.brief.bloom else picture.season
    aside = picture.sun_x + picture.sunward * picture.unit * 0.12
    x, drop, size = (picture.focus_x, 0.26, 0.5) if leading else (aside, 0.08, 0.24)
    foot = picture.horizon + (picture.canvas.height - picture.horizon) * drop
    tall = min(size * picture.unit, foot * 0.85)
    _tree_shadow(picture, x, foot, tall)
    trees.tree(picture, rng, x, foot, tall, season=season, distance=0.4 - size * 0.6)


def _tree_shadow(picture: Picture, x: float, foot: float, tall: float) -> None:
    canvas = picture.canvas
    off_x = (canvas.columns() - x + picture.sunward * tall * 0.15) / (tall * 0.45)
    off_y = (canvas.rows(foot - tall * 0.05) - foot - tall * 0.03) / (tall * 0.055)
    shade = np.exp(-(off_x**2) - off_y**2) * 0.45
    canvas.lay(shade.astype(np.float32), picture.light.shade, top=int(foot - tall * 0.05))


def field_trees(picture: Picture, rng: np.random.Generator) -> None:
    """A ragged line of woods at the edge of the field."""
    canvas, light, unit = picture.canvas, picture.light, picture.unit
    leaf = land.material(picture, paint_hex("b0692e" if picture.season == "autumn" else "40603f"))
    waves = profile(rng, canvas.width, cell=unit * 0.3, octaves=4, gain=0.5)
    bumps = profile(rng, canvas.width, cell=unit * 0.03, octaves=4, gain=0.6)
    rise = np.maximum(waves * 0.03 + 0.012, 0.0) * (1 + bumps * 0.5)
    crest = (picture.horizon + unit * 0.01 - rise * unit).astype(np.float32)
    colour = light.far(mix(light.on(leaf, 0.3), light.shade, 0.3), 0.45)
    land.veiled(picture, crest, colour, reach=unit * 0.06)
