"""Weather in front of the scene: rain, snowfall, fog banks, lightning."""

import numpy as np
from PIL import Image

from media_gen.backends.procedural.canvas import Stencil
from media_gen.backends.procedural.noise import blur, fbm, smoothstep
from media_gen.backends.procedural.palette import mix, paint_hex
from media_gen.backends.procedural.picture import Picture
from media_gen.backends.procedural.water import mist


def fog(picture: Picture, rng: np.random.Generator) -> None:
    """Banks of fog over the middle distance; clearer towards the viewer."""
    if "fog" not in picture.weather:
        return
    unit, horizon = picture.unit, picture.horizon
    foggy = picture.scene in ("forest", "city", "mountain", "canyon")
    mist(picture, rng, horizon + unit * 0.02, unit * (0.2 if foggy else 0.1), 0.62)
    mist(picture, rng, horizon - unit * 0.16, unit * 0.09, 0.35)


def bolt(picture: Picture, rng: np.random.Generator) -> None:
    """A branching flash from the clouds to the horizon, with the sky lit around it."""
    if "storm" not in picture.weather or "lightning" in picture.brief.banned:
        return
    canvas, unit = picture.canvas, picture.unit
    horizon = min(picture.horizon, canvas.height)
    stencil = Stencil(0, 0, canvas.width, horizon, fine=2)
    x = picture.sun_x
    paths = [(x, horizon * 0.02, horizon * 1.0, unit * 0.0042)]
    while paths:
        x, y, end, thick = paths.pop()
        points = [(x, y)]
        while y < end:
            y += horizon * rng.uniform(0.015, 0.045)
            x += rng.normal(0, unit * 0.016)
            points.append((x, min(y, end)))
            if thick > unit * 0.002 and rng.random() < 0.2:
                paths.append((x, y, min(end, y + horizon * rng.uniform(0.1, 0.35)), thick * 0.45))
        stencil.line(points, thick)
    core = stencil.mask()
    top = stencil.top
    visible = np.clip(canvas.open_sky[: core.shape[0]] + 0.9, 0, 1)
    core = core[: visible.shape[0], : visible.shape[1]] * visible
    aura = blur(core, unit * 0.02) * 3.0 + blur(core, unit * 0.11) * 5.0
    tint = mix(paint_hex("c9d4ff"), picture.light.low, 0.25)
    canvas.shine(np.clip(aura, 0, 0.9).astype(np.float32), tint, top=top)
    canvas.shine(core * 1.3, paint_hex("ffffff"), top=top)


def rain(picture: Picture, rng: np.random.Generator) -> None:
    """Slanted streaks in two depths and a thin grey veil."""
    if not picture.weather & {"rain", "storm"} or "rain" in picture.brief.banned:
        return
    canvas, unit = picture.canvas, picture.unit
    slant = rng.uniform(0.12, 0.24) * (1 if rng.random() < 0.5 else -1)
    if picture.weather & {"storm", "wind"}:
        slant *= 1.8
    wide = canvas.width + canvas.height
    for length, count, power in ((0.03, 1500, 0.2), (0.075, 420, 0.3)):
        stencil = Stencil(0, 0, canvas.width, canvas.height, fine=1)
        xs = rng.random(int(count * wide / (2 * unit))) * wide - canvas.height / 2
        ys = rng.random(len(xs)) * canvas.height * 1.1 - canvas.height * 0.05
        for x, y in zip(xs, ys, strict=True):
            drop = unit * length * rng.uniform(0.6, 1.3)
            tone = int(rng.uniform(90, 255))
            stencil.line([(x, y), (x - slant * drop, y + drop)], unit * 0.0013, tone)
        streaks = blur(stencil.mask(), 1.2)
        canvas.lay(
            streaks * np.float32(power),
            mix(picture.light.low, paint_hex("ffffff"), 0.5),
            solid=False,
        )
    veil = fbm(
        rng, canvas.height // 4 + 1, canvas.width // 4 + 1, cell=unit * 0.1, flat=0.5, octaves=3
    )
    image = Image.fromarray(np.ascontiguousarray(veil)).resize((canvas.width, canvas.height))
    cover = smoothstep(0.3, 0.9, np.asarray(image, dtype=np.float32)) * 0.26
    canvas.lay(cover, picture.light.haze, solid=False)


def snowfall(picture: Picture, rng: np.random.Generator) -> None:
    """Flakes in three depths: small and many far away, large and out of focus near."""
    if "snow" not in picture.weather:
        return
    canvas, unit = picture.canvas, picture.unit
    area = canvas.width * canvas.height / unit**2
    white = mix(paint_hex("ffffff"), picture.light.low, 0.2 + 0.25 * picture.light.night)
    for size, count, soft, power in (
        (0.0014, 1500, 0.0, 0.75),
        (0.0028, 420, 0.9, 0.8),
        (0.0075, 60, 3.2, 0.6),
    ):
        stencil = Stencil(0, 0, canvas.width, canvas.height, fine=1 if soft else 2)
        for x, y in rng.random((int(count * area), 2)) * (canvas.width, canvas.height):
            stencil.disc(
                float(x),
                float(y),
                unit * size * rng.uniform(0.6, 1.4),
                tone=int(rng.uniform(120, 255)),
            )
        flakes = stencil.mask()[: canvas.height, : canvas.width]
        canvas.lay(blur(flakes, soft * unit / 1000) * np.float32(power), white, solid=False)


def wind_leaves(picture: Picture, rng: np.random.Generator) -> None:
    """Leaves or petals carried through the air when the prompt speaks of wind."""
    if "wind" not in picture.weather:
        return
    canvas, unit = picture.canvas, picture.unit
    tone = {"spring": "f2b8c8", "autumn": "d9822b"}.get(picture.season, "8fae62")
    stencil = Stencil(0, 0, canvas.width, canvas.height, fine=2)
    for x, y in rng.random((46, 2)) * (canvas.width, canvas.height * 0.85):
        size, turn = unit * rng.uniform(0.004, 0.011), rng.uniform(0, np.pi)
        dx, dy = np.cos(turn) * size, np.sin(turn) * size
        stencil.polygon(
            [
                (x - dx, y - dy),
                (x + dy * 0.45, y - dx * 0.45),
                (x + dx, y + dy),
                (x - dy * 0.3, y + dx * 0.3),
            ]
        )
    canvas.lay(stencil.mask(), picture.light.on(paint_hex(tone), 0.7), top=0, left=0, solid=False)


def near_fog(picture: Picture, rng: np.random.Generator) -> None:
    """A thinner bank of fog nearer to the viewer."""
    if "fog" in picture.weather:
        depth = picture.canvas.height - picture.horizon
        mist(picture, rng, picture.horizon + depth * 0.2, picture.unit * 0.07, 0.5)


def valley_mist(picture: Picture, rng: np.random.Generator) -> None:
    """Mist lying in the valley at the foot of the mountains."""
    if picture.brief.allows("fog"):
        mist(picture, rng, picture.horizon + picture.unit * 0.02, picture.unit * 0.07, 0.5)
