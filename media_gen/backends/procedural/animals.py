"""Living silhouettes. A sprite is a list of (tone, outline) parts, painted in order.

Tones: body, light, dark, accent, glow. Outlines are in units of the subject's height, y upwards,
standing at (0, 0) and looking left.
"""

import numpy as np

from media_gen.backends.procedural.shapes import Outline, box, ellipse, limb, smooth

Sprite = list[tuple[str, Outline]]


def heron(rng: np.random.Generator) -> Sprite:
    """A grey heron, still, knee-deep; the neck folds in an S, plumes hang at the breast."""
    lift = rng.uniform(-0.02, 0.03)
    neck = [(-0.03, 0.585), (-0.125, 0.66), (-0.105, 0.755), (-0.035, 0.835 + lift),
            (-0.045, 0.915 + lift), (-0.1, 0.945 + lift)]  # fmt: skip
    body = [(-0.095, 0.60), (-0.085, 0.52), (-0.02, 0.45), (0.07, 0.405), (0.19, 0.365),
            (0.335, 0.29), (0.30, 0.375), (0.235, 0.47), (0.15, 0.565), (0.055, 0.635),
            (-0.025, 0.665), (-0.075, 0.655)]  # fmt: skip
    wing = [(-0.02, 0.625), (0.01, 0.53), (0.1, 0.455), (0.2, 0.405), (0.3, 0.325), (0.24, 0.43),
            (0.15, 0.54), (0.06, 0.615)]  # fmt: skip
    head_y = 0.95 + lift
    skull = [(-0.055, head_y - 0.025), (-0.06, head_y + 0.015), (-0.105, head_y + 0.024),
             (-0.15, head_y + 0.006), (-0.155, head_y - 0.012), (-0.1, head_y - 0.026)]  # fmt: skip
    bill = [(-0.14, head_y + 0.012), (-0.345, head_y - 0.035), (-0.14, head_y - 0.016)]
    crest = limb([(-0.085, head_y + 0.018), (0.0, head_y - 0.005), (0.085, head_y - 0.055)],
                 [0.024, 0.012, 0.003])  # fmt: skip
    parts: Sprite = [
        (
            "dark",
            limb(
                [(0.11, 0.43), (0.125, 0.34), (0.135, 0.225), (0.12, 0.12), (0.105, 0.0)],
                [0.05, 0.028, 0.021, 0.014, 0.014],
            ),
        ),
        (
            "dark",
            limb(
                [(0.03, 0.45), (0.04, 0.34), (0.05, 0.23), (0.038, 0.12), (0.03, 0.0)],
                [0.055, 0.03, 0.022, 0.015, 0.015],
            ),
        ),
        ("body", limb(neck, [0.1, 0.062, 0.045, 0.036, 0.036, 0.04])),
        ("body", smooth(body)),
        ("light", smooth(wing)),
        ("body", smooth(skull)),
        ("dark", crest),
        ("accent", bill),
    ]
    return [*parts, *_plumage(head_y)]


def _plumage(head_y: float) -> Sprite:
    """The heron's quills, wing tip, spotted throat, eye and breast plumes."""
    parts: Sprite = []
    for share in (0.2, 0.4, 0.6, 0.8):
        quill = [
            (0.02 + 0.05 * share, 0.6 - 0.14 * share),
            (0.14 + 0.03 * share, 0.52 - 0.1 * share),
            (0.29, 0.35 - 0.02 * share),
        ]
        parts.append(("body", limb(quill, [0.004, 0.009, 0.003])))
    parts.append(("dark", limb([(0.2, 0.42), (0.27, 0.35), (0.33, 0.292)], [0.01, 0.035, 0.008])))
    for spot in np.linspace(0.15, 0.85, 8):
        y = 0.6 + spot * 0.26
        parts.append(
            (
                "dark",
                ellipse(
                    float(
                        np.interp(
                            y,
                            [0.6, 0.66, 0.755, 0.835, 0.88],
                            [-0.075, -0.13, -0.112, -0.045, -0.042],
                        )
                    ),
                    y,
                    0.006,
                    0.012,
                    10,
                ),
            )
        )
    parts.append(("dark", ellipse(-0.118, head_y + 0.004, 0.008, 0.008, 10)))
    for x in (-0.085, -0.062, -0.04):
        plume = [(x, 0.56), (x - 0.012, 0.47), (x + 0.004, 0.40 - x * 0.5)]
        parts.append(("light", limb(plume, [0.02, 0.012, 0.002])))
    return parts


def swan(rng: np.random.Generator) -> Sprite:
    """A swan afloat with a raised wing."""
    body = [(-0.3, 0.0), (-0.36, 0.1), (-0.27, 0.21), (-0.05, 0.25), (0.2, 0.33), (0.46, 0.42),
            (0.44, 0.27), (0.36, 0.09), (0.25, 0.0), (0.0, -0.015)]  # fmt: skip
    wing = [(-0.2, 0.17), (0.0, 0.29), (0.22, 0.37), (0.43, 0.43), (0.3, 0.2), (0.05, 0.1)]
    curve = rng.uniform(-0.02, 0.03)
    neck = [(-0.24, 0.13), (-0.385, 0.32), (-0.31, 0.54), (-0.225 + curve, 0.74),
            (-0.275, 0.87), (-0.36, 0.85)]  # fmt: skip
    return [
        ("body", smooth(body)),
        ("body", limb(neck, [0.17, 0.095, 0.07, 0.06, 0.075, 0.06])),
        ("light", smooth(wing)),
        ("accent", [(-0.36, 0.88), (-0.5, 0.79), (-0.37, 0.815)]),
        ("dark", ellipse(-0.375, 0.862, 0.014, 0.014, 12)),
    ]


def cat(rng: np.random.Generator) -> Sprite:
    """A cat sitting with its back to us, looking out."""
    right = [(0.0, 0.0), (0.2, 0.0), (0.275, 0.1), (0.25, 0.28), (0.175, 0.47), (0.135, 0.6),
             (0.165, 0.7), (0.16, 0.8), (0.09, 0.865), (0.0, 0.875)]  # fmt: skip
    body = smooth([*right, *[(-x, y) for x, y in right[-2:0:-1]]])
    ears: Sprite = [
        ("body", [(s * 0.035, 0.86), (s * 0.135, 0.995), (s * 0.168, 0.76)]) for s in (-1, 1)
    ]
    curl = rng.uniform(0.0, 0.06)
    tail = limb([(0.16, 0.05), (0.36, 0.03), (0.5, 0.1), (0.5, 0.2 + curl), (0.43, 0.23 + curl)],
                [0.1, 0.085, 0.08, 0.075, 0.05])  # fmt: skip
    back = limb([(0.0, 0.1), (-0.005, 0.4), (0.0, 0.6)], [0.05, 0.03, 0.01])
    return [("body", tail), ("body", body), *ears, ("dark", back)]


def _legs(
    joints: list[tuple[float, float, float, float]], widths: tuple[float, float, float]
) -> Sprite:
    """Legs as (hip x, hip y, knee x offset, hoof x offset)."""
    return [
        ("body", limb([(x, y), (x + knee, y * 0.5), (x + hoof * 0.5, y * 0.25), (x + hoof, 0.0)],
                      [*widths, widths[2]]))
        for x, y, knee, hoof in joints
    ]  # fmt: skip


def deer(rng: np.random.Generator) -> Sprite:
    """A stag with antlers, head up."""
    trunk = [(-0.25, 0.53), (-0.27, 0.44), (-0.17, 0.365), (0.0, 0.365), (0.17, 0.385), (0.285,
              0.42),
             (0.315, 0.5), (0.285, 0.56), (0.15, 0.565), (-0.02, 0.55), (-0.14, 0.58)]  # fmt: skip
    head = [(-0.27, 0.775), (-0.325, 0.785), (-0.37, 0.745), (-0.445, 0.7), (-0.44, 0.672),
            (-0.385, 0.672), (-0.31, 0.69), (-0.265, 0.72)]  # fmt: skip
    parts = _legs(
        [(-0.2, 0.45, 0.0, -0.02), (-0.13, 0.42, 0.03, 0.0), (0.22, 0.45, 0.075, 0.06),
         (0.27, 0.46, 0.09, 0.1)], (0.1, 0.042, 0.024))  # fmt: skip
    parts += [
        ("body", limb([(-0.17, 0.5), (-0.245, 0.63), (-0.29, 0.745)], [0.19, 0.12, 0.085])),
        ("body", smooth(trunk)),
        ("body", smooth(head)),
        ("body", [(-0.275, 0.755), (-0.185, 0.8), (-0.255, 0.72)]),
        ("light", limb([(0.3, 0.55), (0.345, 0.5), (0.33, 0.45)], [0.035, 0.04, 0.01])),
    ]
    spread = rng.uniform(0.95, 1.1)
    for side, shift in ((1.0, 0.02), (-0.55, 0.0)):
        root = -0.305 + shift
        beam = [(root, 0.775), (root + 0.1 * side * spread, 0.85), (root + 0.1 * side, 0.94),
                (root + 0.03 * side, 1.0)]  # fmt: skip
        parts.append(("body", limb(beam, [0.026, 0.02, 0.016, 0.006])))
        for x, y, dx, dy in (
            (0.055, 0.815, -0.075, 0.06),
            (0.1, 0.88, 0.07, 0.07),
            (0.1, 0.94, 0.06, 0.06),
        ):
            start = (root + x * side, y)
            tip = (start[0] + dx * side, y + dy)
            parts.append(("body", limb([start, tip], [0.018, 0.005])))
    return parts


def horse(rng: np.random.Generator) -> Sprite:
    """A horse standing, mane and tail in the wind."""
    trunk = [(-0.33, 0.68), (-0.36, 0.56), (-0.25, 0.46), (0.0, 0.445), (0.2, 0.47), (0.35, 0.5),
             (0.4, 0.62), (0.33, 0.71), (0.15, 0.7), (-0.05, 0.67), (-0.2, 0.73)]  # fmt: skip
    head = [(-0.44, 0.97), (-0.5, 0.96), (-0.6, 0.82), (-0.655, 0.755), (-0.63, 0.715), (-0.57,
             0.735),
            (-0.5, 0.8), (-0.43, 0.84)]  # fmt: skip
    sway = rng.uniform(0.0, 0.08)
    parts = _legs([(-0.27, 0.56, 0.0, -0.02), (-0.2, 0.54, -0.05, 0.0), (0.3, 0.58, 0.07, 0.05),
                   (0.36, 0.58, 0.08, 0.11)], (0.15, 0.065, 0.042))  # fmt: skip
    return [
        ("dark", limb([(0.38, 0.66), (0.5 + sway, 0.56), (0.52 + sway, 0.36), (0.56 + sway, 0.2)],
                      [0.05, 0.09, 0.09, 0.02])),
        *parts,
        ("body", limb([(-0.25, 0.6), (-0.38, 0.77), (-0.47, 0.92)], [0.3, 0.19, 0.12])),
        ("body", smooth(trunk)),
        ("body", smooth(head)),
        ("body", [(-0.45, 0.95), (-0.435, 1.03), (-0.4, 0.93)]),
        ("dark", limb([(-0.43, 0.98), (-0.3, 0.88), (-0.19, 0.72)], [0.03, 0.1 + sway, 0.03])),
    ]  # fmt: skip


def wolf(rng: np.random.Generator) -> Sprite:
    """A wolf or fox sitting, nose to the sky."""
    tilt = rng.uniform(-0.02, 0.02)
    body = [(-0.15, 0.0), (-0.15, 0.2), (-0.2, 0.4), (-0.17, 0.58), (-0.13, 0.7), (-0.02, 0.78),
            (0.05, 0.68), (0.12, 0.5), (0.23, 0.32), (0.31, 0.15), (0.27, 0.0), (0.06, 0.0),
            (0.02, 0.14), (-0.06, 0.16), (-0.07, 0.0)]  # fmt: skip
    head = [(-0.14, 0.68), (-0.2, 0.81), (-0.27 + tilt, 0.95), (-0.245 + tilt, 0.99), (-0.15, 0.9),
            (-0.05, 0.87), (0.04, 0.79), (0.03, 0.69)]  # fmt: skip
    return [
        (
            "body",
            limb([(0.24, 0.06), (0.42, 0.03), (0.56, 0.07), (0.66, 0.16)], [0.1, 0.13, 0.13, 0.02]),
        ),
        ("body", smooth(body, steps=5)),
        ("body", smooth(head)),
        ("body", [(-0.03, 0.85), (0.09, 0.89), (0.045, 0.76)]),
        ("light", limb([(-0.15, 0.6), (-0.16, 0.45), (-0.13, 0.25)], [0.03, 0.06, 0.01])),
    ]


def person(rng: np.random.Generator) -> Sprite:
    """A wanderer in a long coat, seen from behind, with a stick."""
    stride = rng.uniform(0.02, 0.05)
    coat = [(0.0, 0.85), (0.07, 0.83), (0.125, 0.78), (0.13, 0.62), (0.105, 0.5), (0.155, 0.3),
            (0.05, 0.285), (-0.13, 0.3), (-0.1, 0.5), (-0.125, 0.62), (-0.12, 0.78), (-0.06,
            0.83)]  # fmt: skip
    return [
        (
            "dark",
            limb([(0.05, 0.34), (0.06 + stride, 0.17), (0.065 + stride, 0.0)], [0.09, 0.07, 0.055]),
        ),
        ("dark", limb([(-0.05, 0.34), (-0.06, 0.17), (-0.075 - stride, 0.0)], [0.09, 0.07, 0.055])),
        ("body", smooth(coat)),
        ("body", limb([(0.11, 0.78), (0.165, 0.63), (0.2, 0.51)], [0.075, 0.06, 0.04])),
        ("body", limb([(-0.11, 0.78), (-0.155, 0.63), (-0.14, 0.47)], [0.075, 0.06, 0.04])),
        ("dark", limb([(0.195, 0.64), (0.225, 0.0)], [0.014, 0.011])),
        ("body", box(-0.03, 0.81, 0.03, 0.88)),
        ("dark", ellipse(0.0, 0.925, 0.055, 0.068)),
        ("light", limb([(-0.06, 0.855), (0.0, 0.84), (0.06, 0.855)], [0.03, 0.035, 0.03])),
    ]


def fish(rng: np.random.Generator) -> Sprite:
    """A fish swimming left, one unit long, centred on (0, 0)."""
    bend = rng.uniform(-0.05, 0.05)
    body = [(-0.5, 0.0), (-0.36, 0.12), (-0.1, 0.17), (0.15, 0.1 + bend * 0.5), (0.32, 0.03 + bend),
            (0.32, -0.03 + bend), (0.15, -0.09), (-0.1, -0.15), (-0.36, -0.1)]  # fmt: skip
    tail = [(0.28, bend), (0.5, 0.17 + bend), (0.44, bend), (0.5, -0.16 + bend)]
    return [
        ("dark", smooth(tail, steps=4)),
        ("dark", smooth([(-0.2, 0.13), (-0.05, 0.27), (0.12, 0.2), (0.14, 0.08)], steps=5)),
        ("dark", smooth([(-0.15, -0.12), (0.0, -0.24), (0.06, -0.1)], steps=5)),
        ("body", smooth(body)),
        ("light", smooth([(-0.44, -0.03), (-0.2, -0.02), (0.2, -0.01), (0.0, -0.1), (-0.3, -0.1)])),
        ("dark", ellipse(-0.37, 0.035, 0.021, 0.021, 12)),
    ]


def whale(rng: np.random.Generator) -> Sprite:
    """The flukes of a diving whale."""
    tilt = rng.uniform(-0.05, 0.05)
    stem = limb([(0.06, -0.05), (0.03, 0.3), (0.0, 0.68)], [0.36, 0.17, 0.075])
    fluke = [(0.0, 0.66), (0.12, 0.71), (0.32, 0.77 + tilt), (0.53, 0.95 + tilt), (0.56,
              0.99 + tilt),
             (0.4, 0.95 + tilt), (0.2, 0.9), (0.05, 0.83), (0.0, 0.79)]  # fmt: skip
    other = [(-x, y - 2 * tilt * abs(x)) for x, y in fluke]
    return [("body", stem), ("body", smooth(fluke)), ("body", smooth(other))]


def bird(rng: np.random.Generator) -> Sprite:
    """A gull on the wing, one unit from tip to tip, centred on (0, 0)."""
    flap = rng.uniform(-0.05, 0.2)
    left = [(-0.5, 0.02 + flap), (-0.27, 0.13 + flap * 0.6), (-0.05, 0.0)]
    right = [(0.5, 0.06 + flap), (0.24, 0.14 + flap * 0.6), (0.03, 0.0)]
    body = smooth([(-0.12, -0.02), (-0.04, 0.03), (0.12, 0.0), (0.15, -0.03), (-0.02, -0.05)])
    return [
        ("body", limb(left, [0.008, 0.05, 0.07])),
        ("body", limb(right, [0.008, 0.05, 0.07])),
        ("body", body),
    ]
