"""Life under water: rocks and weed along the bottom, fish in shoals."""

import numpy as np

from media_gen.backends.procedural import land, placing, subjects
from media_gen.backends.procedural.canvas import Stencil
from media_gen.backends.procedural.noise import profile
from media_gen.backends.procedural.palette import mix, paint_hex
from media_gen.backends.procedural.picture import Picture
from media_gen.backends.procedural.shapes import limb
from media_gen.backends.procedural.words import Subject


def reef(picture: Picture, rng: np.random.Generator, near: float) -> None:
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
    stencil = Stencil(0, canvas.height * 0.35, canvas.width, canvas.height * 0.65, fine=2)
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
        stencil.polygon(limb(spine, [unit * 0.008, unit * 0.011, unit * 0.008, 1.0]))
    canvas.lay(stencil.mask(), colour, top=stencil.top, left=stencil.left)


def shoal(picture: Picture, rng: np.random.Generator) -> None:
    """Fish: a small far shoal always, larger ones when the prompt asks."""
    canvas, unit = picture.canvas, picture.unit
    asked = placing.wanted(picture, ("fish",))
    school = Subject("fish", 1, "silver")
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
