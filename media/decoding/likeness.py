"""A hash that changes little when a picture is encoded anew, scaled or brightened.

After PDQ (Meta, "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm", 2019):
the 16 by 16 lowest frequencies of the brightness at 64 by 64 pixels, each compared with their
median. The scaling down is Pillow's triangle filter instead of two box filters, so that a few bits
differ from PDQ's own.
"""

import math
from itertools import pairwise
from operator import mul
from statistics import median
from typing import Any

from PIL import Image

from media.decoding.colour import flattened

SIDE = 64
FREQUENCIES = 16
BITS_WIDE = FREQUENCIES * FREQUENCIES // 4
# The basis of the discrete cosine transform (type II) without its constant term.
BASIS = [
    [
        math.sqrt(2 / SIDE) * math.cos(math.pi / (2 * SIDE) * frequency * (2 * place + 1))
        for place in range(SIDE)
    ]
    for frequency in range(1, FREQUENCIES + 1)
]


def likeness_of(picture: Image.Image) -> dict[str, Any]:
    """`bits`: 256 as hexadecimal. `quality`: 0 to 100, how much there is to compare.

    Hashes of pictures with little in them (below 50, PDQ's own advice) are alike by chance.
    """
    small = picture.resize((SIDE, SIDE), Image.Resampling.BILINEAR, reducing_gap=3.0)
    values = list(flattened(small).convert("L").tobytes())
    rows = [values[start : start + SIDE] for start in range(0, len(values), SIDE)]
    across = [[sum(map(mul, row, wave)) for wave in BASIS] for row in rows]
    columns = list(zip(*across, strict=True))
    both = [sum(map(mul, column, wave)) for wave in BASIS for column in columns]
    middle = median(both)
    bits = sum(1 << place for place, value in enumerate(both) if value > middle)
    return {"bits": f"{bits:0{BITS_WIDE}x}", "quality": quality_of(rows)}


def quality_of(rows: list[list[int]]) -> int:
    """The sum of all steps between neighbours, in hundredths of the range, over 90 (PDQ)."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    steps = sum(
        abs(here - there) * 100 // 255
        for line in [*rows, *columns]
        for here, there in pairwise(line)
    )
    return int(min(100, steps // 90))
