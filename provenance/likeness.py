"""Whether two pictures look the same: 256 bits of each, compared. Pure.

The hash is made by `media/decoding/likeness.py`. The threshold is the one that PDQ's authors
advise; that it holds for what is encoded anew, scaled or brightened is tested on made pictures.
"""

from dataclasses import dataclass

MAX_DISTANCE = 31
# Below it a picture has too little in it: clear skies are alike.
MIN_QUALITY = 50


@dataclass(frozen=True, slots=True)
class Likeness:
    """`bits`: 256 as hexadecimal. `quality`: 0 to 100, how much there is to compare."""

    bits: str
    quality: int


def alike(one: Likeness, other: Likeness) -> bool:
    """Whether they are so near that it is the same picture. Featureless ones are like none."""
    if min(one.quality, other.quality) < MIN_QUALITY:
        return False
    return (int(one.bits, 16) ^ int(other.bits, 16)).bit_count() <= MAX_DISTANCE
