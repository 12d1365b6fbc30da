"""Pictures of nothing: marbled ink, paper-cut waves, discs and arcs, fields of colour."""

import numpy as np

from media_gen.backends.procedural.canvas import Canvas, Pixels, Stencil
from media_gen.backends.procedural.noise import Plane, blur, fbm, profile, ridged, smoothstep
from media_gen.backends.procedural.palette import NAMED, Colour, luma, mix, paint_hex
from media_gen.backends.procedural.picture import Picture
from media_gen.backends.procedural.vocabulary import MANNERS

HARMONIES = (
    ("132a4a", "1f6f78", "e9b44c", "d95d39", "f4ead5"), ("2b1b3d", "7a3b69", "e27d60", "f2c6a0",
    "fbf3e6"),
    ("0f2f2f", "2f7f6a", "a8c686", "f0e2a3", "d1603d"), ("1b2a49", "465c8b", "c38d9e", "e8b4a0",
    "f7f0e8"),
)  # fmt: skip


def colours(picture: Picture, rng: np.random.Generator) -> list[Colour]:
    """Five colours from dark to light, around the prompt's if it names any."""
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
    tones = colours(picture, picture.canvas.rng("abstract colours"))
    wash = fbm(rng, picture.canvas.height, picture.canvas.width, cell=picture.unit * 0.7, octaves=4)
    picture.canvas.pixels[:] = _ramp(wash * 0.6 + 0.3, tones)


def marble(picture: Picture, rng: np.random.Generator) -> None:
    """Ink drawn through water: noise bent by noise, with gold-leaf veins and relief."""
    canvas, unit = picture.canvas, picture.unit
    tones = colours(picture, canvas.rng("abstract colours"))
    rows, columns = canvas.height, canvas.width
    bend_x = fbm(rng, rows, columns, cell=unit * 0.6, octaves=4, gain=0.45) - 0.5
    bend_y = fbm(rng, rows, columns, cell=unit * 0.6, octaves=4, gain=0.45) - 0.5
    pad = int(unit * 0.35)
    stripes = fbm(
        rng, rows + 2 * pad, columns + 2 * pad, cell=unit * 0.5, flat=3.0, octaves=4, gain=0.5
    )
    pick_y = np.clip(canvas.rows() + pad + bend_y * unit * 1.5, 0, rows + 2 * pad - 1).astype(
        np.int32
    )
    pick_x = np.clip(canvas.columns() + pad + bend_x * unit * 1.5, 0, columns + 2 * pad - 1).astype(
        np.int32
    )
    flow = blur(stripes[pick_y, pick_x], unit / 500)
    spread = smoothstep(0.1, 0.9, flow)
    pixels = _ramp(spread * 0.95 + bend_y * 0.2, tones)
    relief = np.gradient(flow, axis=1) * unit * 0.05 - np.gradient(flow, axis=0) * unit * 0.05
    pixels *= 1.0 + np.clip(relief, -0.22, 0.3)
    canvas.pixels[:] = pixels
    vein = ridged(flow * 3 % 1.0 * 0.5 + 0.25) ** 14 * smoothstep(0.45, 0.7, bend_x + 0.5)
    canvas.lay(
        np.clip(vein * 1.2, 0, 1).astype(np.float32), mix(tones[-1], paint_hex("f0cf86"), 0.6)
    )


def waves(picture: Picture, rng: np.random.Generator) -> None:
    """Sheets of cut paper, each casting a soft shadow on the one behind."""
    canvas, unit = picture.canvas, picture.unit
    tones = colours(picture, canvas.rng("abstract colours"))[::-1]
    count = 9
    canvas.pixels[:] = tones[0][:, None, None]
    disc = Stencil(0, 0, canvas.width, canvas.height, fine=2)
    disc.disc(picture.sun_x, canvas.height * 0.3, unit * 0.13)
    canvas.lay(disc.mask()[: canvas.height, : canvas.width], mix(tones[1], tones[2], 0.5))
    for step in range(count):
        share = (step + 1) / count
        base = canvas.height * (0.16 + 0.8 * share)
        line = (
            base - profile(rng, canvas.width, cell=unit * 0.55, octaves=3, gain=0.3) * unit * 0.12
        )
        depth = canvas.rows() - line[None, :]
        shadow = np.exp(-np.maximum(-depth, 0) / (unit * 0.022)) * (depth < 0.5) * 0.4
        canvas.lay(shadow.astype(np.float32), mix(tones[-1], paint_hex("000000"), 0.4))
        place = share * (len(tones) - 1.001)
        tone = mix(tones[int(place)], tones[int(place) + 1], place - int(place))
        paper = tone[:, None, None] * (1.06 - np.clip(depth / canvas.height, 0, 1) * 0.25)
        canvas.lay(np.clip(depth + 0.5, 0, 1), paper.astype(np.float32))


def discs(picture: Picture, rng: np.random.Generator) -> None:
    """Circles, arcs and bars on paper, in the manner of the Bauhaus."""
    canvas, unit = picture.canvas, picture.unit
    tones = colours(picture, canvas.rng("abstract colours"))
    paper = fbm(rng, canvas.height, canvas.width, cell=unit * 0.02, octaves=3, gain=0.8)
    canvas.pixels[:] = tones[-1][:, None, None] * (0.97 + (paper - 0.5) * 0.1)
    for index in range(16):
        big = index < 3
        radius = unit * (rng.uniform(0.17, 0.3) if big else rng.uniform(0.02, 0.1))
        x = picture.focus_x if index == 0 else rng.uniform(0.05, 0.95) * canvas.width
        y = canvas.height * (0.42 if index == 0 else rng.uniform(0.08, 0.92))
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


def fields(picture: Picture, rng: np.random.Generator) -> None:
    """Two or three glowing fields of colour with breathing edges."""
    canvas, unit = picture.canvas, picture.unit
    tones = colours(picture, canvas.rng("abstract colours"))
    cloth = fbm(rng, canvas.height, canvas.width, cell=unit * 0.3, octaves=6, gain=0.6)
    canvas.pixels[:] = mix(tones[0], tones[1], 0.5)[:, None, None] * (0.85 + 0.3 * cloth)
    count = int(rng.integers(2, 4))
    cuts = np.sort(rng.uniform(0.3, 0.75, count - 1)) if count < 3 else np.array([0.36, 0.68])
    edges = [0.07, *cuts, 0.94]
    order = rng.permutation(len(tones) - 1) + 1
    for index in range(count):
        top, bottom = (
            (edges[index] + 0.012) * canvas.height,
            (edges[index + 1] - 0.012) * canvas.height,
        )
        ragged = (cloth - 0.5) * unit * 0.035
        soft = unit * 0.03
        y, x = canvas.rows() + ragged, canvas.columns() + ragged
        inside = smoothstep(top - soft, top + soft, y) * smoothstep(bottom + soft, bottom - soft, y)
        inside = inside * smoothstep(unit * 0.05, unit * 0.1, x)
        inside = inside * smoothstep(canvas.width - unit * 0.05, canvas.width - unit * 0.1, x)
        tone = tones[int(order[index % len(order)])]
        glow = 0.88 + 0.28 * (blur(cloth, unit * 0.02) - 0.3)
        canvas.lay(
            (inside * 0.93).astype(np.float32), (tone[:, None, None] * glow).astype(np.float32)
        )


def mandala(picture: Picture, rng: np.random.Generator) -> None:
    """Rings of petals around one centre, each ring with its own symmetry."""
    canvas, unit = picture.canvas, picture.unit
    tones = colours(picture, canvas.rng("abstract colours"))
    x, y = canvas.width / 2, canvas.height / 2
    reach = min(canvas.width, canvas.height) * 0.47
    canvas.pixels[:] = tones[0][:, None, None]
    folds = int(rng.choice([6, 8, 10, 12]))
    for ring in range(12):
        radius = reach * (1 - ring / 12.5)
        tone = tones[1 + (ring * 2 + int(rng.integers(2))) % (len(tones) - 1)]
        count = folds * (2 if ring < 5 else 1)
        stencil = Stencil(0, 0, canvas.width, canvas.height, fine=2)
        kind, depth = rng.random(), rng.uniform(0.14, 0.3) * radius
        stencil.disc(x, y, radius - depth)
        for angle in np.arange(count) * 2 * np.pi / count + (np.pi / count) * (ring % 2):
            tip = (x + np.cos(angle) * radius, y + np.sin(angle) * radius)
            if kind < 0.5:
                stencil.disc(
                    x + np.cos(angle) * (radius - depth),
                    y + np.sin(angle) * (radius - depth),
                    depth,
                )
                continue
            wide = np.pi / count
            sides = [(x + np.cos(angle + turn) * (radius - depth),
                      y + np.sin(angle + turn) * (radius - depth))
                     for turn in (-wide, wide)]  # fmt: skip
            stencil.polygon([sides[0], tip, sides[1], (x, y)])
        mask = stencil.mask()[: canvas.height, : canvas.width]
        canvas.lay(blur(mask, unit * 0.01) * 0.4, tones[0] * np.float32(0.5))
        canvas.lay(mask, tone)


def composition(picture: Picture, rng: np.random.Generator) -> None:
    """The manner the prompt asks for, else one by the hash."""
    named = {"marble": marble, "discs": discs, "mandala": mandala}
    manners = (marble, waves, discs, fields, mandala, marble, waves)
    free = manners[int(rng.integers(len(manners)))]
    named.get(MANNERS.get(picture.brief.manner or "", ""), free)(picture, rng)
