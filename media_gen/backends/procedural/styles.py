"""Styles: each is a short list of finishing steps that work at any size."""

import numpy as np
from PIL import Image, ImageFilter

from media_gen.backends.procedural.canvas import Pixels, from_image, to_image
from media_gen.backends.procedural.finish import Finish, Sheet, brightness, grade, grain
from media_gen.backends.procedural.noise import Plane, blur, enlarge, fbm, smoothstep
from media_gen.backends.procedural.palette import Colour, paint_hex
from media_gen.backends.procedural.strokes import chalk, coat, impasto
from media_gen.backends.procedural.tiles import mosaic, pixel_art, stained_glass


def _simplified(pixels: Pixels, unit: float, window: int = 5) -> Pixels:
    """Small things melt into patches: a median filter on a reduced copy."""
    _, height, width = pixels.shape
    factor = max(1.0, unit / 330)
    small = to_image(pixels).resize(
        (max(2, int(width / factor)), max(2, int(height / factor))), Image.Resampling.BOX
    )
    return from_image(small.filter(ImageFilter.MedianFilter(window)).resize(
        (width, height), Image.Resampling.BICUBIC), width, height)  # fmt: skip


def _ramp(values: Plane, codes: tuple[str, ...]) -> Pixels:
    """Map 0..1 through a list of colours."""
    stops = np.linspace(0, 1, len(codes))
    colours = [paint_hex(code) for code in codes]
    planes = [np.interp(values, stops, [colour[c] for colour in colours]) for c in range(3)]
    return np.stack(planes).astype(np.float32)


def _ragged_edge(
    shape: tuple[int, int], unit: float, rng: np.random.Generator, margin: float
) -> Plane:
    """1 inside, 0 on a margin with a hand-made border; margin in units."""
    height, width = shape
    wander = enlarge(
        fbm(rng, height // 3 + 2, width // 3 + 2, cell=unit * 0.05, octaves=5, gain=0.6),
        height,
        width,
    )
    y = np.arange(height, dtype=np.float32)[:, None]
    x = np.arange(width, dtype=np.float32)[None, :]
    inner = np.minimum(np.minimum(x, width - 1 - x), np.minimum(y, height - 1 - y)) / unit
    return smoothstep(margin * 0.92, margin * 1.12, inner + (wander - 0.5) * margin * 1.5)


def wash(pixels: Pixels, sheet: Sheet, rng: np.random.Generator) -> Pixels:
    """Watercolour, first step: simple patches with wandering edges."""
    unit = sheet.unit
    simple = _simplified(pixels, unit)
    _, height, width = pixels.shape
    half = (height // 2 + 1, width // 2 + 1)
    bend_x = enlarge(fbm(rng, *half, cell=unit * 0.03, octaves=4, gain=0.6) - 0.5, height, width)
    bend_y = enlarge(fbm(rng, *half, cell=unit * 0.03, octaves=4, gain=0.6) - 0.5, height, width)
    reach = unit * 0.014
    y = np.clip(np.arange(height)[:, None] + bend_y * reach, 0, height - 1).astype(np.int32)
    x = np.clip(np.arange(width)[None, :] + bend_x * reach, 0, width - 1).astype(np.int32)
    flat = y * width + x
    bent = np.stack([np.ascontiguousarray(plane).ravel().take(flat) for plane in simple])
    return bent * np.float32(0.8) + simple * np.float32(0.2)


def pigment(pixels: Pixels, sheet: Sheet, rng: np.random.Generator) -> Pixels:
    """Watercolour, second step: dark rims, granulation, backruns, white paper at the border."""
    unit = sheet.unit
    grey = brightness(pixels)
    rim = np.clip(blur(grey, unit * 0.006) - grey, 0, 0.12) * 2.6
    paper = fbm(rng, *grey.shape, cell=max(2.2, unit * 0.008), octaves=3, gain=0.7)
    pools = enlarge(
        fbm(
            rng,
            grey.shape[0] // 3 + 2,
            grey.shape[1] // 3 + 2,
            cell=unit * 0.22,
            octaves=6,
            gain=0.62,
        ),
        *grey.shape,
    )
    load = 0.9 + (pools - 0.5) * 0.6 + (paper - 0.5) * 0.16 * np.clip(1.3 - grey, 0, 1) + rim
    inside = _ragged_edge((grey.shape[0], grey.shape[1]), unit, rng, 0.026)
    white = np.array([0.985, 0.975, 0.95], np.float32)
    out = np.empty_like(pixels)
    for channel in range(3):
        bright = grey + (pixels[channel] - grey) * 1.22
        absorbed = np.clip(1.0 - bright, 0, 1) ** 1.08 * load * inside
        out[channel] = white[channel] * (1.0 - absorbed) + (paper - 0.5) * 0.03
    return out


def ink_wash(pixels: Pixels, sheet: Sheet, rng: np.random.Generator) -> Pixels:
    """Brush and ink, first step: the density of the ink (0 none .. 1 black) in all planes."""
    unit = sheet.unit
    grey = brightness(_simplified(pixels, unit))
    tone = _stretched(grey, 2, 92, 0.05)
    if sheet.picture.light.night > 0.75:
        tone = np.power(tone, np.float32(0.6))
    coarse = (grey.shape[0] // 3 + 2, grey.shape[1] // 3 + 2)
    bleed = enlarge(fbm(rng, *coarse, cell=unit * 0.12, octaves=5), *grey.shape)
    density = np.power(1.0 - tone, np.float32(1.25))
    density = density + (bleed - 0.5) * 0.35 * density
    density = density + np.clip(blur(tone, unit * 0.004) - tone, 0, 0.3) * 1.6
    return np.repeat(density[None], 3, axis=0).astype(np.float32)


def ink_paper(pixels: Pixels, sheet: Sheet, rng: np.random.Generator) -> Pixels:
    """Brush and ink, second step: fibres, warm paper, dry edges, a breath of colour, a seal."""
    unit, density = sheet.unit, pixels[0]
    fibre = fbm(rng, *density.shape, cell=unit * 0.02, flat=0.5, octaves=4, gain=0.7)
    density = np.clip(density * (0.86 + 0.4 * (fibre - 0.5)), 0, 1)
    density *= 0.15 + 0.85 * _ragged_edge((density.shape[0], density.shape[1]), unit, rng, 0.03)
    paper, black = paint_hex("f3ebdb"), paint_hex("17181d")
    out = paper[:, None, None] + (black - paper)[:, None, None] * density
    out += (sheet.reference - out) * np.float32(0.09) + (fibre - 0.5) * 0.03
    return _seal(out.astype(np.float32), sheet, rng)


def _stretched(grey: Plane, low: float, high: float, least: float) -> Plane:
    """Grey values stretched so that these percentiles become 0 and 1."""
    dark, bright = np.percentile(grey[::4, ::4], (low, high))
    stretched = (grey - dark) / max(float(bright - dark), least)
    tone: Plane = np.clip(stretched, 0, 1).astype(np.float32)
    return tone


def _seal(pixels: Pixels, sheet: Sheet, rng: np.random.Generator) -> Pixels:
    """A small carved stamp in the corner away from the focus."""
    _, height, width = pixels.shape
    size = int(sheet.unit * 0.045)
    if size < 6:
        return pixels
    cells = np.ones((7, 7), dtype=np.float32)
    carved = rng.random((5, 3)) < 0.5
    cells[1:6, 1:6] = 1.0 - np.concatenate([carved, carved[:, 1::-1]], axis=1)
    stamp = np.asarray(
        Image.fromarray(cells).resize((size, size), Image.Resampling.NEAREST), dtype=np.float32
    )
    worn = fbm(rng, size, size, cell=size * 0.2, octaves=3)
    stamp = stamp * smoothstep(0.15, 0.4, worn) * 0.9
    right = sheet.picture.focus_x < sheet.picture.canvas.width / 2
    margin = int(sheet.unit * 0.06)
    left = width - margin - size if right else margin
    top = height - margin - size
    red: Colour = paint_hex("b3282d")
    spot = pixels[:, top : top + size, left : left + size]
    rows, columns = spot.shape[1:]
    spot += (red[:, None, None] - spot) * stamp[:rows, :columns]
    return pixels


def noir(pixels: Pixels, sheet: Sheet, rng: np.random.Generator) -> Pixels:
    """High contrast black and white with coarse grain."""
    grey = np.clip(brightness(pixels), 0, 1)
    tone = _stretched(grey, 1, 99, 0.08)
    tone = 0.35 * tone + 0.65 * tone * tone * (3 - 2 * tone)
    tone = tone * 0.94 + 0.02
    tone = tone + (fbm(rng, *grey.shape, cell=2.6, octaves=1) - 0.5) * 0.11
    _, height, width = pixels.shape
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    corners = 1.0 - 0.3 * np.clip((x * x + y * y) * 0.5, 0, 1) ** 1.3
    del sheet
    return np.repeat((tone * corners)[None], 3, axis=0).astype(np.float32)


def flat_inks(pixels: Pixels, sheet: Sheet, rng: np.random.Generator) -> Pixels:
    """A print from a few blocks, first step: flat inks with simple edges."""
    del rng
    _, height, width = pixels.shape
    simple = _simplified(pixels, sheet.unit * 0.62)
    grey = brightness(simple)
    vivid = to_image(np.clip(0.5 + (grey + (simple - grey) * 1.5 - 0.5) * 1.15, 0, 1))
    small = vivid.resize((max(8, width // 4), max(8, height // 4)))
    palette = small.quantize(11, method=Image.Quantize.MEDIANCUT)
    return from_image(vivid.quantize(palette=palette, dither=Image.Dither.NONE), width, height)


def block_print(pixels: Pixels, sheet: Sheet, rng: np.random.Generator) -> Pixels:
    """A print from a few blocks, second step: dark contours, wood grain, a paper margin."""
    unit = sheet.unit
    _, height, width = pixels.shape
    grey = brightness(sheet.reference)
    contour = smoothstep(0.025, 0.08, blur(grey, unit * 0.0045) - blur(grey, unit * 0.0015)) * 0.85
    wood = fbm(rng, height, width, cell=unit * 0.3, flat=26, octaves=4, gain=0.7)
    inks = pixels + (paint_hex("171a26")[:, None, None] - pixels) * contour
    inks = inks + smoothstep(0.55, 0.85, wood) * 0.035
    y = np.arange(height, dtype=np.float32)[:, None]
    x = np.arange(width, dtype=np.float32)[None, :]
    inner = np.minimum(np.minimum(x, width - 1 - x), np.minimum(y, height - 1 - y)) / unit
    inside = smoothstep(0.024, 0.026, inner)
    paper = paint_hex("f2e8d5")[:, None, None]
    out: Pixels = (paper + (np.clip(inks, 0, 1) * 0.96 + 0.03 - paper) * inside).astype(np.float32)
    return out


def cyanotype(pixels: Pixels, sheet: Sheet, rng: np.random.Generator) -> Pixels:
    """Prussian blue on brushed paper."""
    grey = np.clip(brightness(pixels), 0, 1)
    tone = _stretched(grey, 1, 98, 0.08)
    paper = fbm(rng, *grey.shape, cell=max(2.2, sheet.unit * 0.006), octaves=3, gain=0.7) - 0.5
    print_ = _ramp(
        np.clip(tone + paper * 0.07, 0, 1), ("06203f", "124a80", "4b8fbd", "b9d6e0", "f3f3e8")
    )
    coated = _ragged_edge((grey.shape[0], grey.shape[1]), sheet.unit, rng, 0.036)
    bare = paint_hex("f3f1e6")[:, None, None] + paper * 0.03
    out: Pixels = (bare + (print_ - bare) * coated).astype(np.float32)
    return out


def sepia(pixels: Pixels, sheet: Sheet, rng: np.random.Generator) -> Pixels:
    """An old print: warm browns, soft contrast, foxed paper."""
    grey = np.clip(brightness(pixels), 0, 1) * 0.86 + 0.07
    age = enlarge(
        fbm(rng, grey.shape[0] // 4 + 2, grey.shape[1] // 4 + 2, cell=sheet.unit * 0.1, octaves=5),
        *grey.shape,
    )
    out = _ramp(
        np.clip(grey + (age - 0.5) * 0.1, 0, 1), ("24160f", "6b4a32", "b8916a", "e6d0a8", "f6ebd2")
    )
    inside = _ragged_edge((grey.shape[0], grey.shape[1]), sheet.unit, rng, 0.02)
    return out * (0.8 + 0.2 * inside)


def contours(pixels: Pixels, sheet: Sheet, rng: np.random.Generator) -> Pixels:
    """Graphite, first step: contour lines and smudged darks on paper."""
    unit = sheet.unit
    tone = _stretched(np.clip(brightness(pixels), 0, 1), 2, 95, 0.08)
    height, width = tone.shape
    lines = np.clip(blur(tone, unit * 0.004 + 0.8) - tone, 0, 1) * 3.4
    tooth = fbm(rng, height, width, cell=max(2.2, unit * 0.004), octaves=2) - 0.5
    smudge = np.clip(0.42 - tone, 0, 1) * 1.5 * (0.8 + 0.6 * tooth)
    graphite = np.clip(lines + smudge, 0, 0.95) * (1 + tooth * 0.5)
    graphite *= _ragged_edge((height, width), unit, rng, 0.035)
    paper, lead = paint_hex("f5f1e8"), paint_hex("2e2d33")
    out = paper[:, None, None] + (lead - paper)[:, None, None] * np.clip(graphite, 0, 1)
    drawn: Pixels = out + (pixels - out) * np.float32(0.055) + tooth * 0.025
    return drawn


def hatching(turn: float, start: float) -> Finish:
    """Graphite, further steps: parallel strokes at an angle, where it is darker than `start`."""

    def finish(pixels: Pixels, sheet: Sheet, rng: np.random.Generator) -> Pixels:
        unit = sheet.unit
        tone = _stretched(np.clip(brightness(sheet.reference), 0, 1), 2, 95, 0.08)
        height, width = tone.shape
        side = int(np.hypot(height, width)) // 2 + 2
        strokes = fbm(rng, side, side, cell=unit * 0.16, flat=58, octaves=2, gain=0.8)
        image = Image.fromarray(strokes).rotate(turn, Image.Resampling.BILINEAR)
        left, top = (side - width // 2) // 2, (side - height // 2) // 2
        part = image.crop((left, top, left + width // 2, top + height // 2))
        stroke = np.asarray(part.resize((width, height), Image.Resampling.BICUBIC), np.float32)
        shade = smoothstep(0.34, 0.7, stroke) * np.clip((start - tone) * 1.15, 0, 0.7) * 0.6
        shade *= _ragged_edge((height, width), unit, rng, 0.04)
        hatched: Pixels = pixels * (1 - shade * 0.9)
        return hatched

    return finish


STEPS: dict[str, tuple[Finish, ...]] = {
    "watercolor": (wash, pigment),
    "oil": (
        coat(0.017, 0.075, 1.6),
        coat(0.009, 0.042, 1.3, 0.15),
        coat(0.0045, 0.022, 1.4, 0.55),
        impasto,
    ),
    "impressionist": (
        coat(0.014, 0.03, 1.6, 0.0, 0.1),
        coat(0.0085, 0.018, 1.0, 0.1, 0.12),
        impasto,
    ),
    "ink": (ink_wash, ink_paper),
    "noir": (noir,),
    "pixel": (pixel_art,),
    "pastel": (coat(0.008, 0.06, 0.8, 0.0, 0.05), chalk),
    "woodcut": (flat_inks, block_print),
    "cyanotype": (cyanotype,),
    "glass": (stained_glass,),
    "mosaic": (mosaic,),
    "sketch": (contours, hatching(38, 0.72), hatching(-30, 0.34)),
    "sepia": (sepia,),
}
# Tone styles go last, so that "noir watercolor" ends up grey.
TONAL = ("noir", "cyanotype", "sepia")


def finishing(styles: tuple[str, ...]) -> list[tuple[str, Finish]]:
    """All finishing steps for these styles, named, in order."""
    ordered = sorted(styles, key=lambda style: style in TONAL)
    steps: list[tuple[str, Finish]] = [("grade", grade)]
    for style in ordered:
        steps += [(f"{style} {number}", step) for number, step in enumerate(STEPS[style], 1)]
    if not styles:
        steps.append(("grain", grain))
    return steps
