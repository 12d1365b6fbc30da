"""Space: gas clouds with dust lanes, stars of every size, planets with shadow and rings."""

import numpy as np

from media_gen.backends.procedural.canvas import Canvas
from media_gen.backends.procedural.noise import Plane, blur, enlarge, fbm, ridged, smoothstep
from media_gen.backends.procedural.palette import NAMED, Colour, mix, paint_hex
from media_gen.backends.procedural.picture import Picture

SCHEMES = (
    ("ff7a4d", "b02a6b", "2f6fd0"), ("4fc3e8", "7a3fd0", "e85a9a"), ("ffc27a", "c2503a", "2f8f9a"),
    ("9ae0c8", "2f6fa8", "8a4fd0"),
)  # fmt: skip


STRIPES = np.random.default_rng(5).uniform(0.15, 1, 40)  # the gaps of planetary rings


def gas_colours(picture: Picture) -> list[Colour]:
    """Three colours for the gas, the prompt's first."""
    rng = picture.canvas.rng("gas colours")
    scheme = [paint_hex(code) for code in SCHEMES[int(rng.integers(len(SCHEMES)))]]
    named = [NAMED[name] for name in picture.brief.colours]
    if len(named) == 1:
        return [
            mix(named[0], paint_hex("ffffff"), 0.25),
            named[0],
            mix(named[0], paint_hex("30208a"), 0.4),
        ]
    return [*named, *scheme][:3]


def void(picture: Picture, rng: np.random.Generator) -> None:
    """The dark before the stars."""
    wash = fbm(rng, picture.canvas.height, picture.canvas.width, cell=picture.unit, octaves=3)
    tint = mix(paint_hex("0a0d22"), gas_colours(picture)[1], 0.08)
    picture.canvas.pixels[:] = tint[:, None, None] * (0.35 + 0.9 * wash)


def _currents(picture: Picture) -> tuple[Plane, Plane, Plane]:
    """Where to look up gas (rows, columns, on half the canvas) and its density along a stream."""
    canvas, rng = picture.canvas, picture.canvas.rng("currents")
    rows, columns = max(2, canvas.height // 2), max(2, canvas.width // 2)
    unit = picture.unit / 2
    warp_x = (fbm(rng, rows, columns, cell=unit * 0.5, octaves=3) - 0.5) * unit * 0.7
    warp_y = (fbm(rng, rows, columns, cell=unit * 0.5, octaves=3) - 0.5) * unit * 0.7
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    slope = rng.uniform(-0.9, 0.9)
    off = (y - rows * 0.5 - (x - columns * 0.5) * slope + warp_y * 0.6) / (unit * 0.42)
    stream: Plane = np.exp(-(off**2)).astype(np.float32) * np.float32(0.8) + np.float32(0.2)
    return np.clip(y + warp_y, 0, rows - 1), np.clip(x + warp_x, 0, columns - 1), stream


def gas(picture: Picture, rng: np.random.Generator, order: int) -> None:
    """One cloud of glowing gas along the stream."""
    canvas, unit = picture.canvas, picture.unit / 2
    y, x, stream = _currents(picture)
    rows, columns = stream.shape
    pick = (y.astype(np.int32), x.astype(np.int32))
    cloud = fbm(rng, rows, columns, cell=unit * (0.5 - 0.1 * order), octaves=6, gain=0.55)[pick]
    wisps = ridged(fbm(rng, rows, columns, cell=unit * 0.4, octaves=5, gain=0.55))[pick]
    power = smoothstep(0.42, 0.95, cloud * 0.75 + wisps * 0.3) * stream
    glow = enlarge(power, canvas.height, canvas.width) * np.float32(1.45 - 0.16 * order)
    core = glow**4 * 0.22
    colour = gas_colours(picture)[order]
    for channel in range(3):
        plane = canvas.pixels[channel]
        plane += (1.06 - plane) * (1 - np.exp(-colour[channel] * glow - core))


def dust(picture: Picture, rng: np.random.Generator) -> None:
    """Dark lanes in front of the gas."""
    canvas, unit = picture.canvas, picture.unit / 2
    y, x, stream = _currents(picture)
    lanes = fbm(rng, *stream.shape, cell=unit * 0.45, octaves=6, gain=0.6)
    lanes = ridged(lanes[y.astype(np.int32), x.astype(np.int32)])
    shade = 1.0 - 0.72 * smoothstep(0.62, 0.95, lanes) * np.clip(stream * 1.2, 0, 1)
    canvas.pixels *= enlarge(shade.astype(np.float32), canvas.height, canvas.width)


def starfield(picture: Picture, rng: np.random.Generator) -> None:
    """Faint stars everywhere, some bright ones with a glow and a thin cross."""
    canvas, unit = picture.canvas, picture.unit
    area = canvas.width * canvas.height / unit**2
    count = int(2600 * area)
    xs, ys = rng.integers(0, canvas.width, count), rng.integers(0, canvas.height, count)
    field = np.zeros((canvas.height, canvas.width), dtype=np.float32)
    np.add.at(
        field, (ys, xs), np.minimum(rng.pareto(1.9, count).astype(np.float32) * 0.15 + 0.08, 1.5)
    )
    light = field + blur(field, 0.002 * unit + 1.0) * 2.4
    canvas.shine(light, np.array([1.0, 0.98, 1.05], np.float32))
    for _ in range(int(14 * area) + 3):
        _bright_star(canvas, rng, unit)


def _bright_star(canvas: Canvas, rng: np.random.Generator, unit: float) -> None:
    half = int(unit * rng.uniform(0.012, 0.04)) + 3
    y, x = np.mgrid[-half : half + 1, -half : half + 1].astype(np.float32) / half
    away = np.hypot(x, y)
    core = np.exp(-away * 11) * 1.6
    cross = np.exp(-np.abs(x) * 38 - np.abs(y) * 4) + np.exp(-np.abs(y) * 38 - np.abs(x) * 4)
    star = (core + cross * 0.55) * smoothstep(1.0, 0.6, away)
    tint = mix(paint_hex("bcd2ff"), paint_hex("ffd9b0"), float(rng.random()))
    left, top = int(rng.uniform(0, canvas.width)) - half, int(rng.uniform(0, canvas.height)) - half
    canvas.shine(star.astype(np.float32), tint, top=top, left=left)


def planet(
    picture: Picture, rng: np.random.Generator, x: float, y: float, radius: float, colour: Colour,
    *, rings: bool,
) -> None:  # fmt: skip
    """A sphere with bands or storms, a soft terminator, an airy rim, perhaps rings."""
    canvas = picture.canvas
    half = int(radius * (2.3 if rings else 1.25)) + 2
    dy, dx = np.mgrid[-half:half, -half:half].astype(np.float32) / radius
    away = np.hypot(dx, dy)
    body = smoothstep(1 + 1.2 / radius, 1 - 1.2 / radius, away)
    z = np.sqrt(np.clip(1 - away**2, 0, 1))
    side = picture.sunward
    lit = np.clip(dx * 0.62 * side - dy * 0.42 + z * 0.5 + 0.08, 0, 1) ** 0.85
    gas = rng.random() < 0.6 or rings
    bend = fbm(
        rng,
        2 * half,
        2 * half,
        cell=radius * (0.9 if gas else 0.6),
        flat=4.5 if gas else 1.0,
        octaves=6,
        gain=0.58,
    )
    tilt = dy + 0.22 * dx * side
    lattice = rng.uniform(0, 1, 24).astype(np.float32)
    bands = np.interp((tilt + 1) * 9 + (bend - 0.5) * 5, np.arange(24), lattice).astype(np.float32)
    texture = bands if gas else smoothstep(0.44, 0.6, bend)
    other = mix(colour, paint_hex("fff1dc"), 0.55)
    dark = mix(colour, paint_hex("1a1030"), 0.45)
    surface = dark[:, None, None] + (other - dark)[:, None, None] * texture
    surface = surface * (0.03 + 1.12 * lit)
    rim = np.exp(-(((away - 0.985) / 0.05) ** 2)) * lit * 0.6
    surface += mix(colour, paint_hex("cfe6ff"), 0.6)[:, None, None] * rim
    top, left = int(y) - half, int(x) - half
    if rings:
        _rings(canvas, dx, dy, side, colour, (top, left), front=False)
    canvas.lay(body, surface.astype(np.float32), top=top, left=left)
    air = (
        np.exp(-np.maximum(away - 1, 0) * 14)
        * (1 - body)
        * np.clip(dx * 0.7 * side - dy * 0.5 + 0.3, 0, 1)
    )
    canvas.shine(
        (air * 0.5 * smoothstep(1.25, 1.1, away)).astype(np.float32),
        mix(colour, paint_hex("cfe6ff"), 0.6),
        top=top,
        left=left,
    )
    if rings:
        _rings(canvas, dx, dy, side, colour, (top, left), front=True)


def _rings(
    canvas: Canvas, dx: Plane, dy: Plane, side: float, colour: Colour,
    corner: tuple[int, int], *, front: bool,
) -> None:  # fmt: skip
    turned_x, turned_y = dx * 0.96 + dy * 0.28 * side, dy * 0.96 - dx * 0.28 * side
    ring = np.hypot(turned_x, turned_y * 4.2)
    stripes = np.interp(ring, np.linspace(1.3, 2.15, 40), STRIPES)
    cover = smoothstep(1.3, 1.36, ring) * smoothstep(2.15, 2.05, ring) * stripes.astype(np.float32)
    cover = cover * ((turned_y > 0) if front else (turned_y <= 0)) * 0.85
    canvas.lay(
        cover.astype(np.float32),
        mix(colour, paint_hex("fff1dc"), 0.6),
        top=corner[0],
        left=corner[1],
    )


def _world_colour(picture: Picture) -> Colour:
    own = [subject.colour for subject in picture.brief.subjects if subject.name == "planet"]
    named = [name for name in (*own, *picture.brief.colours) if name]
    if named:
        return NAMED[named[0]]
    codes = ("c98d5a", "6f9fc8", "b56a78", "8fae9a")
    return paint_hex(codes[int(picture.canvas.rng("world colour").integers(len(codes)))])


def world(picture: Picture, rng: np.random.Generator) -> None:
    """One large planet by thirds, always when asked for, often otherwise."""
    asked = picture.brief.draws("planet")
    if not picture.brief.allows("planet") or not (asked or rng.random() < 0.75):
        return
    radius = picture.unit * (rng.uniform(0.17, 0.24) if asked else rng.uniform(0.1, 0.2))
    y = picture.canvas.height * rng.uniform(0.4, 0.62)
    rings = bool(rng.random() < 0.5)
    planet(picture, rng, picture.focus_x, y, radius, _world_colour(picture), rings=rings)


def companion(picture: Picture, rng: np.random.Generator) -> None:
    """A small moon far off."""
    if not picture.brief.allows("planet") or not picture.brief.allows("moon"):
        return
    y = picture.canvas.height * rng.uniform(0.16, 0.3)
    radius = picture.unit * rng.uniform(0.025, 0.05)
    tone = mix(_world_colour(picture), paint_hex("d8d2e0"), 0.7)
    planet(picture, rng, picture.sun_x, y, radius, tone, rings=False)


def sky_planet(picture: Picture, rng: np.random.Generator) -> None:
    """A world hanging in the sky of an earthly scene, pale with air."""
    if picture.scene == "space" or not picture.brief.draws("planet"):
        return
    colour = mix(
        NAMED[picture.brief.colours[0]] if picture.brief.colours else paint_hex("c9a48a"),
        picture.light.upper,
        0.45,
    )
    planet(
        picture,
        rng,
        picture.focus_x,
        picture.horizon * 0.34,
        picture.unit * 0.14,
        colour,
        rings=True,
    )
