"""Life under water: rocks and weed along the bottom, fish in shoals."""

import numpy as np

from media_gen.backends.procedural import land, placing
from media_gen.backends.procedural.canvas import Stencil
from media_gen.backends.procedural.noise import Plane, profile
from media_gen.backends.procedural.palette import Colour, mix, paint_hex
from media_gen.backends.procedural.picture import Picture
from media_gen.backends.procedural.shapes import limb
from media_gen.backends.procedural.subjects import Spot, stand
from media_gen.backends.procedural.words import Subject


def _crest(picture: Picture, near: float) -> Plane:
    """The line of the sea floor, higher at the sides; rocks and weed share it."""
    canvas, unit = picture.canvas, picture.unit
    rng = canvas.rng(f"sea floor {near}")
    sides = np.abs(canvas.columns()[0] / canvas.width - 0.5) * 2
    waves = profile(rng, canvas.width, cell=unit * 0.25, octaves=6, gain=0.5)
    rise = unit * (0.1 + 0.09 * (1 - near)) * (0.5 + sides**2 * 1.6)
    crest: Plane = canvas.height - rise - waves * unit * 0.05
    return crest


def _murk(picture: Picture, near: float) -> Colour:
    """Nearer things are darker against the water."""
    light = picture.light
    deep = mix(light.zenith, light.shade, 0.6) if picture.brief.colours else paint_hex("06304f")
    return mix(deep * np.float32(1.0 - 0.6 * light.night), paint_hex("03111d"), 0.25 + 0.55 * near)


def rocks(picture: Picture, rng: np.random.Generator, near: float) -> None:
    """Rocks along the bottom; near 0.3 far .. 1 close."""
    del rng
    top, mask, _ = land.below(picture, _crest(picture, near))
    picture.canvas.lay(mask, _murk(picture, near), top=top)


def weed(picture: Picture, rng: np.random.Generator, near: float) -> None:
    """Swaying weed, and fans of coral in warm colours where it is near."""
    canvas, unit = picture.canvas, picture.unit
    crest = _crest(picture, near)
    stencil = Stencil(0, canvas.height * 0.35, canvas.width, canvas.height * 0.65, fine=2)
    for _ in range(int(34 * canvas.width / unit)):
        x = rng.uniform(0, canvas.width)
        foot = float(crest[int(min(x, canvas.width - 1))]) + 4
        tall = unit * rng.uniform(0.05, 0.2) * (0.6 + 0.6 * near)
        sway = rng.normal(0, 0.25) * tall
        low, high = (x + sway * 0.6, foot - tall * 0.4), (x - sway * 0.4, foot - tall * 0.75)
        spine = [(x, foot), low, high, (x + sway, foot - tall)]
        stencil.polygon(limb(spine, [unit * 0.008, unit * 0.011, unit * 0.008, 1.0]))
    canvas.lay(stencil.mask(), _murk(picture, near), top=stencil.top, left=stencil.left)
    for code in ("e8647a", "f0a04b", "b45fc0", "f2d06b"):
        _coral(picture, rng, crest, near, paint_hex(code))


def _coral(
    picture: Picture, rng: np.random.Generator, crest: Plane, near: float, colour: Colour
) -> None:
    """A few branching corals of one colour."""
    canvas, unit = picture.canvas, picture.unit
    stencil = Stencil(0, canvas.height * 0.4, canvas.width, canvas.height * 0.6, fine=2)
    for _ in range(max(1, int(2.5 * canvas.width / unit))):
        x = rng.uniform(0, canvas.width)
        foot = float(crest[int(min(x, canvas.width - 1))]) + unit * 0.02
        tall = unit * rng.uniform(0.03, 0.08) * (0.6 + 0.6 * near)
        for angle in np.linspace(0.5, np.pi - 0.5, 9) + rng.normal(0, 0.08, 9):
            bend = angle + rng.normal(0, 0.2)
            middle = (x + np.cos(angle) * tall * 0.6, foot - np.sin(angle) * tall * 0.6)
            tip = (middle[0] + np.cos(bend) * tall * 0.5, middle[1] - np.sin(bend) * tall * 0.5)
            stencil.polygon(limb([(x, foot), middle, tip], [tall * 0.12, tall * 0.1, tall * 0.07]))
            stencil.disc(tip[0], tip[1], tall * 0.06)
    seen = mix(_murk(picture, near), colour, 0.3 + 0.35 * near)
    canvas.lay(stencil.mask(), seen, top=stencil.top, left=stencil.left)


def shoal(picture: Picture, rng: np.random.Generator) -> None:
    """A shoal of small silver fish far off."""
    if not picture.brief.allows("fish"):
        return
    unit, school = picture.unit, Subject("fish", 1, "silver")
    for _ in range(26):
        x = picture.sun_x + rng.normal(0, 0.16) * unit
        y = picture.canvas.height * 0.4 + rng.normal(0, 0.07) * unit
        stand(picture, rng, school, Spot(x, y, unit * rng.uniform(0.02, 0.035), 0.75))


def fishes(picture: Picture, rng: np.random.Generator) -> None:
    """The fish the prompt asks for, the first one by thirds."""
    canvas, unit = picture.canvas, picture.unit
    for subject in placing.wanted(picture, ("fish",)):
        for index in range(min(subject.count, 6)):
            first = index == 0
            x = picture.focus_x + (0.0 if first else rng.normal(0, 0.24)) * unit
            y = canvas.height * 0.55 + (0.0 if first else rng.normal(0, 0.17)) * unit
            size = unit * (0.3 if first else rng.uniform(0.12, 0.2))
            flip = picture.sunward > 0
            stand(picture, rng, subject, Spot(x, y, size, 0.05 + 0.08 * index, flip=flip))
