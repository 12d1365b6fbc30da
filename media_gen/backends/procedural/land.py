"""Land: mountain ranges, hills, dunes, buttes and the knoll that subjects stand on."""

import numpy as np

from media_gen.backends.procedural.noise import Plane, fbm, profile
from media_gen.backends.procedural.palette import Colour, mix, paint_hex, tinted, tones
from media_gen.backends.procedural.picture import Picture

ROCK, SNOW, SAND = paint_hex("75707a"), paint_hex("f2f5fb"), paint_hex("e0a868")
GRASS = {
    "spring": paint_hex("7fae52"),
    "summer": paint_hex("6b9a48"),
    "autumn": paint_hex("b08a45"),
    "winter": paint_hex("eef2f8"),
}


def material(picture: Picture, colour: Colour, share: float = 0.5) -> Colour:
    """A natural colour pulled towards the colours that the prompt names."""
    pair = tones(picture.brief)
    return tinted(colour, mix(*pair, 0.5), share) if pair else colour


def ground_colour(picture: Picture) -> Colour:
    """What covers the open ground in this season."""
    if picture.snowy:
        return SNOW
    return material(picture, GRASS[picture.season if picture.season != "winter" else "autumn"])


def below(picture: Picture, crest: Plane, bottom: float | None = None) -> tuple[int, Plane, Plane]:
    """Mask of everything under a crest line: (top row, mask, depth under the crest in pixels)."""
    canvas = picture.canvas
    end = canvas.height if bottom is None else min(canvas.height, int(bottom))
    top = int(np.clip(np.floor(crest.min()) - 1, 0, max(0, end - 1)))
    depth = canvas.rows(top, max(end, top + 1)) - crest[None, :]
    return top, np.clip(depth + 0.5, 0, 1), depth


def hills(picture: Picture, rng: np.random.Generator, *, rise: float = 0.1, count: int = 4) -> None:
    """Soft wooded hills fading into the air."""
    light, unit = picture.light, picture.unit
    wood = material(picture, mix(ground_colour(picture), paint_hex("35543f"), 0.6))
    for step in range(count):
        near = (step + 0.4) / count
        width = picture.canvas.width
        waves = profile(rng, width, cell=unit * 0.55, octaves=4, gain=0.36)
        rough = profile(rng, width, cell=unit * 0.012, octaves=2, gain=0.6) * unit * 0.004
        crest = picture.horizon - unit * rise * (1.05 - near) * (0.75 + waves) + rough
        colour = light.far(light.on(wood, 0.4 + 0.2 * near), 1.0 - near * 0.75)
        veiled(picture, crest.astype(np.float32), colour, reach=unit * rise * 1.1)


def veiled(
    picture: Picture, crest: Plane, colour: Colour, *, reach: float, mist: float = 0.6
) -> None:
    """A flat layer of land that dissolves into haze `reach` pixels below its crest."""
    light = picture.light
    top, mask, depth = below(picture, crest)
    share = np.clip(depth / max(reach, 1.0), 0, 1) * mist * (0.5 + 0.5 * light.veil)
    colours = colour[:, None, None] + (light.haze - colour)[:, None, None] * share
    picture.canvas.lay(mask, colours.astype(np.float32), top=top)


def plain(picture: Picture, rng: np.random.Generator) -> None:
    """Open ground from the horizon to the viewer, with broad patches of light and colour."""
    canvas, light, unit = picture.canvas, picture.light, picture.unit
    width = canvas.width
    crest = picture.horizon + profile(rng, width, cell=unit * 0.5, octaves=3) * unit * 0.012
    top, mask, depth = below(picture, crest.astype(np.float32))
    rows = mask.shape[0]
    patches = fbm(rng, rows, width, cell=unit * 0.5, flat=5, octaves=5, gain=0.55)
    grain = fbm(rng, rows, width, cell=unit * 0.03, flat=2.5, octaves=4, gain=0.7)
    near = np.clip(depth / max(canvas.height - picture.horizon, 1), 0, 1)
    cover = ground_colour(picture)
    lit = np.clip(0.15 + 0.6 * near + (patches - 0.5) * 1.1 + (grain - 0.5) * 0.7 * near, 0, 1)
    dark, bright = light.on(cover, 0.0), light.on(cover, 0.95)
    if picture.snowy:
        dark, bright = dark * np.float32(1.12), bright * np.float32(1.2)
    else:
        dark = mix(dark * np.float32(0.85), light.shade, 0.25)
    air = np.exp(-near * 7.0) * (0.5 + 0.4 * light.veil)
    vignette = 1.0 - 0.35 * near**2
    colours = np.stack(
        [
            (dark[c] + (bright[c] - dark[c]) * lit) * vignette * (1 - air) + light.haze[c] * air
            for c in range(3)
        ]
    )
    canvas.lay(mask, colours.astype(np.float32), top=top)


def knoll_crest(picture: Picture) -> Plane:
    """The line of the foreground rise, in pixels; the same for the ground and who stands on it."""
    canvas = picture.canvas
    x = np.arange(canvas.width, dtype=np.float32)
    waves = profile(
        canvas.rng("knoll"), canvas.width, cell=picture.unit * 0.35, octaves=5, gain=0.4
    )
    mound = np.exp(-(((x - picture.focus_x) / (0.3 * picture.unit)) ** 2))
    top = canvas.height - min(picture.unit * 0.2, canvas.height * 0.22)
    low = canvas.height - min(picture.unit * 0.05, canvas.height * 0.05)
    crest: Plane = low - (low - top) * mound + waves * picture.unit * 0.012
    return crest


def knoll(picture: Picture, rng: np.random.Generator) -> None:
    """A dark rise in the foreground, rim-lit along its crest."""
    light, unit = picture.light, picture.unit
    crest = knoll_crest(picture)
    top, mask, depth = below(picture, crest)
    texture = fbm(rng, *mask.shape, cell=unit * 0.05, octaves=5, gain=0.65)
    cover = ground_colour(picture) if picture.scene not in ("desert", "canyon") else SAND
    body = mix(light.on(cover, 0.1), light.shade, 0.35 if picture.snowy else 0.72)
    rim = light.on(mix(cover, light.glow, 0.4), 1.0)
    share = np.exp(-np.maximum(depth, 0) / (unit * 0.02)) * 0.35 + (texture - 0.5) * 0.3
    share = np.clip(share, 0, 0.7)
    colours = body[:, None, None] + (rim - body)[:, None, None] * share
    picture.canvas.lay(mask, colours.astype(np.float32), top=top)
