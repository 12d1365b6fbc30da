"""Buildings as sprites (see `animals`).

Outlines in units of the height, standing at (0, 0), facing left. Tones: body, light, dark,
accent, shadow (a darker side), roof, glow (lit from inside).
"""

import numpy as np

from media_gen.backends.procedural.animals import Sprite
from media_gen.backends.procedural.shapes import box, ellipse, limb, smooth


def lighthouse(rng: np.random.Generator) -> Sprite:
    """A banded tower with gallery, lantern and a keeper's cottage."""
    parts: Sprite = []
    if rng.random() < 0.75:
        parts += [
            ("light", box(0.1, 0.0, 0.42, 0.14)),
            ("roof", [(0.07, 0.14), (0.26, 0.27), (0.45, 0.14)]),
        ]
        parts += [("glow", box(0.2, 0.05, 0.25, 0.1)), ("glow", box(0.31, 0.05, 0.36, 0.1))]

    def half(y: float) -> float:
        return 0.115 - 0.06 * y / 0.8

    for band in range(5):
        low, high = band * 0.16, band * 0.16 + 0.161
        outline = [(-half(low), low), (half(low), low), (half(high), high), (-half(high), high)]
        parts.append(("light" if band % 2 == 0 else "accent", outline))
    # the side away from the sun is darker: it turns a flat strip into a tower
    parts.append(("shadow", [(0.03, 0.0), (half(0.0), 0.0), (half(0.8), 0.8), (0.015, 0.8)]))
    parts += [
        ("dark", box(-0.085, 0.79, 0.085, 0.815)),
        ("glow", box(-0.045, 0.815, 0.045, 0.905)),
        ("dark", box(-0.006, 0.815, 0.006, 0.905)),
        (
            "roof",
            smooth(
                [(-0.062, 0.9), (-0.03, 0.955), (0.0, 0.97), (0.03, 0.955), (0.062, 0.9)], steps=4
            ),
        ),
        ("dark", box(-0.004, 0.96, 0.004, 1.0)),
        ("dark", box(-0.02, 0.0, 0.02, 0.06)),
    ]
    return parts


def house(rng: np.random.Generator) -> Sprite:
    """A cabin with a pitched roof, a chimney and light in the windows."""
    wide = rng.uniform(0.62, 0.78)
    gable = 0.36
    parts: Sprite = [
        ("dark", box(wide * 0.45, 0.62, wide * 0.45 + 0.1, 1.0)),
        ("body", box(-wide, 0.0, wide, 0.5)),
        (
            "roof",
            [(-wide - 0.1, 0.47), (-wide + gable, 0.9), (wide - 0.12, 0.9), (wide + 0.1, 0.47)],
        ),
        (
            "light",
            [
                (-wide, 0.0),
                (-wide, 0.5),
                (-wide + gable, 0.87),
                (-wide + 2 * gable, 0.48),
                (-wide + 2 * gable, 0.0),
            ],
        ),
        (
            "roof",
            limb(
                [(-wide - 0.08, 0.45), (-wide + gable, 0.9), (-wide + 2 * gable + 0.06, 0.45)],
                [0.05, 0.05, 0.05],
            ),
        ),
        ("dark", box(wide * 0.5, 0.0, wide * 0.5 + 0.17, 0.34)),
    ]
    for x in (-wide + gable - 0.22, -wide + gable + 0.06, wide * 0.12):
        parts.append(("glow", box(x, 0.17, x + 0.15, 0.36)))
        parts.append(("dark", box(x + 0.066, 0.17, x + 0.084, 0.36)))
    return parts


def church(rng: np.random.Generator) -> Sprite:
    """A village church with a pointed spire."""
    tip = rng.uniform(0.9, 0.94)
    parts: Sprite = [
        ("body", box(-0.02, 0.0, 0.5, 0.24)),
        ("roof", [(-0.04, 0.235), (0.06, 0.4), (0.44, 0.4), (0.54, 0.235)]),
        ("light", box(-0.16, 0.0, 0.06, 0.5)),
        ("shadow", box(-0.02, 0.0, 0.06, 0.5)),
        ("roof", [(-0.19, 0.49), (-0.05, tip), (0.09, 0.49)]),
        ("dark", box(-0.056, tip - 0.02, -0.044, 1.0)),
        ("dark", box(-0.075, 0.955, -0.025, 0.967)),
        (
            "glow",
            smooth(
                [(-0.085, 0.3), (-0.085, 0.38), (-0.05, 0.43), (-0.015, 0.38), (-0.015, 0.3)],
                steps=3,
            ),
        ),
    ]
    for x in (0.13, 0.25, 0.37):
        parts.append(
            (
                "glow",
                smooth(
                    [(x, 0.07), (x, 0.15), (x + 0.03, 0.19), (x + 0.06, 0.15), (x + 0.06, 0.07)],
                    steps=3,
                ),
            )
        )
    return parts


def castle(rng: np.random.Generator) -> Sprite:
    """A castle: a keep, walls with merlons and round towers with pointed roofs."""
    parts: Sprite = []

    def tower(x: float, half: float, top: float, roof: float) -> None:
        parts.append(("body", box(x - half, 0.0, x + half, top)))
        parts.append(("shadow", box(x + half * 0.25, 0.0, x + half, top)))
        parts.append(("body", box(x - half * 1.22, top - 0.03, x + half * 1.22, top + 0.015)))
        parts.append(
            ("roof", [(x - half * 1.3, top + 0.01), (x, top + roof), (x + half * 1.3, top + 0.01)])
        )
        parts.append(
            ("glow", box(x - half * 0.18, top * 0.72, x + half * 0.18, top * 0.72 + 0.045))
        )

    tower(0.16, 0.075, 0.6 + rng.uniform(0, 0.05), 0.27)
    parts.append(("body", box(-0.17, 0.0, 0.1, 0.46)))
    parts.extend(("body", box(x, 0.45, x + 0.035, 0.49)) for x in np.arange(-0.17, 0.09, 0.06))
    tower(-0.1, 0.05, 0.66, 0.34)
    parts.append(("body", box(-0.46, 0.0, 0.48, 0.24)))
    parts.extend(("body", box(x, 0.23, x + 0.032, 0.268)) for x in np.arange(-0.46, 0.46, 0.058))
    tower(-0.44, 0.075, 0.36, 0.2)
    tower(0.45, 0.085, 0.4, 0.22)
    tower(0.3, 0.045, 0.44, 0.2)
    parts.append(
        (
            "dark",
            smooth([(-0.06, 0.0), (-0.06, 0.1), (0.0, 0.16), (0.06, 0.1), (0.06, 0.0)], steps=4),
        )
    )
    return parts


def temple(rng: np.random.Generator) -> Sprite:
    """A five-storied pagoda with upturned eaves."""
    parts: Sprite = [("body", box(-0.24, 0.0, 0.24, 0.035))]
    tiers = 5 if rng.random() < 0.7 else 4
    rise = 0.76 / tiers
    for tier in range(tiers):
        low = 0.035 + tier * rise
        half = 0.155 - 0.02 * tier
        eave = half + 0.105
        parts.append(("body", box(-half, low, half, low + rise * 0.62)))
        parts.append(
            ("glow", box(-half * 0.62, low + rise * 0.12, -half * 0.12, low + rise * 0.46))
        )
        parts.append(("glow", box(half * 0.12, low + rise * 0.12, half * 0.62, low + rise * 0.46)))
        under, over = low + rise * 0.52, low + rise * 1.02
        side = [(eave, under + rise * 0.16), (eave * 0.72, under + rise * 0.12), (half * 0.8, over)]
        lower = smooth([(-eave, under + rise * 0.16), (-eave * 0.6, under), (eave * 0.6, under),
                         (eave, under + rise * 0.16)],
                       closed=False)  # fmt: skip
        parts.append(("roof", [*lower, *side[1:], *[(-x, y) for x, y in side[:0:-1]]]))
    parts.append(("dark", limb([(0.0, 0.78), (0.0, 1.0)], [0.022, 0.006])))
    parts.extend(("dark", ellipse(0.0, y, 0.024, 0.008, 12)) for y in (0.85, 0.885, 0.92))
    return parts


def windmill(rng: np.random.Generator) -> Sprite:
    """A tower mill with four lattice sails."""
    parts: Sprite = [
        ("light", [(-0.15, 0.0), (-0.095, 0.56), (0.095, 0.56), (0.15, 0.0)]),
        ("shadow", [(0.02, 0.0), (0.02, 0.56), (0.095, 0.56), (0.15, 0.0)]),
        (
            "roof",
            smooth([(-0.12, 0.55), (-0.08, 0.66), (0.0, 0.7), (0.08, 0.66), (0.12, 0.55)], steps=4),
        ),
        ("dark", box(-0.03, 0.0, 0.03, 0.11)),
        ("glow", box(-0.02, 0.3, 0.02, 0.36)),
        ("dark", box(-0.175, 0.2, 0.175, 0.22)),
    ]
    turn = rng.uniform(0.2, 1.2)
    hub = (0.0, 0.6)
    for blade in range(4):
        angle = turn + blade * np.pi / 2
        along = (float(np.cos(angle)), float(np.sin(angle)))
        aside = (-along[1], along[0])
        end = (hub[0] + along[0] * 0.4, hub[1] + along[1] * 0.4)
        parts.append(("dark", limb([hub, end], [0.016, 0.012])))
        frame = [(hub[0] + along[0] * a + aside[0] * b, hub[1] + along[1] * a + aside[1] * b)
                 for a, b in ((0.09, 0.005), (0.4, 0.005), (0.4, 0.085), (0.09,
                 0.075))]  # fmt: skip
        parts.append(("light", frame))
        for share in np.arange(0.12, 0.4, 0.045):
            foot = (hub[0] + along[0] * share, hub[1] + along[1] * share)
            parts.append(
                (
                    "dark",
                    limb(
                        [foot, (foot[0] + aside[0] * 0.08, foot[1] + aside[1] * 0.08)],
                        [0.006, 0.006],
                    ),
                )
            )
    return parts
