"""Pictures cut into pieces: pixel art, stained glass, mosaic."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from media_gen.backends.procedural.canvas import Pixels, from_image, to_image
from media_gen.backends.procedural.finish import Sheet, brightness
from media_gen.backends.procedural.noise import Plane, enlarge, fbm, smoothstep


@dataclass(frozen=True)
class Cells:
    """A sheet cut into pieces: each pixel's piece, its nearness to a border, how many pieces."""

    number: npt.NDArray[np.int32]
    edge: Plane
    count: int


BAYER = (
    np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]], np.float32) / 16 - 0.47
)


def pixel_art(pixels: Pixels, sheet: Sheet, rng: np.random.Generator) -> Pixels:
    """Big square pixels in few colours, dithered by hand like an old console."""
    del rng
    _, height, width = pixels.shape
    block = max(2, round(sheet.unit / 150))
    rows, columns = -(-height // block), -(-width // block)
    small = to_image(pixels).resize((columns, rows), Image.Resampling.BOX)
    planes = from_image(small, columns, rows)
    grey = brightness(planes)
    planes = grey + (planes - grey) * 1.25
    dither = np.tile(BAYER, (rows // 4 + 1, columns // 4 + 1))[:rows, :columns]
    image = to_image(np.clip(planes + dither * 0.04, 0, 1))
    few = image.quantize(28, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).convert(
        "RGB"
    )
    big = few.resize((columns * block, rows * block), Image.Resampling.NEAREST)
    return from_image(big.crop((0, 0, width, height)), width, height)


def _cells(
    pixels: Pixels, size: float, jitter: float, loyal: float, rng: np.random.Generator
) -> Cells:
    """Cut the sheet around jittered grid points; `loyal` > 0 makes pieces follow the drawing.

    A pixel joins the nearest point, where nearness counts place and, times `loyal`, colour.
    """
    _, height, width = pixels.shape
    shape = (height, width)
    rows, columns = int(height / size) + 3, int(width / size) + 3
    off_y = rng.uniform(0.5 - jitter, 0.5 + jitter, (rows, columns)).astype(np.float32)
    off_x = rng.uniform(0.5 - jitter, 0.5 + jitter, (rows, columns)).astype(np.float32)
    at_y = ((np.arange(rows)[:, None] + off_y - 1) * size).clip(0, height - 1).astype(np.int32)
    at_x = ((np.arange(columns)[None, :] + off_x - 1) * size).clip(0, width - 1).astype(np.int32)
    inks = pixels[:, at_y, at_x].reshape(3, -1) * np.float32(loyal)
    y = (np.arange(height, dtype=np.float32) / size + 1)[:, None]
    x = (np.arange(width, dtype=np.float32) / size + 1)[None, :]
    base_y, base_x = y.astype(np.int32), x.astype(np.int32)
    first = np.full(shape, 99.0, dtype=np.float32)
    second = np.full(shape, 99.0, dtype=np.float32)
    number = np.zeros(shape, dtype=np.int32)
    scaled = pixels * np.float32(loyal)
    for step_y in (-1, 0, 1):
        for step_x in (-1, 0, 1):
            cell_y, cell_x = base_y + step_y, base_x + step_x
            seed = np.clip(cell_y, 0, rows - 1) * columns + np.clip(cell_x, 0, columns - 1)
            gap_y = cell_y + off_y.ravel().take(seed) - y
            gap_x = cell_x + off_x.ravel().take(seed) - x
            away = gap_y * gap_y + gap_x * gap_x
            if loyal:
                away += sum(
                    (scaled[channel] - inks[channel].take(seed)) ** 2 for channel in range(3)
                )
            closer = away < first
            second = np.where(closer, first, np.minimum(second, away))
            number = np.where(closer, seed, number)
            first = np.minimum(first, away)
    return Cells(number, np.sqrt(second) - np.sqrt(first), rows * columns)


def _tiled(
    pixels: Pixels, size: float, jitter: float, loyal: float, rng: np.random.Generator
) -> tuple[Pixels, Plane, Plane]:
    """Flat colour per cell, distance to the cell border (in cells), a random value per cell."""
    _, height, width = pixels.shape
    half = (max(1, height // 2), max(1, width // 2))
    small = np.stack([enlarge(plane, *half, smooth=False) for plane in pixels])
    cells = _cells(small, max(1.5, size / 2), jitter, loyal, rng)
    flat = cells.number.ravel()
    weight = np.maximum(np.bincount(flat, minlength=cells.count), 1)
    planes = []
    for plane in small:
        mean = np.bincount(flat, weights=plane.ravel(), minlength=cells.count) / weight
        image = Image.fromarray(mean.astype(np.float32)[cells.number])
        planes.append(
            np.asarray(image.resize((width, height), Image.Resampling.BILINEAR), dtype=np.float32)
        )
    chance = rng.random(cells.count).astype(np.float32)[cells.number]
    return (
        np.stack(planes),
        enlarge(cells.edge, height, width, smooth=False),
        enlarge(chance, height, width),
    )


def stained_glass(pixels: Pixels, sheet: Sheet, rng: np.random.Generator) -> Pixels:
    """Pieces of glowing glass held by lead."""
    unit = sheet.unit
    flat, edge, chance = _tiled(pixels, unit / 27, 0.42, 4.0, rng)
    grey = brightness(flat)
    streak = fbm(rng, *grey.shape, cell=unit * 0.08, flat=0.4, octaves=4)
    glow = 0.9 + 0.3 * (chance - 0.5) + 0.35 * (streak - 0.5) + 0.16 * smoothstep(0.0, 0.5, edge)
    out = np.clip((grey + (flat - grey) * 1.75) * 1.12 + 0.03, 0.02, 1.1) * glow
    lead = smoothstep(0.085, 0.045, edge)
    shine = smoothstep(0.04, 0.0, edge) * 0.1
    leaded: Pixels = out * (1 - lead) + (0.05 + shine) * lead
    return leaded


def mosaic(pixels: Pixels, sheet: Sheet, rng: np.random.Generator) -> Pixels:
    """Small stones set in pale mortar, each at its own slight tilt."""
    unit = sheet.unit
    flat, edge, chance = _tiled(pixels, unit / 80, 0.22, 1.6, rng)
    grey = brightness(flat)
    stone = (grey + (flat - grey) * 1.2) * (0.86 + 0.28 * chance)
    stone = stone * (0.85 + 0.2 * smoothstep(0.0, 0.5, edge))
    joint = smoothstep(0.2, 0.08, edge)
    mortar = np.array([0.62, 0.58, 0.53], np.float32)[:, None, None] * (0.55 + 0.45 * grey)
    laid: Pixels = stone * (1 - joint) + mortar * joint
    return laid
