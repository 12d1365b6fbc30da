"""Water: mirrored and rippled reflections, the sun's glitter, waves, foam, and mist on top."""

import numpy as np

from media_gen.backends.procedural.canvas import Pixels
from media_gen.backends.procedural.noise import Plane, blur, fbm, profile, ridged, smoothstep
from media_gen.backends.procedural.palette import mix, paint_hex
from media_gen.backends.procedural.picture import Picture


def roughness(picture: Picture) -> float:
    """0 a mirror .. 1 a storm sea."""
    rough = {"sea": 0.5, "river": 0.3, "city": 0.3}.get(picture.scene, 0.16)
    if "storm" in picture.weather:
        rough += 0.5
    if "wind" in picture.weather or "rain" in picture.weather:
        rough += 0.2
    if "fog" in picture.weather or picture.brief.calm:
        rough *= 0.5
    return min(1.0, rough)


def ripples(picture: Picture, rows: int, rng: np.random.Generator) -> Plane:
    """Wave heights around 0 in perspective: fine and flat far away, broad near the viewer."""
    width, unit = picture.canvas.width, picture.unit
    tall = int(rows * 1.6) + 8
    far = fbm(rng, tall, width, cell=unit * 0.05, flat=5.5, octaves=4, gain=0.6)
    near = fbm(rng, tall, width, cell=unit * 0.24, flat=7.0, octaves=5, gain=0.55)
    share = np.linspace(0.5 / rows, 1.0 - 0.5 / rows, rows, dtype=np.float32)[:, None]
    pick = (np.sqrt(share[:, 0]) * (tall - 1)).astype(np.int32)
    waves: Plane = far[pick] + (near[pick] - far[pick]) * share - np.float32(0.5)
    waves *= np.float32(2.2)
    return waves


def water(picture: Picture, rng: np.random.Generator) -> None:
    """Everything under the horizon becomes water that mirrors what stands above it."""
    top = int(picture.horizon)
    sheet(picture, rng, top, None)


def sheet(picture: Picture, rng: np.random.Generator, top: int, mask: Plane | None) -> None:
    """Mirror the rows above `top` below it, inside a mask over those rows (all when None)."""
    canvas, light = picture.canvas, picture.light
    rows = canvas.height - top
    if rows < 4 or top < 4:
        return
    rough = roughness(picture)
    waves = ripples(picture, rows, rng)
    share = ((np.arange(rows, dtype=np.float32) + 0.5) / rows).astype(np.float32)[:, None]
    mirrored = _mirror(picture, top, rows, waves, share, rough)
    deep = mix(light.zenith, light.shade, 0.45)
    if picture.scene == "sea" and light.night < 0.5:
        sea = mix(paint_hex("1f6f86"), light.upper, 0.45)
        deep = mix(
            deep,
            sea * np.float32(0.4 + 0.4 * light.level),
            0.5 if not picture.brief.colours else 0.1,
        )
    facing = np.clip(
        0.1 + 0.55 * share ** (1.2 - 0.5 * rough) + waves * (0.12 + 0.5 * rough), 0, 0.9
    )
    veil = np.exp(-share * 16) * 0.4 * light.veil
    for channel in range(3):
        plane = mirrored[channel]
        plane += (deep[channel] - plane) * facing
        plane += (light.haze[channel] - plane) * veil
        plane *= 1.0 + waves * (0.06 + 0.1 * rough + 0.5 * max(0.0, rough - 0.6)) * share
    cover = np.ones((rows, canvas.width), dtype=np.float32) if mask is None else mask
    canvas.lay(cover, mirrored, top=top)
    _glitter(picture, top, waves, share, cover)
    if rough > 0.55:
        _whitecaps(picture, rng, top, waves, share, rough)


def _mirror(
    picture: Picture, top: int, rows: int, waves: Plane, share: Plane, rough: float
) -> Pixels:
    """The reflected picture: flipped, smeared downwards, displaced by the waves."""
    canvas = picture.canvas
    width = canvas.width
    squeeze = max(1.0, rows / top)
    lift = waves * share * rows * (0.05 + 0.25 * rough)
    y = top - 2 - (np.arange(rows, dtype=np.float32)[:, None] + lift) / squeeze
    source_y = np.clip(y, 0, top - 1).astype(np.int32)
    sway = waves * (0.15 + share) * picture.unit * (0.008 + 0.03 * rough)
    source_x = np.clip(canvas.columns() + sway, 0, width - 1).astype(np.int32)
    flat = source_y * width + source_x
    out = np.empty((3, rows, width), dtype=np.float32)
    for channel in range(3):
        above = np.ascontiguousarray(canvas.pixels[channel, :top])
        out[channel] = above.ravel().take(flat)
    return np.minimum(out, 1.0)


def _glitter(picture: Picture, top: int, waves: Plane, share: Plane, cover: Plane) -> None:
    """The path of broken light below sun or moon; never a second disc."""
    light, canvas = picture.light, picture.canvas
    hidden = picture.weather & {"storm", "rain", "fog"}
    if hidden and not picture.brief.draws("sun") and not picture.brief.draws("moon"):
        strength = 0.12
    else:
        strength = {"noon": 0.45, "dusk": 0.4, "blue": 0.15}.get(picture.time, 1.0)
    spread = picture.unit * (0.022 + 0.13 * share**1.3)
    path = np.exp(-(((canvas.columns() - picture.sun_x) / spread) ** 2))
    sparkle = smoothstep(0.1, 0.75, waves + 0.35 * path - 0.05) * 1.1 + 0.2
    fade = (1.0 - 0.5 * share) * smoothstep(0.0, 0.02, share)
    colour = mix(light.glow, light.disc, 0.5)
    canvas.shine(
        (path * sparkle * fade * cover * strength * 0.75).astype(np.float32), colour, top=top
    )


def _whitecaps(
    picture: Picture, rng: np.random.Generator, top: int, waves: Plane, share: Plane, rough: float
) -> None:
    rows = waves.shape[0]
    lace = fbm(
        rng, rows, picture.canvas.width, cell=picture.unit * 0.05, flat=3, octaves=5, gain=0.7
    )
    foam = (
        smoothstep(0.5, 0.95, waves * 1.2 + (lace - 0.5) * 1.4)
        * (0.2 + 0.8 * share)
        * (rough - 0.3)
    )
    white = picture.light.on(paint_hex("f4f8f8"), 0.6)
    picture.canvas.lay(foam.astype(np.float32), white, top=top)


def beach(picture: Picture, rng: np.random.Generator) -> None:
    """A strand across one lower corner, with a wet edge and lines of foam."""
    canvas, light, unit = picture.canvas, picture.light, picture.unit
    x = canvas.columns()
    side = 1.0 if picture.focus_x > canvas.width / 2 else -1.0
    across = (x / canvas.width - 0.5) * side
    wander = profile(rng, canvas.width, cell=unit * 0.4, octaves=4, gain=0.45)[None, :]
    depth = canvas.height - picture.horizon
    line = (
        canvas.height - depth * (0.16 + 0.42 * np.clip(across + 0.25, 0, 1)) + wander * unit * 0.015
    )
    top = int(max(picture.horizon, line.min() - unit * 0.12))
    y = canvas.rows(top)
    inland = y - line
    rows = inland.shape[0]
    lace = fbm(rng, rows, canvas.width, cell=unit * 0.06, flat=2, octaves=5, gain=0.62)
    grain = fbm(rng, rows, canvas.width, cell=unit * 0.02, octaves=3, gain=0.8)
    sand = light.on(paint_hex("dcc09a") if not picture.snowy else paint_hex("eef2f8"), 0.7)
    wet = mix(sand * np.float32(0.62), light.low, 0.25)
    dry_share = smoothstep(0.0, unit * 0.1, inland)
    tone = (0.9 + (grain - 0.5) * 0.25) * (1.0 - 0.25 * smoothstep(0, depth * 0.6, inland))
    colours = (wet[:, None, None] + (sand - wet)[:, None, None] * dry_share) * tone
    canvas.lay(smoothstep(-unit * 0.008, unit * 0.012, inland), colours.astype(np.float32), top=top)
    foam = np.zeros_like(inland)
    for offset, width, power in ((0.0, 0.012, 0.95), (-0.05, 0.01, 0.5), (-0.105, 0.008, 0.3)):
        bend = (lace - 0.5) * unit * 0.07 + offset * unit
        foam += np.exp(-(((inland - bend) / (width * unit)) ** 2)) * power
    foam *= smoothstep(0.3, 0.6, lace)
    white = mix(light.on(paint_hex("fbfdfd"), 0.8), light.low, 0.15)
    canvas.lay(np.clip(foam, 0, 1).astype(np.float32), white, top=top)


def depths(picture: Picture, rng: np.random.Generator) -> None:
    """Deep water from inside: a gradient, shafts of light and a net of caustics near the top."""
    canvas, light, unit = picture.canvas, picture.light, picture.unit
    brief_colours = bool(picture.brief.colours)
    bright = light.low if brief_colours else mix(paint_hex("7fd6d8"), light.low, 0.2)
    deep = mix(light.zenith, light.shade, 0.6) if brief_colours else paint_hex("06304f")
    dim = np.float32(1.0 - 0.6 * light.night)
    fall = np.clip(canvas.rows() / canvas.height, 0, 1) ** 0.7
    murk = fbm(rng, canvas.height, canvas.width, cell=unit * 0.6, octaves=4)
    share = np.clip(fall + (murk - 0.5) * 0.25, 0, 1)
    for channel in range(3):
        canvas.pixels[channel] = (bright[channel] + (deep[channel] - bright[channel]) * share) * dim


def shafts(picture: Picture, rng: np.random.Generator) -> None:
    """Light from above: beams that fan out and a net of caustics below the surface."""
    canvas, light, unit = picture.canvas, picture.light, picture.unit
    bright = light.low if picture.brief.colours else mix(paint_hex("7fd6d8"), light.low, 0.2)
    dim = np.float32(1.0 - 0.6 * light.night)
    fall = np.clip(canvas.rows() / canvas.height, 0, 1) ** 0.7
    origin = canvas.width * 0.5 + (picture.sun_x - canvas.width * 0.5) * 1.6
    angle = (canvas.columns() - origin) / (canvas.rows() + unit * 0.35)
    table = profile(rng, 1024, cell=60, octaves=6, gain=0.75)
    fan = table[np.clip((angle * 0.3 + 0.5) * 1023, 0, 1023).astype(np.int32)]
    beams = smoothstep(0.0, 0.9, fan) * np.exp(-fall * 2.2) * 0.55
    net = ridged(fbm(rng, canvas.height, canvas.width, cell=unit * 0.12, flat=2.5, octaves=2)) ** 6
    canvas.shine((beams + net * np.exp(-fall * 9) * 0.5).astype(np.float32) * dim, bright)


def mist(
    picture: Picture, rng: np.random.Generator, y: float, thickness: float, power: float
) -> None:
    """A bank of mist around row `y`, drifting in flat shreds; power 0..1."""
    canvas, light, unit = picture.canvas, picture.light, picture.unit
    top = int(max(0, y - thickness * 1.6))
    bottom = int(min(canvas.height, y + thickness * 1.4))
    if bottom - top < 4:
        return
    rows = canvas.rows(top, bottom)
    shreds = fbm(rng, bottom - top, canvas.width, cell=unit * 0.5, flat=5.0, octaves=5, gain=0.5)
    shreds = blur(shreds, unit * 0.006)
    off = (rows - y) / thickness + (shreds - 0.5) * 0.9
    veil = np.exp(-(off**2) * 1.6) * smoothstep(0.12, 0.62, shreds) * power
    edge = smoothstep(0, 0.25, (rows - top) / (bottom - top)) * smoothstep(
        1.0, 0.75, (rows - top) / (bottom - top)
    )
    near_sun = np.exp(-(((canvas.columns() - picture.sun_x) / (0.55 * unit)) ** 2))
    base = mix(light.haze, light.low, 0.35)
    glow = mix(light.haze, light.glow, 0.55 * (1 - light.night) + 0.15)
    colours = base[:, None, None] + (glow - base)[:, None, None] * near_sun
    canvas.lay((veil * edge).astype(np.float32), colours.astype(np.float32), top=top, solid=False)


def river_bed(picture: Picture, rng: np.random.Generator) -> None:
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
    sheet(picture, rng, top, np.clip(off, 0, 1).astype(np.float32))
