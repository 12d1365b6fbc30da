"""Skylines: towers in depth, lit windows, antennas, and light on the river."""

import numpy as np

from media_gen.backends.procedural.canvas import Canvas, Stencil
from media_gen.backends.procedural.noise import Plane, blur, smoothstep
from media_gen.backends.procedural.palette import NAMED, Colour, mix, paint_hex
from media_gen.backends.procedural.picture import Picture

NEON = ("ff3d9a", "35e0ff", "b05cff", "ffd34d")


def _tower(
    stencil: Stencil, rng: np.random.Generator, x: float, wide: float, top: float, foot: float
) -> None:
    """One building with a roof of some kind."""
    stencil.polygon([(x, foot), (x, top), (x + wide, top), (x + wide, foot)])
    kind = rng.random()
    tall = foot - top
    if kind < 0.22:  # set back storeys
        for step in range(1, 4):
            inset = wide * 0.15 * step
            y = top - tall * 0.035 * step
            stencil.polygon(
                [(x + inset, top), (x + inset, y), (x + wide - inset, y), (x + wide - inset, top)]
            )
    elif kind < 0.34:
        stencil.polygon([(x, top), (x + wide * 0.5, top - wide * 0.7), (x + wide, top)])
    elif kind < 0.44:
        stencil.polygon([(x, top), (x + wide, top - wide * 0.45), (x + wide, top)])
    elif kind < 0.56:
        stencil.disc(x + wide / 2, top, wide * 0.42, squash=0.6)
    if kind < 0.3 or kind > 0.86:
        mast = tall * rng.uniform(0.08, 0.2)
        stencil.line(
            [(x + wide / 2, top), (x + wide / 2, top - mast - wide * 0.5)], max(1.0, wide * 0.03)
        )


def _windows(
    rng: np.random.Generator, canvas: Canvas, x: float, wide: float, top: float, foot: float,
    pane: float, share: float, glow: Plane,
) -> None:  # fmt: skip
    """Light some panes of a building in the glow plane; whole storeys are often lit together."""
    x0, x1 = int(max(0, x + pane)), int(min(canvas.width, x + wide - pane * 0.6))
    y0, y1 = int(max(0, top + pane * 1.5)), int(min(canvas.height, foot))
    if x1 - x0 < 3 or y1 - y0 < 3:
        return
    step_x, step_y = max(2, round(pane * 1.5)), max(3, round(pane * 1.9))
    columns, rows = (x1 - x0) // step_x, (y1 - y0) // step_y
    if columns < 1 or rows < 1:
        return
    storeys = rng.uniform(0.35, 1.6, (rows, 1))
    lit = rng.random((rows, columns)) < share * storeys
    power = (lit * rng.uniform(0.35, 1.0, (rows, columns))).astype(np.float32)
    cell = np.zeros((step_y, step_x), dtype=np.float32)
    cell[: max(1, round(step_y * 0.55)), : max(1, round(step_x * 0.62))] = 1.0
    glow[y0 : y0 + rows * step_y, x0 : x0 + columns * step_x] = np.kron(power, cell)


def skyline(picture: Picture, rng: np.random.Generator, near: float) -> None:
    """One row of towers; near 0 (pale, far) .. 1 (dark, close)."""
    canvas, light, unit = picture.canvas, picture.light, picture.unit
    foot = picture.horizon + unit * 0.01
    stencil = Stencil(0, 0, canvas.width, foot + 2, fine=2)
    glow = np.zeros((canvas.height, canvas.width), dtype=np.float32)
    x = -unit * 0.05 * rng.random()
    dark_hours = max(
        light.night, 0.3 if light.level < 0.6 else 0.0, 0.35 * bool(picture.weather & {"storm"})
    )
    share = (0.06 + 0.55 * dark_hours) * (0.35 + 0.65 * near)
    pane = unit * (0.0042 + 0.0035 * near)
    ceiling = min(picture.horizon * 0.86, unit * 0.78)
    while x < canvas.width:
        wide = unit * rng.uniform(0.035, 0.085) * (0.75 + 0.55 * near)
        centre = np.exp(-(((x - picture.focus_x) / (0.34 * canvas.width)) ** 2))
        tall = (0.12 + 0.5 * rng.random() ** 1.7 + 0.32 * centre * rng.random()) * (
            1.05 - 0.42 * near
        )
        top = foot - ceiling * min(1.0, tall)
        _tower(stencil, rng, x, wide, top, foot)
        _windows(rng, canvas, x, wide, top, foot - unit * 0.012, pane, share, glow)
        x += wide * rng.uniform(0.92, 1.12 + 0.5 * near)
    mask = stencil.mask()[: canvas.height, : canvas.width]
    stone = mix(light.on(paint_hex("59606e"), 0.4), light.shade, 0.35 + 0.45 * near)
    colour = light.far(stone, 0.85 - 0.75 * near)
    fall = np.linspace(0, 1, mask.shape[0], dtype=np.float32)[:, None] ** 3 * (0.55 - 0.35 * near)
    facade = colour[:, None, None] + (light.haze - colour)[:, None, None] * fall
    sunny = (
        np.clip(1 - np.abs(canvas.columns() - picture.sun_x) / (0.6 * unit), 0, 1)
        * 0.18
        * light.level
    )
    facade = facade + (light.glow[:, None, None] - facade) * sunny
    canvas.lay(mask, facade.astype(np.float32))
    glow[: mask.shape[0]] *= mask
    _shine(picture, rng, glow[: mask.shape[0]], near)


def _shine(picture: Picture, rng: np.random.Generator, glow: Plane, near: float) -> None:
    warm = paint_hex("ffcf86")
    night = picture.light.night
    halo = blur(glow, picture.unit * 0.012) * (0.25 + 0.6 * night) * near
    tones = _lamp_tones(picture)
    if len(tones) == 1:
        picture.canvas.shine(
            np.minimum(glow * (0.5 + 0.5 * near) + halo, 1.2), mix(warm, tones[0], 0.25)
        )
        return
    bands = np.sort(rng.uniform(0, picture.canvas.width, len(tones) * 3))
    which = np.searchsorted(bands, np.arange(picture.canvas.width)) % len(tones)
    for index, tone in enumerate(tones):
        part = (which == index).astype(np.float32)[None, :]
        picture.canvas.shine(np.minimum((glow + halo) * part, 1.2), tone)


def _lamp_tones(picture: Picture) -> list[Colour]:
    """Warm lamps, or neon in the colours of the prompt at night."""
    brief = picture.brief
    if picture.light.night > 0.4 and brief.colours:
        return [
            *(mix(NAMED[name], paint_hex("ffffff"), 0.2) for name in brief.colours),
            paint_hex("ffd9a0"),
        ]
    if brief.neon:
        return [paint_hex(code) for code in NEON]
    return [paint_hex("ffcf86")]


def quay(picture: Picture, rng: np.random.Generator) -> None:
    """Street lamps along the water, each with its own pool of light."""
    canvas, unit = picture.canvas, picture.unit
    foot = picture.horizon
    strip = np.ones((max(2, int(unit * 0.014)), canvas.width), dtype=np.float32)
    canvas.lay(strip, picture.light.shade, top=int(foot - strip.shape[0] / 2))
    if picture.light.night < 0.2 and picture.light.level > 0.6:
        return
    half = int(unit * 0.045)
    y, x = np.mgrid[-half:half, -half:half].astype(np.float32)
    away = np.hypot(x, y) / half
    pool = (np.exp(-away * 4.2) * 1.2 * smoothstep(1.0, 0.7, away)).astype(np.float32)
    for place in np.arange(rng.uniform(0, 0.08), canvas.width / unit, 0.085):
        canvas.shine(
            pool,
            paint_hex("ffc877"),
            top=int(foot - unit * 0.02) - half,
            left=int(place * unit) - half,
        )
