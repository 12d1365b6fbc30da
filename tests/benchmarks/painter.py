"""How long the painter takes. The promise: at most one second of one core at 1024 x 1024.

The floor is one full-size pass of the cheapest kind, a gradient with noise, turned into bytes:
what any picture of this size costs in numpy and Pillow.
"""

import os
import statistics
import time

import numpy as np
from PIL import Image

from media_gen.backends.procedural.painter import paint

SIDE = 1024
PROMPTS = (
    "a heron at dawn over a misty lake",
    "a lighthouse on a stormy coast at dusk",
    "snowy mountains at golden hour",
    "a forest in fog, morning",
    "neon city in the rain at night",
    "desert dunes at noon",
    "a poppy field in summer, watercolor",
    "a nebula and a planet in space",
    "abstract marble, teal and gold",
    "cherry blossom garden in spring",
    "a cabin in the snow at night, aurora",
    "a river with a stone bridge, autumn, oil painting",
    "a cat on the windowsill, rain",
    "a coral reef with fish",
    "a castle on a hill, moonlit night, woodcut",
    "hot air balloons at sunrise, pastel",
    "canyon at sunset, impressionist",
    "a harbour with boats, cyanotype",
    "bamboo and mountains, ink",
    "a red boat on a calm sea, stained glass",
)


def run(arguments: list[str]) -> int:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    floor = min(_seconds(_floor) for _ in range(5))
    print(f"floor: {floor:.3f} CPU s (gradient and noise, {SIDE} x {SIDE})\n")
    print(f"{'prompt':<52} {'CPU s':>6} {'x floor':>8}")
    rows = []
    for prompt in PROMPTS:
        best = min(_seconds(lambda prompt=prompt: _paint(prompt)) for _ in range(3))
        rows.append(best)
        print(f"{prompt:<52} {best:>6.2f} {best / floor:>8.1f}", flush=True)
    first = Image.effect_noise((SIDE, SIDE), 60).convert("RGB")
    edit = min(_seconds(lambda: _paint("the same at night", first)) for _ in range(3))
    print(f"{'(image to image) the same at night':<52} {edit:>6.2f} {edit / floor:>8.1f}")
    rows.append(edit)
    print(f"\nmedian {statistics.median(rows):.2f} CPU s, slowest {max(rows):.2f} CPU s")
    return 0 if max(rows) <= 1.0 else 1


def _paint(prompt: str, source: Image.Image | None = None) -> None:
    paint(prompt, seed=7, width=SIDE, height=SIDE, source=source)


def _floor() -> None:
    ramp = np.linspace(0, 1, SIDE, dtype=np.float32)[:, None, None]
    noise = np.random.default_rng(1).standard_normal((SIDE, SIDE, 3), dtype=np.float32)
    Image.fromarray(np.clip((ramp + noise * 0.01) * 255, 0, 255).astype(np.uint8)).tobytes()


def _seconds(work: object) -> float:
    begin = time.process_time()
    work()  # type: ignore[operator]
    return time.process_time() - begin
