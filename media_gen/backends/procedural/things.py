"""Vessels and other things people made, as sprites (see `animals`).

Outlines in units of the height, standing at (0, 0), facing left. Tones: body, light, dark,
accent, shadow (a darker side), roof, glow (lit from inside).
"""

import numpy as np

from media_gen.backends.procedural.animals import Sprite
from media_gen.backends.procedural.shapes import Outline, box, ellipse, limb, smooth


def sailboat(rng: np.random.Generator) -> Sprite:
    """A small yacht under main and jib."""
    lean = rng.uniform(0.0, 0.05)
    hull = smooth(
        [(-0.36, 0.115), (-0.28, 0.02), (-0.1, -0.02), (0.2, -0.02), (0.3, 0.1), (0.0, 0.095)]
    )
    main = [(0.015, 0.15), (0.02 + lean, 0.97), (0.14 + lean, 0.66), (0.25, 0.36), (0.3, 0.17)]
    jib = [(-0.02, 0.88), (-0.14, 0.55), (-0.33, 0.15), (-0.12, 0.17), (-0.03, 0.2)]
    return [
        ("dark", limb([(0.0, 0.08), (0.01 + lean, 1.0)], [0.02, 0.012])),
        ("light", [main[0], main[1], *smooth(main[1:], closed=False), main[0]]),
        ("accent", smooth(jib[:3], closed=False) + jib[3:]),
        ("dark", limb([(0.0, 0.14), (0.32, 0.15)], [0.014, 0.01])),
        ("body", hull),
    ]


def boat(rng: np.random.Generator) -> Sprite:
    """A rowing boat with one oarsman."""
    hull = smooth([(-1.2, 0.5), (-1.0, 0.12), (-0.4, -0.04), (0.5, -0.04), (1.0, 0.12), (1.15,
                    0.42),
                   (0.5, 0.27), (-0.5, 0.27)])  # fmt: skip
    bend = rng.uniform(-0.05, 0.1)
    return [
        ("dark", smooth([(-0.05, 0.22), (-0.03, 0.6), (0.08, 0.76), (0.24, 0.72), (0.3, 0.22)])),
        ("dark", ellipse(0.1 - bend, 0.89, 0.1, 0.115)),
        ("dark", limb([(0.1, 0.66), (-0.12, 0.5), (-0.3, 0.46)], [0.1, 0.075, 0.05])),
        ("body", hull),
        (
            "light",
            limb(
                [(-1.15, 0.46), (-0.5, 0.29), (0.5, 0.29), (1.1, 0.4)], [0.03, 0.045, 0.045, 0.03]
            ),
        ),
        ("dark", limb([(-0.36, 0.5), (0.3, 0.14), (0.75, -0.08)], [0.03, 0.035, 0.07])),
    ]


def ship(rng: np.random.Generator) -> Sprite:
    """A three-master with square sails."""
    hull = [(-0.52, 0.2), (-0.42, 0.02), (-0.2, -0.02), (0.3, -0.02), (0.46, 0.04), (0.52, 0.26),
             (0.36, 0.25),
            (0.34, 0.17), (-0.2, 0.14), (-0.3, 0.19)]  # fmt: skip
    parts: Sprite = [("dark", limb([(-0.45, 0.18), (-0.78, 0.32)], [0.025, 0.01]))]
    swell = rng.uniform(0.03, 0.06)
    for x, top, half in ((-0.27, 0.86, 0.15), (0.03, 1.0, 0.18), (0.31, 0.8, 0.13)):
        parts.append(("dark", limb([(x, 0.1), (x, top)], [0.022, 0.01])))
        for level in range(3):
            foot = 0.24 + (top - 0.26) * level / 3
            head = 0.24 + (top - 0.26) * (level + 0.86) / 3
            low, high = half * (1 - 0.22 * level), half * (0.86 - 0.22 * level)
            edge = smooth(
                [(x - high, head), (x - low - swell, (foot + head) / 2), (x - low, foot)],
                closed=False,
            )
            parts.append(
                ("light", [*edge, (x, foot + swell * 0.7), (x + low, foot), (x + high, head)])
            )
    parts.append(("dark", [(-0.72, 0.29), (-0.29, 0.62), (-0.33, 0.24)]))
    return [*parts, ("body", smooth(hull, steps=4))]


def balloon(rng: np.random.Generator) -> Sprite:
    """A striped hot-air balloon with its basket."""
    bulge = [
        (0.0, 0.28),
        (0.1, 0.32),
        (0.27, 0.5),
        (0.355, 0.7),
        (0.29, 0.9),
        (0.12, 0.995),
        (0.0, 1.0),
    ]
    outline = smooth([*bulge, *[(-x, y) for x, y in bulge[-2:0:-1]]])
    parts: Sprite = [("body", outline)]
    gores = [-0.78, -0.2, 0.42]
    for start in gores:
        width = rng.uniform(0.26, 0.32)
        left = [(x * start, y) for x, y in bulge]
        right = [(x * (start + width), y) for x, y in bulge]
        tone = "light" if start < 0 else "accent"
        parts.append((tone, smooth(left, closed=False) + smooth(right, closed=False)[::-1]))
    parts += [("dark", limb([(s * 0.085, 0.3), (s * 0.045, 0.1)], [0.008, 0.008])) for s in (-1, 1)]
    parts.append(
        ("dark", smooth([(-0.05, 0.1), (-0.045, 0.0), (0.045, 0.0), (0.05, 0.1)], steps=3))
    )
    return parts


def tent(rng: np.random.Generator) -> Sprite:
    """A tent lit from inside."""
    wide = rng.uniform(0.75, 0.9)
    return [
        ("dark", limb([(0.0, 0.98), (-wide * 1.35, 0.0)], [0.015, 0.015])),
        ("accent", [(-wide, 0.0), (-0.04, 1.0), (0.5, 0.86), (wide * 1.35, 0.0)]),
        ("glow", [(-wide, 0.0), (-0.04, 1.0), (wide * 0.62, 0.0)]),
        ("accent", smooth([(-0.02, 0.96), (-0.16, 0.4), (-0.46, 0.0), (-wide, 0.0)], closed=False)),
        ("dark", limb([(-0.04, 1.0), (-0.03, 0.0)], [0.02, 0.02])),
    ]


def vase(rng: np.random.Generator) -> Sprite:
    """A vase; the flowers are added where it stands."""
    waist = rng.uniform(0.1, 0.14)
    right = [
        (0.0, 0.0),
        (0.13, 0.0),
        (0.2, 0.12),
        (0.24, 0.32),
        (0.18, 0.5),
        (waist, 0.6),
        (0.14, 0.66),
        (0.0, 0.66),
    ]
    outline = smooth([*right, *[(-x, y) for x, y in right[-2:0:-1]]])
    glint = limb([(-0.13, 0.14), (-0.165, 0.32), (-0.11, 0.48)], [0.01, 0.04, 0.01])
    return [("accent", outline), ("light", glint)]


def torii(rng: np.random.Generator) -> Sprite:
    """A shrine gate standing in the water."""
    sag = rng.uniform(0.015, 0.03)
    beam: Outline = smooth(
        [(-0.66, 1.0), (-0.3, 0.93 - sag), (0.3, 0.93 - sag), (0.66, 1.0)], closed=False
    )
    under = smooth(
        [(0.63, 0.9), (0.3, 0.845 - sag), (-0.3, 0.845 - sag), (-0.63, 0.9)], closed=False
    )
    return [
        ("accent", limb([(-0.44, -0.02), (-0.39, 0.86)], [0.1, 0.085])),
        ("accent", limb([(0.44, -0.02), (0.39, 0.86)], [0.1, 0.085])),
        ("accent", box(-0.54, 0.64, 0.54, 0.71)),
        ("accent", box(-0.045, 0.7, 0.045, 0.86)),
        ("accent", [*beam, *under]),
        ("dark", [*beam, *[(x, y + 0.035) for x, y in beam[::-1]]]),
    ]


def bridge(rng: np.random.Generator) -> Sprite:
    """A stone bridge of three arches; one unit high, four wide."""
    arches = 3
    deck = smooth([(-2.4, 0.72), (-1.0, 0.92), (0.0, 0.97), (1.0, 0.92), (2.4, 0.72)], closed=False)
    parts: Sprite = []
    outline: Outline = [*deck, (2.4, -0.03)]
    for arch in range(arches):
        middle = 1.36 - 1.36 * arch
        half, tall = 0.55, (0.6, 0.7, 0.6)[arch] + rng.uniform(-0.02, 0.02)
        angles = np.linspace(0, np.pi, 22)
        outline += [
            (float(middle + half * np.cos(a)), float(tall * np.sin(a)) - 0.03) for a in angles
        ]
    parts.append(("body", [*outline, (-2.4, -0.03)]))
    parts.append(("light", [*deck, *[(x, y - 0.07) for x, y in deck[::-1]]]))
    for arch in range(arches):
        middle = 1.36 - 1.36 * arch
        rim = [
            (float(middle + 0.6 * np.cos(a)), float(0.66 * np.sin(a)))
            for a in np.linspace(0.1, np.pi - 0.1, 18)
        ]
        parts.append(("shadow", limb(rim, [0.05, 0.05])))
    return parts
