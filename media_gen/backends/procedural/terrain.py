"""Relief seen in perspective: mountains, dunes and canyons rendered from height fields.

A height field has shape (slices, columns): slice 0 is nearest, columns are those of the canvas.
`view` finds for every pixel the first slice that rises above its line of sight.
"""

from dataclasses import dataclass

import numpy as np

from media_gen.backends.procedural.land import ROCK, SAND, SNOW, material
from media_gen.backends.procedural.noise import Plane, fbm, profile, ridged, smoothstep
from media_gen.backends.procedural.palette import mix, paint_hex
from media_gen.backends.procedural.picture import Picture

SLICES = 300


@dataclass(frozen=True)
class View:
    """Visible surface: canvas row of its top, coverage, and where to look up slice values."""

    top: int
    mask: Plane
    _near: np.ndarray[tuple[int, ...], np.dtype[np.int32]]
    _share: Plane

    def of(self, field: Plane) -> Plane:
        """The values of a (slices, columns) field at the visible pixels."""
        columns = field.shape[1]
        flat = np.ascontiguousarray(field).ravel()
        first = flat.take(self._near)
        second = flat.take(np.minimum(self._near + columns, flat.size - 1))
        between: Plane = first + (second - first) * self._share
        return between


def view(elevation: Plane, base: float, height: int) -> View:
    """Project slices whose elevation is given in pixels above canvas row `base`."""
    slices, columns = elevation.shape
    skyline = np.maximum.accumulate(elevation, axis=0)
    top = int(np.clip(np.floor(base - skyline[-1].max()) - 1, 0, height - 2))
    rows = np.arange(top, height, dtype=np.float32)[:, None]
    sight = base - rows  # pixels above the base, falling downwards
    bins = np.clip(np.ceil(skyline - sight[-1, 0]), 0, len(rows)).astype(np.int32)
    counts = np.bincount(
        (bins * columns + np.arange(columns, dtype=np.int32)).ravel(),
        minlength=(len(rows) + 1) * columns,
    )
    hidden = np.cumsum(counts.reshape(-1, columns)[:-1], axis=0)[::-1]
    seen = np.clip(hidden, 0, slices - 1).astype(np.int32)
    before = np.maximum(seen - 1, 0)
    near = before * columns + np.arange(columns, dtype=np.int32)
    flat = skyline.ravel()
    low = flat.take(near)
    high = flat.take(seen * columns + np.arange(columns, dtype=np.int32))
    share = np.clip((sight - low) / np.maximum(high - low, 1e-3), 0, 1)
    mask = np.clip(skyline[-1][None, :] - sight + 0.5, 0, 1)
    return View(top, mask.astype(np.float32), near, share.astype(np.float32))


def spread(field: Plane, depth: Plane) -> Plane:
    """Look at a world-space field in perspective: near slices show a narrower, larger part."""
    columns = field.shape[1]
    place = np.arange(columns, dtype=np.float32)[None, :] / columns - 0.5
    pick = np.clip((0.5 + place * depth / depth.max()) * (columns - 1), 0, columns - 1.001)
    whole = pick.astype(np.int32)
    part = pick - whole
    row = np.arange(field.shape[0])[:, None]
    seen: Plane = field[row, whole] * (1 - part) + field[row, whole + 1] * part
    return seen


def crags(rng: np.random.Generator, columns: int, cell: float, octaves: int = 7) -> Plane:
    """Eroded rock: ridges that carry finer ridges, smooth valleys; about 0..1."""
    total = np.zeros((SLICES, columns), dtype=np.float32)
    weight: Plane | float = 1.0
    amplitude = 1.0
    for octave in range(octaves):
        size = cell / 2**octave
        noise = fbm(rng, SLICES, columns, cell=size, flat=max(1.0, cell / SLICES * 2.2), octaves=1)
        crest = ridged(noise) ** 2
        total += amplitude * weight * crest
        weight = np.clip(crest * 1.7, 0, 1)
        amplitude *= 0.46
    return total / np.float32(1.45)


def lighting(picture: Picture, heights: Plane, steep: float) -> Plane:
    """Sunlight on a height field, 0..1, with shadows cast along the picture plane."""
    side = picture.sunward
    across, along = np.gradient(heights, axis=1) * steep, np.gradient(heights, axis=0) * steep
    facing = (-across * side * 0.85 - along * 0.25 + 0.42) / np.sqrt(across**2 + along**2 + 1)
    run = np.arange(heights.shape[1], dtype=np.float32)[None, :] * (0.6 / steep)
    if side > 0:  # light comes from the right: sweep leftwards
        horizon = np.maximum.accumulate((heights - run)[:, ::-1], axis=1)[:, ::-1]
        behind = horizon - (heights - run)
    else:
        behind = np.maximum.accumulate(heights + run, axis=1) - (heights + run)
    shadow = smoothstep(0.0, 0.05, behind)
    lit: Plane = np.clip(0.12 + facing * 0.95, 0, 1) * (1 - 0.72 * shadow)
    return lit


def mountains(picture: Picture, rng: np.random.Generator, *, rise: float = 0.4) -> None:
    """A massif by thirds, lit from the side of the sun, with snow where it can lie."""
    canvas, unit = picture.canvas, picture.unit
    columns = canvas.width
    depth = np.linspace(1.0, 3.0, SLICES, dtype=np.float32)[:, None]
    heights = spread(crags(rng, columns, unit * 0.42), depth)
    x = canvas.columns()
    massif = np.exp(-(((x - picture.focus_x) / (0.36 * columns)) ** 2))
    shoulder = np.exp(-(((x - picture.sun_x) / (0.3 * columns)) ** 2))
    far = (depth - 1) / 2
    envelope = (0.3 + 0.85 * massif * smoothstep(0.1, 0.7, far) - 0.06 * shoulder) * (
        0.18 + 0.82 * far**0.8
    )
    high = min(rise * unit * 1.25, picture.horizon * 0.78)
    altitude = heights * envelope
    seen = view((altitude * high - unit * 0.012).astype(np.float32), picture.horizon, int(min(
        canvas.height, picture.horizon + unit * 0.16)))  # fmt: skip
    lit = lighting(picture, heights * (0.4 + 0.6 * massif), 0.5 * unit)
    flat = 1 - np.clip(np.abs(np.gradient(heights, axis=1)) * unit * 0.16, 0, 1)
    line = 0.02 if picture.snowy else 0.3 if picture.season != "summer" else 0.46
    snow = smoothstep(
        line - 0.05, line + 0.12, altitude + (flat - 0.6) * (0.3 if not picture.snowy else 0.2)
    )
    if not picture.brief.allows("snow"):
        snow = snow * 0
    grain = fbm(rng, *seen.mask.shape, cell=unit * 0.02, octaves=4, gain=0.7) - 0.5
    _rock_and_snow(
        picture,
        seen,
        seen.of(lit) + grain * 0.35,
        seen.of(snow),
        seen.of(altitude),
        seen.of(far + altitude * 0),
    )


def _rock_and_snow(
    picture: Picture, seen: View, lit: Plane, snow: Plane, altitude: Plane, far: Plane
) -> None:
    light = picture.light
    rock = material(picture, ROCK, 0.5)
    wood = material(picture, paint_hex("4c6148" if not picture.snowy else "8794a0"), 0.5)
    lower = smoothstep(0.2, 0.08, altitude) * 0.8
    lit = np.clip(lit, 0, 1)
    stone = (mix(light.on(rock, 0.0) * np.float32(0.72), light.zenith, 0.12), light.on(rock, 1.25))
    leaf = (light.on(wood, 0.0) * np.float32(0.7), light.on(wood, 0.9))
    white = (
        mix(light.on(SNOW, 0.0) * np.array([0.74, 0.84, 1.0], np.float32), light.zenith, 0.15),
        mix(light.on(SNOW, 1.25), light.glow, 0.3),
    )
    air = np.clip(
        0.1 + far * (0.3 + 0.3 * light.veil) + smoothstep(0.3, 0.0, altitude) * 0.4 * light.veil,
        0,
        0.92,
    )
    colours = []
    for channel in range(3):
        bare = stone[0][channel] + (stone[1][channel] - stone[0][channel]) * lit
        green = leaf[0][channel] + (leaf[1][channel] - leaf[0][channel]) * lit
        ice = white[0][channel] + (white[1][channel] - white[0][channel]) * lit
        plane = bare + (green - bare) * lower
        plane = plane + (ice - plane) * snow
        colours.append(plane + (light.haze[channel] - plane) * air)
    picture.canvas.lay(seen.mask, np.stack(colours).astype(np.float32), top=seen.top)


def dunes(picture: Picture, rng: np.random.Generator) -> None:
    """Dunes: smooth windward backs, sharp crests, slip faces in shadow, wind ripples."""
    canvas, light, unit = picture.canvas, picture.light, picture.unit
    columns = canvas.width
    depth = np.geomspace(1.0, 9.0, SLICES).astype(np.float32)[:, None]
    broad = fbm(
        rng,
        SLICES,
        columns,
        cell=unit * 0.26,
        flat=unit * 0.26 / (SLICES * 0.16),
        octaves=2,
        gain=0.35,
    )
    waves = spread(broad, depth)
    heights = ridged(waves) ** 1.4 * (0.6 + 0.8 * spread(fbm(
        rng, SLICES, columns, cell=unit * 0.3, flat=2.0, octaves=2), depth))  # fmt: skip
    ground = canvas.height - picture.horizon
    elevation = (
        heights * 0.42 * ground * (0.35 + 0.65 / depth) - ground * 1.12
    ) / depth * 1.05 + ground * 0.1
    seen = view(elevation.astype(np.float32), picture.horizon, canvas.height)
    lit = lighting(picture, (heights * 0.5).astype(np.float32), 0.34 * unit)
    ripple_rows = fbm(rng, SLICES, columns, cell=unit * 0.1, flat=unit * 0.1 / 4.0, octaves=2)
    ripples = (seen.of(spread(ripple_rows, depth)) - 0.5) * np.clip(
        1.4 - seen.of(depth + heights * 0) * 0.3, 0, 1
    )
    grain = fbm(rng, *seen.mask.shape, cell=3.0, octaves=1) - 0.5
    light_share = np.clip(seen.of(lit) + ripples * 0.24 + grain * 0.07, 0, 1)
    sand = material(picture, SAND, 0.55)
    dark = mix(light.on(sand, 0.0) * np.float32(0.78), light.zenith, 0.16)
    bright = light.on(sand, 1.15)
    air = smoothstep(2.0, 9.0, seen.of(depth + heights * 0)) * (0.3 + 0.4 * light.veil)
    colours = dark[:, None, None] + (bright - dark)[:, None, None] * light_share
    colours += (light.haze[:, None, None] - colours) * air
    canvas.lay(seen.mask, colours.astype(np.float32), top=seen.top)


def canyon(picture: Picture, rng: np.random.Generator) -> None:
    """Mesas and buttes: terraced cliffs in coloured strata above a sandy floor."""
    canvas, light, unit = picture.canvas, picture.light, picture.unit
    columns = canvas.width
    depth = np.geomspace(1.0, 7.0, SLICES).astype(np.float32)[:, None]
    rough = fbm(
        rng,
        SLICES,
        columns,
        cell=unit * 0.2,
        flat=unit * 0.2 / (SLICES * 0.14),
        octaves=6,
        gain=0.48,
    )
    seen_rough = spread(rough, depth)
    off = np.abs(canvas.columns() - (canvas.width / 2 + picture.sunward * unit * 0.08)) / columns
    valley = smoothstep(0.42, 0.02, off * (0.7 + 0.3 / depth)) * 0.2
    value = seen_rough - valley
    heights = 0.2 * smoothstep(0.38, 0.52, value) + 0.45 * smoothstep(0.52, 0.545, value)
    heights = heights + 0.3 * smoothstep(0.6, 0.62, value) + 0.1 * (seen_rough - 0.5)
    ground = canvas.height - picture.horizon
    elevation = (
        heights * min(unit * 0.5, picture.horizon * 0.75) * 1.6 - ground * 1.1
    ) / depth**0.85 + ground * 0.12
    seen = view(elevation.astype(np.float32), picture.horizon, canvas.height)
    level = seen.of(heights)
    lit = seen.of(lighting(picture, heights, 0.06 * unit))
    strata = profile(rng, 1024, cell=26, octaves=5, gain=0.75)
    wobble = fbm(rng, *seen.mask.shape, cell=unit * 0.25, octaves=4) * 0.05
    band = strata[np.clip((level + wobble) * 900, 0, 1023).astype(np.int32)]
    cliff = smoothstep(0.04, 0.2, level)
    cracks = (
        ridged(fbm(rng, *seen.mask.shape, cell=unit * 0.035, flat=0.4, octaves=4, gain=0.6)) - 0.6
    )
    share = np.clip(lit + band * 0.2 * cliff + cracks * 0.22 * cliff, 0, 1)
    rock, floor = (
        material(picture, paint_hex("c0623a"), 0.5),
        material(picture, paint_hex("c99663"), 0.5),
    )
    air = smoothstep(1.3, 7.0, seen.of(depth + heights * 0)) * (0.42 + 0.35 * light.veil)
    colours = []
    dark = (mix(light.on(rock, 0.0) * np.float32(0.7), light.zenith, 0.15), light.on(floor, 0.1))
    bright = (light.on(rock, 1.2), light.on(floor, 1.0))
    for channel in range(3):
        wall = dark[0][channel] + (bright[0][channel] - dark[0][channel]) * share
        sand = dark[1][channel] + (bright[1][channel] - dark[1][channel]) * share
        plane = sand + (wall - sand) * cliff
        colours.append(plane + (light.haze[channel] - plane) * air)
    canvas.lay(seen.mask, np.stack(colours).astype(np.float32), top=seen.top)
