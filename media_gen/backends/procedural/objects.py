"""Things people made, as sprites (see `animals`): vessels, buildings, a balloon, a vase.

Tones: body, light, dark, accent, glow (lit from inside), roof. Height 1, standing at (0, 0).
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
    hull = smooth([(-1.2, 0.5), (-1.0, 0.12), (-0.4, -0.04), (0.5, -0.04), (1.0, 0.12), (1.15, 0.42),
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
    hull = [(-0.52, 0.2), (-0.42, 0.02), (-0.2, -0.02), (0.3, -0.02), (0.46, 0.04), (0.52, 0.26), (0.36, 0.25),
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
        lower = smooth([(-eave, under + rise * 0.16), (-eave * 0.6, under), (eave * 0.6, under), (eave, under + rise * 0.16)],
                       closed=False)  # fmt: skip
        parts.append(("roof", [*lower, *side[1:], *[(-x, y) for x, y in side[:0:-1]]]))
    parts.append(("dark", limb([(0.0, 0.78), (0.0, 1.0)], [0.022, 0.006])))
    parts.extend(("dark", ellipse(0.0, y, 0.024, 0.008, 12)) for y in (0.85, 0.885, 0.92))
    return parts


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
                 for a, b in ((0.09, 0.005), (0.4, 0.005), (0.4, 0.085), (0.09, 0.075))]  # fmt: skip
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
