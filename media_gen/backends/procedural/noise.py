"""Seeded smooth noise, built from small random lattices that Pillow enlarges (in C, one core)."""

from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

Plane = npt.NDArray[np.float32]  # (height, width)


def enlarge(plane: Plane, height: int, width: int, *, smooth: bool = True) -> Plane:
    """Resample one plane to (height, width), bicubic or bilinear."""
    if plane.shape == (height, width):
        return plane
    kind = Image.Resampling.BICUBIC if smooth else Image.Resampling.BILINEAR
    image = Image.fromarray(np.ascontiguousarray(plane, dtype=np.float32))
    return np.asarray(image.resize((width, height), kind), dtype=np.float32)


def blur(plane: Plane, radius: float) -> Plane:
    """Soft blur by shrinking and enlarging again; radius in pixels, cheap at any radius."""
    height, width = plane.shape
    if radius < 0.8:
        return plane
    rows, columns = max(2, int(height / radius)), max(2, int(width / radius))
    image = Image.fromarray(np.ascontiguousarray(plane, dtype=np.float32))
    small = image.resize((columns, rows), Image.Resampling.HAMMING)
    return np.asarray(small.resize((width, height), Image.Resampling.BICUBIC), dtype=np.float32)


def fbm(
    rng: np.random.Generator,
    height: int,
    width: int,
    *,
    cell: float,
    flat: float = 1.0,
    octaves: int = 5,
    gain: float = 0.5,
) -> Plane:
    """Fractal noise around 0.5, most values within 0..1.

    `cell` is the width of the largest blob in pixels; `flat` > 1 makes blobs wider than tall.
    Each octave doubles a small lattice and adds finer values, so only the last step is large.
    """
    cell_w, cell_h = max(cell, 2.0), max(cell / flat, 2.0)
    rows, columns = int(np.ceil(height / cell_h)) + 3, int(np.ceil(width / cell_w)) + 3
    field = rng.standard_normal((rows, columns), dtype=np.float32)
    amplitude = 1.0
    for _ in range(octaves - 1):
        if min(cell_w, cell_h) < 1.6:
            break
        rows, columns = rows * 2, columns * 2
        cell_w, cell_h, amplitude = cell_w / 2, cell_h / 2, amplitude * gain
        field = enlarge(field, rows, columns)
        field = field + amplitude * rng.standard_normal((rows, columns), dtype=np.float32)
    field = (field - field.mean()) / (field.std() + 1e-6) * 0.19 + 0.5
    left, top = rng.uniform(0.5, 1.0) * cell_w, rng.uniform(0.5, 1.0) * cell_h
    box = (left / cell_w, top / cell_h, (left + width) / cell_w, (top + height) / cell_h)
    box = (box[0], box[1], min(box[2], columns), min(box[3], rows))
    image = Image.fromarray(np.ascontiguousarray(field, dtype=np.float32))
    return np.asarray(
        image.resize((width, height), Image.Resampling.BICUBIC, box=box), dtype=np.float32
    )


def ridged(field: Plane) -> Plane:
    """Turn blobs into creases: 1 along the middle values of the field, falling to both sides."""
    crease: Plane = 1.0 - np.minimum(1.0, np.abs(field - 0.5) * 4.0)
    return crease


def profile(
    rng: np.random.Generator, length: int, *, cell: float, octaves: int = 7, gain: float = 0.5
) -> Plane:
    """One-dimensional fractal noise around 0 (about -1..1), shape (length,)."""
    total = np.zeros(length, dtype=np.float32)
    position = np.arange(length, dtype=np.float32)
    amplitude, weight = 1.0, 0.0
    for _ in range(octaves):
        scaled = position / max(cell, 1.0) + rng.uniform(0, 1)
        index = scaled.astype(np.int64)
        part = scaled - index
        part = part * part * (3 - 2 * part)
        values = rng.uniform(-1, 1, int(index[-1]) + 2).astype(np.float32)
        total += amplitude * (values[index] * (1 - part) + values[index + 1] * part)
        weight += amplitude
        amplitude, cell = amplitude * gain, cell / 2.03
        if cell < 2:
            break
    return (total / weight * 1.6).astype(np.float32)


def smoothstep(low: float, high: float, values: npt.NDArray[np.floating[Any]]) -> Plane:
    """0 below `low`, 1 above `high` (or reversed when low > high), smooth between."""
    part = np.clip((values - low) / (high - low), 0.0, 1.0).astype(np.float32, copy=False)
    eased: Plane = part * part * (3.0 - 2.0 * part)
    return eased
