"""Skies: gradient and glow, clouds, stars, sun and moon, aurora, rainbow."""

import numpy as np

from media_gen.backends.procedural.canvas import enlarged
from media_gen.backends.procedural.noise import Plane, blur, enlarge, fbm, smoothstep
from media_gen.backends.procedural.palette import Colour, mix, paint_hex
from media_gen.backends.procedural.picture import Picture

DETAIL = 2  # soft things are painted at 1/DETAIL of the size and enlarged


def _grid(picture: Picture) -> tuple[Plane, Plane]:
    """Canvas coordinates (x row vector, y column vector) of the reduced sky."""
    canvas = picture.canvas
    columns, rows = max(2, canvas.width // DETAIL), max(2, canvas.height // DETAIL)
    x = (np.arange(columns, dtype=np.float32)[None, :] + 0.5) * (canvas.width / columns)
    y = (np.arange(rows, dtype=np.float32)[:, None] + 0.5) * (canvas.height / rows)
    return x, y


def gradient(picture: Picture, rng: np.random.Generator) -> None:
    """The bare sky with the air glowing around sun or moon."""
    light, unit = picture.light, picture.unit
    x, y = _grid(picture)
    drift = fbm(rng, y.shape[0], x.shape[1], cell=x.shape[1] * 0.8, octaves=3) - 0.5
    place = np.clip(y / picture.horizon + drift * 0.16, 0, 1)
    stops = np.array([0.0, 0.5, 0.86, 1.0], np.float32)
    colours = [light.zenith, light.upper, light.low, mix(light.low, light.glow, 0.35)]
    sky = np.stack(
        [np.interp(place, stops, [colour[c] for colour in colours]) for c in range(3)]
    ).astype(np.float32)
    away = np.hypot(x - picture.sun_x, (y - picture.sun_y) * 1.15) / unit
    low_sun = max(0.0, 1.0 - light.altitude * 2.2)
    halo = 0.42 * np.exp(-away / 0.11) + (0.25 + 0.36 * low_sun) * np.exp(-away / 0.46)
    along = np.exp(-(((y - picture.horizon) / (0.2 * picture.horizon)) ** 2))
    halo += low_sun * 0.35 * along * np.exp(-(((x - picture.sun_x) / (0.75 * unit)) ** 2))
    halo *= 0.35 + 0.65 * light.level
    for channel in range(3):
        sky[channel] += (light.glow[channel] * 1.06 - sky[channel] * 0.75) * np.minimum(halo, 0.95)
    picture.canvas.pixels[:] = enlarged(sky, picture.canvas.height, picture.canvas.width)


def _cover(picture: Picture) -> float:
    weather = picture.weather
    if "clouds" in picture.brief.banned or "clear" in weather:
        return 0.0
    for name, cover in (("storm", 1.0), ("rain", 0.92), ("snow", 0.8), ("clouds", 0.66)):
        if name in weather:
            return cover
    if weather & {"stars", "aurora", "fog"} or picture.time == "night":
        return 0.22
    return 0.42


def _cloud_field(picture: Picture, rng: np.random.Generator, streaky: bool) -> Plane:
    """Cloud noise seen in perspective: large overhead, small and flat near the horizon."""
    x, y = _grid(picture)
    rows, columns = y.shape[0], x.shape[1]
    above = np.clip((picture.horizon - y) / picture.horizon, 0, 1)
    nearness = 1.0 / (above + 0.3)
    low, high = float(nearness.min()), float(nearness.max())
    tex_w, tex_h = int(columns * high / low * 0.75), int(rows * 1.3)
    size = picture.unit / DETAIL
    field = fbm(
        rng, tex_h, tex_w, cell=size * (0.62 if streaky else 0.42),
        flat=3.6 if streaky else 1.5, octaves=6, gain=0.56 if streaky else 0.52,
    )  # fmt: skip
    depth = (nearness - low) / max(high - low, 1e-6)
    pick_y = np.clip(depth * (tex_h - 1), 0, tex_h - 1).astype(np.int32)
    spread = (x - picture.canvas.width / 2) / picture.canvas.width * nearness / high
    slant = depth * (0.22 if streaky else 0.0)
    pick_x = np.clip((0.46 + spread * 0.9 + slant * 0.35) * (tex_w - 1), 0, tex_w - 1).astype(
        np.int32
    )
    seen: Plane = field[pick_y, pick_x]
    return seen


def clouds(picture: Picture, rng: np.random.Generator) -> None:
    """Clouds lit from the side of the sun, darker below."""
    cover = _cover(picture)
    if cover <= 0:
        return
    light, canvas = picture.light, picture.canvas
    streaky = cover < 0.6 and rng.random() < 0.5
    field = _cloud_field(picture, rng, streaky)
    x, y = _grid(picture)
    edge = 0.74 - 0.42 * cover
    density = smoothstep(edge, edge + (0.34 if streaky else 0.24), field)
    shift = max(1, int(picture.unit / DETAIL * 0.022))
    towards = 1 if picture.sun_x > canvas.width / 2 else -1
    padded = np.pad(blur(field, shift), shift, mode="edge")
    rows, columns = field.shape
    left = shift - towards * shift
    lit = field - padded[shift // 2 * 3 : shift // 2 * 3 + rows, left : left + columns]
    lit = np.clip(0.5 + lit * 3.2, 0, 1)
    near = np.exp(-np.hypot(x - picture.sun_x, (y - picture.sun_y) * 0.8) / (0.5 * picture.unit))
    bright = mix(
        mix(light.low, light.glow, 0.3 + 0.7 * light.altitude),
        paint_hex("ffffff"),
        0.4 * light.level**2,
    )
    dark = mix(mix(light.upper, light.zenith, 0.55), light.shade, 0.28 if cover < 0.9 else 0.45)
    strength = density * (0.78 if cover < 0.9 else 0.94) * np.clip(1.35 - near * 0.5, 0, 1)
    fade = smoothstep(0.0, 0.16, (picture.horizon - y) / picture.horizon)
    strength = enlarge(strength * fade, canvas.height, canvas.width)
    glow = np.clip(lit * (0.35 + 0.55 * light.level) + near * 0.5 * (1 - light.night), 0, 1)
    glow = enlarge(glow.astype(np.float32), canvas.height, canvas.width)
    strength = np.clip(strength, 0, 1)
    for channel in range(3):
        plane = canvas.pixels[channel]
        colour = dark[channel] + (bright[channel] - dark[channel]) * glow
        plane += (colour - plane) * strength
    canvas.open_sky *= 1.0 - 0.85 * strength


def stars(picture: Picture, rng: np.random.Generator) -> None:
    """A scatter of stars with a few bright ones and, on clear nights, a faint milky way."""
    wanted = picture.weather & {"stars", "aurora"} or picture.light.night > 0.8
    if not wanted or "stars" in picture.brief.banned or _cover(picture) > 0.9:
        return
    canvas = picture.canvas
    height = int(min(canvas.height, picture.horizon))
    band = _milky_way(picture, rng, height)
    count = int(height * canvas.width / picture.unit**2 * 900)
    xs = rng.integers(0, canvas.width, count)
    ys = (rng.random(count) ** 1.15 * height).astype(np.int64)
    power = rng.pareto(2.2, count).astype(np.float32) * 0.16 + 0.12
    power *= 0.7 + 1.4 * band[ys, xs]
    field = np.zeros((height, canvas.width), dtype=np.float32)
    np.add.at(field, (ys, xs), np.minimum(power, 1.6))
    glare = blur(field, 0.0024 * picture.unit + 1) * 2.2
    visible = canvas.open_sky[:height] * smoothstep(1.0, 0.72, canvas.rows(0, height) / height)
    starlight = (field * 1.2 + glare + band * 0.13) * visible
    canvas.shine(starlight, np.array([0.95, 0.97, 1.08], np.float32))


def _milky_way(picture: Picture, rng: np.random.Generator, height: int) -> Plane:
    """A slanted cloudy band, 0..1, over the given number of rows."""
    width = picture.canvas.width
    x = np.arange(width, dtype=np.float32)[None, :] / picture.unit
    y = np.arange(height, dtype=np.float32)[:, None] / picture.unit
    slope = float(rng.uniform(0.5, 0.9)) * (1 if rng.random() < 0.5 else -1)
    middle = width / picture.unit / 2
    off = (y - 0.3 * height / picture.unit) - slope * (x - middle)
    noise = fbm(rng, height, width, cell=picture.unit * 0.2, octaves=5, gain=0.6)
    band = np.exp(-((off + (noise - 0.5) * 0.25) ** 2) / 0.02) * smoothstep(0.3, 0.75, noise)
    milky: Plane = band.astype(np.float32)
    return milky


def luminary(picture: Picture, rng: np.random.Generator) -> None:
    """Sun or moon, painted late so that water never mirrors a hard disc.

    It shows only where the sky is still open, so ridges and masts stand in front of it.
    """
    night = picture.light.night >= 0.4
    name = "moon" if (night or picture.brief.draws("moon")) else "sun"
    hidden = picture.weather & {"storm", "rain"} or picture.time == "blue"
    asked = picture.brief.draws(name)
    if (
        name in picture.brief.banned
        or (hidden and not asked)
        or (picture.time == "dusk" and not asked)
    ):
        return
    canvas, light = picture.canvas, picture.light
    radius = picture.unit * ((0.042 if name == "moon" else 0.036) + 0.014 * asked)
    half = int(radius * 2.4) + 2
    top, left = int(picture.sun_y) - half, int(picture.sun_x) - half
    y = np.arange(2 * half, dtype=np.float32)[:, None] - half
    x = np.arange(2 * half, dtype=np.float32)[None, :] - half
    away = np.hypot(x, y)
    rows = np.clip(np.arange(top, top + 2 * half), 0, canvas.height - 1)
    columns = np.clip(np.arange(left, left + 2 * half), 0, canvas.width - 1)
    open_sky = canvas.open_sky[np.ix_(rows, columns)] ** 1.5
    disc = smoothstep(radius + 1, radius - 1, away)
    if name == "moon":
        craters = fbm(rng, 2 * half, 2 * half, cell=radius * 0.9, octaves=4)
        face = 0.9 + np.clip((craters - 0.5) * 0.5, -0.16, 0.1)
        phase = smoothstep(-0.2, 0.25, _phase(x, y, radius, rng))
        disc = disc * phase
        tint: Colour = light.disc
        canvas.lay(
            disc * open_sky, tint[:, None, None] * face[None], top=top, left=left, solid=False
        )
    else:
        canvas.lay(
            disc * open_sky, np.minimum(light.disc * 1.05, 1.1), top=top, left=left, solid=False
        )
    bloom = np.exp(-np.maximum(away - radius, 0) / (radius * 0.42)) * open_sky
    edge = smoothstep(half, half * 0.8, away)
    canvas.shine(bloom * edge * (0.5 if name == "sun" else 0.3), light.glow, top=top, left=left)


def _phase(x: Plane, y: Plane, radius: float, rng: np.random.Generator) -> Plane:
    """Positive on the lit part of the moon; often full, sometimes a crescent."""
    if rng.random() < 0.6:
        return np.ones((y.shape[0], x.shape[1]), dtype=np.float32)
    away = np.hypot(x + radius * 0.5, y + radius * 0.18)
    lit: Plane = ((away - radius * 0.92) / radius * 2).astype(np.float32)
    return lit


def aurora(picture: Picture, rng: np.random.Generator) -> None:
    """Curtains of light with fine vertical rays."""
    if "aurora" not in picture.weather:
        return
    x, y = _grid(picture)
    rows, columns = y.shape[0], x.shape[1]
    total = np.zeros((3, rows, columns), dtype=np.float32)
    green, violet = paint_hex("4dffa8"), paint_hex("a45cff")
    if picture.brief.colours:
        green, violet = mix(green, picture.light.low, 0.4), mix(violet, picture.light.zenith, 0.3)
    for fold in range(3):
        lines = fbm(rng, 2, columns, cell=columns * 0.35, octaves=4, gain=0.45)
        base = picture.horizon * (0.48 + 0.2 * fold + (lines[0] - 0.5) * 0.75)[None, :]
        length = picture.horizon * (0.3 + 0.35 * rng.random())
        rays = fbm(rng, 1, columns, cell=columns * 0.05, octaves=5, gain=0.75)[:1]
        up = (base - y) / length
        shape = np.exp(-np.maximum(up, 0) * 2.6) * smoothstep(-0.05, 0.04, up)
        power = shape * np.clip(rays * 2.1 - 0.5, 0.05, 1.6) * (0.75 - 0.17 * fold)
        rise = np.clip(up * 1.3, 0, 1)
        for channel in range(3):
            total[channel] += power * (green[channel] * (1 - rise) + violet[channel] * rise)
    canvas = picture.canvas
    for channel in range(3):
        veil = enlarge(total[channel], canvas.height, canvas.width)
        canvas.pixels[channel] += (
            veil * canvas.open_sky * np.clip(1.2 - canvas.pixels[channel], 0, 1)
        )


def rainbow(picture: Picture, rng: np.random.Generator) -> None:
    """One bow opposite the sun, fainter towards its top."""
    if "rainbow" not in picture.weather:
        return
    canvas = picture.canvas
    x, y = _grid(picture)
    centre_x = picture.focus_x + rng.uniform(-0.05, 0.05) * canvas.width
    radius, width = picture.unit * 0.62, picture.unit * 0.055
    away = (np.hypot(x - centre_x, y - picture.horizon * 1.12) - radius) / width
    fade = np.clip(0.35 + 0.65 * y / picture.horizon, 0, 1) * 0.42
    for channel, middle in enumerate((0.62, 0.08, -0.5)):
        band = np.exp(-(((away - middle) / 0.42) ** 2)) * fade
        if channel == 0:
            band += 0.35 * np.exp(-(((away + 0.9) / 0.3) ** 2)) * fade
        light = enlarge(band.astype(np.float32), canvas.height, canvas.width)
        canvas.pixels[channel] += light * canvas.open_sky
