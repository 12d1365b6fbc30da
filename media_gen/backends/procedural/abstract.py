"""Pictures of nothing: marbled ink, paper-cut waves, discs and arcs, fields of colour."""

from functools import partial

import numpy as np

from media_gen.backends.procedural.canvas import Canvas, Pixels, Stencil, enlarged
from media_gen.backends.procedural.noise import Plane, blur, fbm, profile, smoothstep
from media_gen.backends.procedural.palette import NAMED, Colour, luma, mix, paint_hex
from media_gen.backends.procedural.picture import Layer, Picture
from media_gen.backends.procedural.vocabulary import MANNERS

HARMONIES = (
    ("132a4a", "1f6f78", "e9b44c", "d95d39", "f4ead5"), ("2b1b3d", "7a3b69", "e27d60", "f2c6a0",
    "fbf3e6"),
    ("0f2f2f", "2f7f6a", "a8c686", "f0e2a3", "d1603d"), ("1b2a49", "465c8b", "c38d9e", "e8b4a0",
    "f7f0e8"),
)  # fmt: skip


def colours(picture: Picture) -> list[Colour]:
    """Five colours from dark to light, around the prompt's if it names any."""
    rng = picture.canvas.rng("abstract colours")
    named = [NAMED[name] for name in picture.brief.colours]
    if named:
        dark = mix(named[0] * np.float32(0.25), paint_hex("101624"), 0.45)
        tones = [dark, *named, mix(named[-1], paint_hex("fff6e6"), 0.7)]
        if len(named) == 1:
            tones[2:2] = [mix(named[0], paint_hex("fff0d8"), 0.4)]
        return sorted((tone.astype(np.float32) for tone in tones), key=luma)
    tones = [paint_hex(code) for code in HARMONIES[int(rng.integers(len(HARMONIES)))]]
    if picture.time == "night" and picture.brief.time:
        tones = [mix(tone, paint_hex("05081a"), 0.45) for tone in tones]
    return tones


def _ramp(values: Plane, tones: list[Colour]) -> Pixels:
    """Map 0..1 to the colours with soft steps between them."""
    place = np.clip(values, 0, 1) * (len(tones) - 1)
    base = np.floor(place)
    eased = base + np.clip((place - base) * 1.6 - 0.3, 0, 1)
    stops = np.arange(len(tones))
    return np.stack(
        [np.interp(eased, stops, [tone[c] for tone in tones]) for c in range(3)]
    ).astype(np.float32)


def ground(picture: Picture, rng: np.random.Generator) -> None:
    """The first coat, so that previews show colour at once."""
    tones = colours(picture)
    wash = fbm(rng, picture.canvas.height, picture.canvas.width, cell=picture.unit * 0.7, octaves=4)
    picture.canvas.pixels[:] = _ramp(wash * 0.6 + 0.3, tones)


def marble(picture: Picture, rng: np.random.Generator, coarse: int) -> None:
    """Ink drawn through water: noise bent by noise, in relief; at 1/coarse of the size."""
    canvas = picture.canvas
    rng = canvas.rng("marble")  # every refinement starts from the same ink
    tones, unit = colours(picture), picture.unit / coarse
    rows, columns = max(8, canvas.height // coarse), max(8, canvas.width // coarse)
    bend_x = fbm(rng, rows, columns, cell=unit * 0.6, octaves=4, gain=0.45) - 0.5
    bend_y = fbm(rng, rows, columns, cell=unit * 0.6, octaves=4, gain=0.45) - 0.5
    pad = int(unit * 0.35)
    tall, wide = rows + 2 * pad, columns + 2 * pad
    stripes = fbm(rng, tall, wide, cell=unit * 0.5, flat=3.0, octaves=4, gain=0.5)
    y, x = np.arange(rows)[:, None] + pad, np.arange(columns)[None, :] + pad
    pick_y = np.clip(y + bend_y * unit * 1.5, 0, tall - 1).astype(np.int32)
    pick_x = np.clip(x + bend_x * unit * 1.5, 0, wide - 1).astype(np.int32)
    flow = blur(stripes[pick_y, pick_x], unit / 500)
    pixels = _ramp(smoothstep(0.1, 0.9, flow) * 0.95 + bend_y * 0.2, tones)
    relief = (np.gradient(flow, axis=1) - np.gradient(flow, axis=0)) * unit * 0.05
    pixels *= 1.0 + np.clip(relief, -0.22, 0.3)
    canvas.pixels[:] = enlarged(pixels, canvas.height, canvas.width)


def _paper(picture: Picture, rng: np.random.Generator) -> None:
    """Paper for cut shapes, with a disc in the sky of the paper landscape."""
    canvas, unit, tones = picture.canvas, picture.unit, colours(picture)
    grain = fbm(rng, canvas.height, canvas.width, cell=unit * 0.02, octaves=3, gain=0.8)
    canvas.pixels[:] = tones[-1][:, None, None] * (0.97 + (grain - 0.5) * 0.1)


def _paper_sun(picture: Picture, rng: np.random.Generator) -> None:
    del rng
    canvas, tones = picture.canvas, colours(picture)
    disc = Stencil(0, 0, canvas.width, canvas.height, fine=2)
    disc.disc(picture.sun_x, canvas.height * 0.3, picture.unit * 0.13)
    canvas.lay(disc.mask()[: canvas.height, : canvas.width], mix(tones[-2], tones[-3], 0.5))


def wave(picture: Picture, rng: np.random.Generator, share: float) -> None:
    """One sheet of cut paper that casts a soft shadow on the one behind; share 0 far .. 1 near."""
    canvas, unit = picture.canvas, picture.unit
    tones = colours(picture)[::-1]
    base = canvas.height * (0.16 + 0.8 * share)
    line = base - profile(rng, canvas.width, cell=unit * 0.55, octaves=3, gain=0.3) * unit * 0.12
    depth = canvas.rows() - line[None, :]
    shadow = np.exp(-np.maximum(-depth, 0) / (unit * 0.022)) * (depth < 0.5) * 0.4
    canvas.lay(shadow.astype(np.float32), mix(tones[-1], paint_hex("000000"), 0.4))
    place = share * (len(tones) - 1.001)
    tone = mix(tones[int(place)], tones[int(place) + 1], place - int(place))
    sheet = tone[:, None, None] * (1.06 - np.clip(depth / canvas.height, 0, 1) * 0.25)
    canvas.lay(np.clip(depth + 0.5, 0, 1), sheet.astype(np.float32))


def discs(picture: Picture, rng: np.random.Generator, index: int) -> None:
    """Two of the circles, arcs and bars that balance each other, in the manner of the Bauhaus."""
    canvas, unit, tones = picture.canvas, picture.unit, colours(picture)
    for big in (index < 2, False):
        radius = unit * (rng.uniform(0.17, 0.3) if big else rng.uniform(0.02, 0.1))
        leading = big and index == 0
        x = picture.focus_x if leading else rng.uniform(0.05, 0.95) * canvas.width
        y = canvas.height * (0.42 if leading else rng.uniform(0.08, 0.92))
        _shape(canvas, rng, x, y, radius, tones[int(rng.integers(0, len(tones) - 1))], unit)


def _shape(
    canvas: Canvas,
    rng: np.random.Generator,
    x: float,
    y: float,
    radius: float,
    tone: Colour,
    unit: float,
) -> None:
    stencil = Stencil(x - radius * 2.2, y - radius * 2.2, radius * 4.4, radius * 4.4, fine=2)
    kind = rng.random()
    if kind < 0.45:
        stencil.disc(x, y, radius)
    elif kind < 0.65:
        stencil.disc(x, y, radius)
        stencil.disc(x, y, radius * rng.uniform(0.6, 0.85), tone=0)
    elif kind < 0.8:
        turn = rng.uniform(0, np.pi)
        cos, sin = np.cos(turn) * radius * 2, np.sin(turn) * radius * 2
        stencil.line([(x - cos, y - sin), (x + cos, y + sin)], unit * rng.uniform(0.003, 0.02))
    else:
        start = rng.uniform(0, 2 * np.pi)
        angles = start + np.linspace(0, np.pi * rng.uniform(0.5, 1.0), 30)
        stencil.polygon([(x + radius * np.cos(a), y + radius * np.sin(a)) for a in angles])
    canvas.lay(
        stencil.mask() * np.float32(rng.uniform(0.8, 0.97)),
        tone,
        top=stencil.top,
        left=stencil.left,
    )


def field(
    picture: Picture, rng: np.random.Generator, top: float, bottom: float, order: int
) -> None:
    """A glowing field of colour with breathing edges between two shares of the height."""
    canvas, unit, tones = picture.canvas, picture.unit, colours(picture)
    cloth = fbm(rng, canvas.height, canvas.width, cell=unit * 0.3, octaves=6, gain=0.6)
    ragged, soft = (cloth - 0.5) * unit * 0.035, unit * 0.03
    y, x = canvas.rows() / canvas.height, canvas.columns() + ragged
    y = (y - 0.012) * canvas.height + ragged
    inside = smoothstep(top * canvas.height - soft, top * canvas.height + soft, y)
    inside = inside * smoothstep(bottom * canvas.height, bottom * canvas.height - 2 * soft, y)
    inside = inside * smoothstep(unit * 0.05, unit * 0.1, x)
    inside = inside * smoothstep(canvas.width - unit * 0.05, canvas.width - unit * 0.1, x)
    shuffled = canvas.rng("field order").permutation(len(tones) - 1) + 1
    tone = tones[int(shuffled[order % len(shuffled)])]
    glow = 0.88 + 0.28 * (blur(cloth, unit * 0.02) - 0.3)
    canvas.lay((inside * 0.4).astype(np.float32), (tone[:, None, None] * glow).astype(np.float32))


def ring(picture: Picture, rng: np.random.Generator, index: int) -> None:
    """One ring of petals or rays around the centre of a mandala, inside the one before."""
    canvas, unit, tones = picture.canvas, picture.unit, colours(picture)
    folds = int(canvas.rng("folds").choice([6, 8, 10, 12]))
    x, y = canvas.width / 2, canvas.height / 2
    radius = min(canvas.width, canvas.height) * 0.47 * (1 - index / 12.5)
    tone = tones[1 + (index * 2 + int(rng.integers(2))) % (len(tones) - 1)]
    count = folds * (2 if index < 5 else 1)
    stencil = Stencil(0, 0, canvas.width, canvas.height, fine=2)
    round_petals, inner = rng.random() < 0.5, radius * (1 - rng.uniform(0.14, 0.3))
    stencil.disc(x, y, inner)
    for angle in (np.arange(count) + 0.5 * (index % 2)) * 2 * np.pi / count:
        if round_petals:
            stencil.disc(x + np.cos(angle) * inner, y + np.sin(angle) * inner, radius - inner)
            continue
        turns = (angle - np.pi / count, angle + np.pi / count)
        low, high = ((x + np.cos(turn) * inner, y + np.sin(turn) * inner) for turn in turns)
        tip = (x + np.cos(angle) * radius, y + np.sin(angle) * radius)
        stencil.polygon([low, tip, high, (x, y)])
    mask = stencil.mask()[: canvas.height, : canvas.width]
    canvas.lay(blur(mask, unit * 0.01) * np.float32(0.4), tones[0] * np.float32(0.5))
    canvas.lay(mask, tone)


def _dark(picture: Picture, rng: np.random.Generator) -> None:
    del rng
    picture.canvas.pixels[:] = colours(picture)[0][:, None, None]


def plan(picture: Picture) -> list[Layer]:
    """The layers of an abstract: in the manner the prompt asks for, else one by the hash."""
    manners = {
        "marble": [
            Layer(f"marble 1/{part}", partial(marble, coarse=part))
            for part in (32, 24, 16, 12, 8, 4, 2, 1)
        ],
        "waves": [
            Layer("paper", _paper), Layer("paper sun", _paper_sun),
            *(Layer(f"wave {step}", partial(wave, share=step / 9)) for step in range(1, 10)),
        ],
        "discs": [
            Layer("paper", _paper),
            *(Layer(f"shapes {index}", partial(discs, index=index)) for index in range(9)),
        ],
        "fields": [
            Layer("ground", ground),
            *(
                Layer(f"field {coat} {order}", partial(field, top=top, bottom=bottom, order=order))
                for coat in range(4)
                for order, (top, bottom) in enumerate(((0.07, 0.35), (0.36, 0.68), (0.69, 0.94)))
            ),
        ],
        "mandala": [
            Layer("dark", _dark),
            *(Layer(f"ring {index}", partial(ring, index=index)) for index in range(12)),
        ],
    }  # fmt: skip
    free = ("marble", "waves", "discs", "fields", "mandala", "marble", "waves")
    chance = free[int(picture.canvas.rng("manner").integers(len(free)))]
    return manners[MANNERS.get(picture.brief.manner or "", chance)]
