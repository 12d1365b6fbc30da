"""A window seen from inside: the view, the frame, the sill with a still life, light on the wall."""

import numpy as np

from media_gen.backends.procedural.canvas import Canvas, Stencil
from media_gen.backends.procedural.flowers import petals
from media_gen.backends.procedural.noise import blur, fbm, profile, smoothstep
from media_gen.backends.procedural.palette import NAMED, Colour, mix, paint_hex
from media_gen.backends.procedural.picture import Picture
from media_gen.backends.procedural.placing import wanted
from media_gen.backends.procedural.shapes import Outline, limb
from media_gen.backends.procedural.subjects import SPRITES, Spot, stand
from media_gen.backends.procedural.words import Subject

# Sprites that are not put on the sill: one has a place of its own there, one flies outside.
_ELSEWHERE = ("vase", "balloon")


def opening(picture: Picture) -> tuple[float, float, float, float]:
    """The window opening: left, top, right, bottom in pixels."""
    canvas = picture.canvas
    wide = min(canvas.width * 0.74, canvas.height * 0.95)
    middle = canvas.width * 0.5 + (picture.focus_x - canvas.width * 0.5) * 0.25
    top = canvas.height * 0.08
    return middle - wide / 2, top, middle + wide / 2, canvas.height * 0.74


def room(picture: Picture, rng: np.random.Generator) -> None:
    """The dark wall around the window, the frame with glazing bars, and the sill."""
    canvas, light, unit = picture.canvas, picture.light, picture.unit
    left, top, right, bottom = opening(picture)
    wall = mix(light.on(paint_hex("8a7a6c"), 0.1), light.shade, 0.55)
    if picture.brief.colours:
        wall = mix(wall, NAMED[picture.brief.colours[-1]] * np.float32(0.35), 0.45)
    plaster = fbm(rng, canvas.height, canvas.width, cell=unit * 0.2, octaves=6, gain=0.55)
    x, y = canvas.columns(), canvas.rows()
    away = np.maximum(np.maximum(left - x, x - right), np.maximum(top - y, y - bottom)) / unit
    spill = np.exp(-np.maximum(away, 0) * 5) * (0.55 * light.level + 0.1)
    tone = (0.8 + 0.35 * (plaster - 0.5)) * (1 - 0.3 * np.clip(away * 2, 0, 1))
    colours = wall[:, None, None] * tone
    colours = colours + (light.glow[:, None, None] * 0.8 - colours) * spill * 0.5
    outside = 1.0 - np.clip(-away * unit + 0.5, 0, 1)
    canvas.lay(outside.astype(np.float32), colours.astype(np.float32))
    _frame(picture, left, top, right, bottom)
    _curtain(picture, rng, left, right, bottom)


def _frame(picture: Picture, left: float, top: float, right: float, bottom: float) -> None:
    canvas, light, unit = picture.canvas, picture.light, picture.unit
    thick = unit * 0.016
    wood = mix(light.on(paint_hex("c9b9a2"), 0.2), light.shade, 0.4)
    stencil = Stencil(0, 0, canvas.width, canvas.height, fine=2)
    middle, cross = (left + right) / 2, top + (bottom - top) * 0.36
    for x0, y0, x1, y1 in (
        (left - thick, top - thick, left + thick, bottom), (right - thick, top - thick,
        right + thick, bottom),
        (left - thick, top - thick, right + thick, top + thick), (middle - thick * 0.6, top,
        middle + thick * 0.6, bottom),
        (left, cross - thick * 0.5, right, cross + thick * 0.5),
    ):  # fmt: skip
        stencil.polygon([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
    mask = stencil.mask()[: canvas.height, : canvas.width]
    canvas.lay(mask, wood)
    shift = max(1, int(thick * 0.3))
    edge = (
        np.clip(mask - np.roll(mask, -shift * int(picture.sunward), axis=1), 0, 1)
        * 0.5
        * light.level
    )
    canvas.lay(edge, light.glow)
    deep = canvas.height - bottom
    sill = canvas.rows(bottom)
    lit = np.exp(-(sill - bottom) / (deep * 0.5)) * (0.25 + 0.75 * light.level)
    dark, bright = (
        mix(wood, light.shade, 0.6),
        mix(light.on(paint_hex("d8c6aa"), 0.9), light.glow, 0.3),
    )
    table = dark[:, None, None] + (bright - dark)[:, None, None] * (
        lit * np.ones_like(canvas.columns())
    )
    canvas.lay(
        np.ones(table.shape[1:], dtype=np.float32), table.astype(np.float32), top=int(bottom)
    )


def _curtain(
    picture: Picture, rng: np.random.Generator, left: float, right: float, bottom: float
) -> None:
    """A curtain on the side away from the focus, its folds lit through."""
    canvas, light, unit = picture.canvas, picture.light, picture.unit
    side = 1.0 if picture.focus_x < canvas.width / 2 else -1.0
    hinge = right if side > 0 else left
    wide = unit * 0.2
    folds = profile(rng, canvas.width, cell=unit * 0.045, octaves=3, gain=0.5)[None, :]
    gather = wide * (1.0 - 0.35 * np.exp(-(((canvas.rows() / bottom) - 0.62) ** 2) / 0.03))
    inside = (canvas.columns() - (hinge + side * unit * 0.06)) * -side
    cover = smoothstep(-2, 2, inside + wide) * smoothstep(
        gather + 2, gather - 2, inside + folds * unit * 0.01
    )
    cover *= smoothstep(bottom + unit * 0.1, bottom + unit * 0.09, canvas.rows())
    through = np.clip(inside / wide, 0, 1)
    cloth = (
        mix(paint_hex("efe4d2"), NAMED[picture.brief.colours[0]], 0.5)
        if picture.brief.colours
        else paint_hex("efe4d2")
    )
    dark, bright = (
        mix(light.on(cloth, 0.1), light.shade, 0.35),
        mix(light.on(cloth, 1.0), light.glow, 0.25),
    )
    share = np.clip(0.3 + folds * 0.45 + through * 0.35 * light.level, 0, 1)
    colours = dark[:, None, None] + (bright - dark)[:, None, None] * share
    canvas.lay((cover * 0.94).astype(np.float32), colours.astype(np.float32))


def still_life(picture: Picture, rng: np.random.Generator) -> None:
    """On the sill: what the prompt names, else a vase of flowers and some fruit."""
    canvas, unit = picture.canvas, picture.unit
    bottom = opening(picture)[3]
    foot = bottom + (canvas.height - bottom) * 0.42
    sitters = [s for s in picture.brief.subjects if s.name in SPRITES and s.name not in _ELSEWHERE]
    if picture.brief.allows("vase") and (not sitters or wanted(picture, ("vase",))):
        _vase(picture, rng, picture.focus_x, foot)
        if picture.brief.allows("fruit"):
            _fruit(picture, rng, picture.focus_x + picture.sunward * unit * 0.2, foot + unit * 0.02)
    if sitters and picture.brief.allows("vase") and not wanted(picture, ("vase",)):
        _vase(picture, rng, picture.focus_x + picture.sunward * unit * 0.36, foot - unit * 0.01)
    for index, sitter in enumerate(sitters[:2]):
        shadow_x = picture.focus_x - picture.sunward * unit * 0.3 * index
        if wanted(picture, ("vase",)):
            shadow_x += picture.sunward * unit * 0.3
        tall = unit * {"cat": 0.3, "person": 0.5}.get(sitter.name, 0.2)
        _contact(picture, shadow_x, foot, tall * 0.35)
        stand(picture, rng, sitter, Spot(shadow_x, foot, tall, 0.0, flip=bool(rng.random() < 0.5)))


def _contact(picture: Picture, x: float, y: float, wide: float) -> None:
    """The shadow under a thing, falling away from the window."""
    stencil = Stencil(x - wide * 2, y - wide, wide * 4, wide * 2.4, fine=1)
    stencil.disc(x - picture.sunward * wide * 0.2, y + wide * 0.12, wide, squash=0.26)
    picture.canvas.lay(
        blur(stencil.mask(), wide * 0.16) * 0.6,
        picture.light.shade,
        top=stencil.top,
        left=stencil.left,
    )


def _vase(picture: Picture, rng: np.random.Generator, x: float, foot: float) -> None:
    canvas, light, unit = picture.canvas, picture.light, picture.unit
    tall = unit * 0.25
    _contact(picture, x, foot, tall * 0.3)
    stems: list[Outline] = []
    heads: list[tuple[float, float]] = []
    for _ in range(13):
        lean = rng.normal(0, 0.3)
        length = tall * rng.uniform(0.75, 1.25)
        tip = (x + np.sin(lean) * length, foot - tall * 0.6 - np.cos(lean) * length * 0.72)
        stems.append(limb([(x + lean * tall * 0.1, foot - tall * 0.55), (x + lean * tall * 0.3,
                     foot - tall * 0.9), tip],
                          [unit * 0.005, unit * 0.004, unit * 0.003]))  # fmt: skip
        heads.append((float(tip[0]), float(tip[1])))
    green = mix(light.on(paint_hex("5d8a4a"), 0.4), light.shade, 0.3)
    stalks = Stencil.around(stems, tall * 0.2, canvas, fine=3)
    for stem in stems:
        stalks.polygon(stem)
    for head_x, head_y in heads:
        turn = rng.uniform(-1, 1)
        leaf = [
            (head_x, head_y + tall * 0.2),
            (head_x + turn * tall * 0.16, head_y + tall * 0.12),
            (head_x + turn * tall * 0.2, head_y),
        ]
        stalks.polygon(limb(leaf, [1.0, tall * 0.07, 1.0]))
    canvas.lay(stalks.mask(), green, top=stalks.top, left=stalks.left)
    tones = petals(picture)
    for head_x, head_y in heads:
        _bloom(
            canvas,
            rng,
            head_x,
            head_y,
            tall * rng.uniform(0.075, 0.13),
            tones[int(rng.integers(len(tones)))],
            picture,
        )
    own = wanted(picture, ("vase",))
    stand(picture, rng, own[0] if own else Subject("vase"), Spot(x, foot, tall, 0.0))


def _bloom(
    canvas: Canvas,
    rng: np.random.Generator,
    x: float,
    y: float,
    size: float,
    tone: Colour,
    picture: Picture,
) -> None:
    """A full round flower built of overlapping petals, lighter towards its heart."""
    for ring, lit in ((1.0, 0.1), (0.78, 0.45), (0.52, 0.8), (0.26, 1.1)):
        stencil = Stencil(x - size * 1.5, y - size * 1.5, size * 3, size * 3, fine=3)
        for angle in rng.uniform(0, 2 * np.pi) + np.arange(7) * 2 * np.pi / 7:
            stencil.disc(
                x + np.cos(angle) * size * ring * 0.62,
                y + np.sin(angle) * size * ring * 0.55,
                size * 0.42 * ring,
            )
        canvas.lay(stencil.mask(), picture.light.on(tone, lit), top=stencil.top, left=stencil.left)


def _fruit(picture: Picture, rng: np.random.Generator, x: float, y: float) -> None:
    canvas, light, unit = picture.canvas, picture.light, picture.unit
    for index, code in enumerate(("d9822b", "c8452f", "d9b23a")[: int(rng.integers(2, 4))]):
        radius = unit * rng.uniform(0.032, 0.04)
        cx, cy = x + (index - 0.7) * radius * 1.75, y - radius * 0.8 + index % 2 * radius * 0.35
        _contact(picture, cx, cy + radius * 0.8, radius * 1.1)
        half = int(radius) + 3
        dy, dx = np.mgrid[-half:half, -half:half].astype(np.float32) / radius
        away = np.hypot(dx, dy * 1.04)
        lit = np.clip(0.5 + dx * 0.3 * picture.sunward - dy * 0.55 - away**2 * 0.25, 0, 1)
        dark, bright = (
            light.on(paint_hex(code), 0.0) * np.float32(0.6),
            light.on(paint_hex(code), 1.2),
        )
        body = dark[:, None, None] + (bright - dark)[:, None, None] * lit
        top, left = int(cy) - half, int(cx) - half
        canvas.lay(smoothstep(1.03, 0.97, away), body.astype(np.float32), top=top, left=left)
        glint = (
            np.exp(-((dx - 0.3 * picture.sunward) ** 2 + (dy + 0.42) ** 2) / 0.02)
            * 0.5
            * light.level
        )
        canvas.shine(glint.astype(np.float32), light.glow, top=top, left=left)
