"""Outlines for subjects: smooth closed curves, tapering limbs, simple solids.

Points are (x, y) with y upwards, in units of the subject's height; (0, 0) is where it stands.
"""

from collections.abc import Sequence

import numpy as np

Outline = list[tuple[float, float]]


def smooth(
    points: Sequence[tuple[float, float]], *, closed: bool = True, steps: int = 7
) -> Outline:
    """A Catmull-Rom curve through the points."""
    knots = np.asarray(points, dtype=np.float64)
    if closed:
        before, after, following = (
            np.roll(knots, 1, 0),
            np.roll(knots, -1, 0),
            np.roll(knots, -2, 0),
        )
    else:
        padded = np.vstack([2 * knots[0] - knots[1], knots, 2 * knots[-1] - knots[-2]])
        before, knots, after, following = padded[:-3], padded[1:-2], padded[2:-1], padded[3:]
    share = np.linspace(0, 1, steps, endpoint=False)[:, None, None]
    curve = 0.5 * (
        2 * knots
        + (after - before) * share
        + (2 * before - 5 * knots + 4 * after - following) * share**2
        + (3 * knots - before - 3 * after + following) * share**3
    )
    flat = curve.transpose(1, 0, 2).reshape(-1, 2)
    if not closed:
        flat = np.vstack([flat, after[-1]])
    return [(float(x), float(y)) for x, y in flat]


def limb(points: Sequence[tuple[float, float]], widths: Sequence[float]) -> Outline:
    """A smooth stroke whose width is given at every point: necks, legs, stems, branches."""
    spine = np.array(smooth(points, closed=False, steps=6))
    place = np.linspace(0, len(widths) - 1, len(spine))
    half = np.interp(place, np.arange(len(widths)), widths) / 2
    along = np.gradient(spine, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True) + 1e-9
    across = np.stack([-along[:, 1], along[:, 0]], axis=1) * half[:, None]
    outline = np.vstack([spine + across, (spine - across)[::-1]])
    return [(float(x), float(y)) for x, y in outline]


def box(left: float, bottom: float, right: float, top: float) -> Outline:
    """An upright rectangle."""
    return [(left, bottom), (right, bottom), (right, top), (left, top)]


def ellipse(x: float, y: float, rx: float, ry: float, count: int = 28) -> Outline:
    """An ellipse as a polygon."""
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return [(float(x + rx * np.cos(a)), float(y + ry * np.sin(a))) for a in angles]


def mirrored(outline: Outline) -> Outline:
    """The same outline facing the other way."""
    return [(-x, y) for x, y in outline]
