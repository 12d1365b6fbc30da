"""Brushwork: pictures rebuilt from many single strokes that follow their forms."""

import numpy as np
from PIL import ImageDraw

from media_gen.backends.procedural.canvas import Pixels, from_image, shrink, to_image
from media_gen.backends.procedural.finish import Finish, Sheet, brightness
from media_gen.backends.procedural.noise import Plane, blur, enlarge, fbm, smoothstep


def _flow(reference: Pixels, rng: np.random.Generator) -> tuple[Plane, Plane, Plane, float]:
    """Stroke directions (cos, sin), detail 0..1, all on a small grid, and pixels per grid cell."""
    small = brightness(shrink(reference, 160))
    rows, columns = small.shape
    soft = blur(small, 2.2)
    grad_y, grad_x = np.gradient(soft)
    bend = fbm(rng, rows, columns, cell=max(rows, columns) * 0.3, octaves=3) - 0.5
    angle = bend * 3.0
    # double-angle averaging lets opposite gradients agree on one direction
    weight = np.hypot(grad_x, grad_y) * 60
    cos2 = (grad_y**2 - grad_x**2) * 3600 + np.cos(2 * angle) * 0.25
    sin2 = -2 * grad_x * grad_y * 3600 + np.sin(2 * angle) * 0.25
    turn = np.arctan2(blur(sin2, 2.5), blur(cos2, 2.5)) / 2
    detail = smoothstep(0.25, 1.6, blur(np.abs(small - soft) * 25 + weight * 0.5, 1.6))
    return np.cos(turn), np.sin(turn), detail, reference.shape[2] / columns


def strokes(
    pixels: Pixels, sheet: Sheet, rng: np.random.Generator, *, size: float, length: float,
    density: float, only_detail: float = 0.0, vary: float = 0.05,
) -> Pixels:  # fmt: skip
    """One coat of strokes; `size` and `length` in units of the sheet, `density` coats."""
    reference, unit = sheet.reference, sheet.unit
    _, height, width = reference.shape
    cos, sin, detail, cell = _flow(reference, rng)
    thick = max(1.5, size * unit)
    reach = max(2.0, length * unit)
    count = int(min(9000, density * height * width / (thick * reach)))
    xs, ys = rng.random(count) * width, rng.random(count) * height
    column = np.clip(xs / cell, 0, cos.shape[1] - 1).astype(np.int32)
    row = np.clip(ys / height * cos.shape[0], 0, cos.shape[0] - 1).astype(np.int32)
    keep = detail[row, column] >= only_detail * rng.uniform(0.5, 1.0, count)
    xs, ys, row, column = xs[keep], ys[keep], row[keep], column[keep]
    sampled = reference[:, ys.astype(np.int32), xs.astype(np.int32)].T
    shifts = rng.normal(0, vary, (len(xs), 1)) + rng.normal(0, vary * 0.45, (len(xs), 3))
    colours = (np.clip(sampled * (1 + shifts), 0, 1) * 255).astype(np.int32).tolist()
    half = reach * rng.uniform(0.3, 0.65, len(xs)) * (1.0 - 0.45 * detail[row, column])
    dx, dy = cos[row, column] * half, sin[row, column] * half
    widths = np.maximum(1, thick * rng.uniform(0.7, 1.25, len(xs))).astype(np.int32).tolist()
    bow = rng.normal(0, 0.14, len(xs)) * half
    image = to_image(pixels)
    draw = ImageDraw.Draw(image)
    middles = np.stack(
        [xs - dy / (half + 1e-6) * bow, ys + dx / (half + 1e-6) * bow], axis=1
    ).tolist()
    starts, ends = (
        np.stack([xs - dx, ys - dy], 1).tolist(),
        np.stack([xs + dx, ys + dy], 1).tolist(),
    )
    for start, middle, end, wide, colour in zip(
        starts, middles, ends, widths, colours, strict=True
    ):
        draw.line(
            [tuple(start), tuple(middle), tuple(end)], fill=tuple(colour), width=wide, joint="curve"
        )
    return from_image(image, width, height)


def coat(
    size: float, length: float, density: float, only_detail: float = 0.0, vary: float = 0.05
) -> Finish:
    """A finishing step that paints one coat of strokes."""

    def finish(pixels: Pixels, sheet: Sheet, rng: np.random.Generator) -> Pixels:
        return strokes(
            pixels, sheet, rng, size=size, length=length, density=density,
            only_detail=only_detail, vary=vary,
        )  # fmt: skip

    return finish


def impasto(pixels: Pixels, sheet: Sheet, rng: np.random.Generator) -> Pixels:
    """Light from the upper left grazing over thick paint and canvas weave."""
    unit = sheet.unit
    height = brightness(pixels)
    height = height + fbm(rng, *height.shape, cell=unit * 0.012, octaves=2) * 0.06
    relief = height - np.roll(height, (max(1, round(unit / 700)),) * 2, axis=(0, 1))
    thick: Pixels = pixels * (1.0 + np.clip(relief * 0.9, -0.12, 0.16))
    return thick


def chalk(pixels: Pixels, sheet: Sheet, rng: np.random.Generator) -> Pixels:
    """Soft pastel on toned paper: the paper's tooth shows through, colours are milky."""
    unit = sheet.unit
    _, height, width = pixels.shape
    grey = brightness(pixels)
    tooth = fbm(rng, height, width, cell=max(2.5, unit * 0.006), octaves=2, gain=0.8)
    sweep = enlarge(
        fbm(rng, height // 2 + 1, width // 2 + 1, cell=unit * 0.1, flat=9, octaves=4, gain=0.7),
        height,
        width,
    )
    gaps = smoothstep(0.62, 0.95, tooth * 0.7 + sweep * 0.36) * 0.3
    paper = np.array([0.93, 0.89, 0.84], np.float32)
    out = np.empty_like(pixels)
    for channel in range(3):
        milky = 0.24 + 0.76 * (grey + (pixels[channel] - grey) * 1.12)
        out[channel] = milky + (paper[channel] - milky) * gaps
    return out
