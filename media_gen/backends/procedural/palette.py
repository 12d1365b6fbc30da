"""Colour: hand-mixed light for every time of day, bent by colour words, season and weather.

A colour is a float32 array of shape (3,), sRGB-coded, 0..1 (light sources may exceed 1).
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from media_gen.backends.procedural.words import Brief

Colour = npt.NDArray[np.float32]


def paint_hex(code: str) -> Colour:
    """Colour from "rrggbb"."""
    channels = [int(code[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    return np.array(channels, dtype=np.float32)


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """`share` of the second colour in the first."""
    blended: Colour = (first + (second - first) * np.float32(share)).astype(np.float32)
    return blended


def luma(colour: Colour) -> float:
    """Perceived brightness, 0..1."""
    return float(colour @ np.array([0.299, 0.587, 0.114], np.float32))


NAMED = {
    name: paint_hex(code)
    for name, code in {
        "red": "d8342c", "crimson": "a5152f", "orange": "ee8430", "amber": "e8a33a",
        "gold": "e3b44c", "yellow": "f3d053", "lime": "a9d84a", "green": "4b9c5b",
        "emerald": "1d8f68", "olive": "85904c", "teal": "1f8a8c", "turquoise": "43bfb6",
        "cyan": "55c9df", "blue": "2f6bd0", "navy": "1d2f63", "indigo": "4a3c9e",
        "purple": "7d3fae", "violet": "9a6bd0", "lavender": "b6a1dd", "magenta": "d2359a",
        "pink": "f29bb5", "coral": "f4977c", "brown": "80563a", "copper": "b56f43",
        "silver": "bcc5ce", "white": "f4f2ee", "black": "1a1b20", "grey": "868b92",
    }.items()
}  # fmt: skip


@dataclass(frozen=True)
class Light:
    """The light of one picture.

    zenith/upper/low: sky from top to horizon. glow: air around the sun. disc: sun or moon itself.
    shade: near silhouettes. altitude: sun or moon above the horizon as a share of the sky.
    level: strength of direct light 0..1. night: darkness 0..1. veil: thickness of the air 0..1.
    """

    zenith: Colour
    upper: Colour
    low: Colour
    glow: Colour
    disc: Colour
    shade: Colour
    altitude: float
    level: float
    night: float
    veil: float = 0.5

    @property
    def haze(self) -> Colour:
        """The colour far things fade into."""
        return mix(self.low, self.upper, 0.3)

    def on(self, material: Colour, lit: float = 0.5) -> Colour:
        """A material seen near by; `lit` 0 = in shadow, 1 = facing the sun."""
        sky = mix(self.upper, self.low, 0.45)
        grey = np.full(3, luma(sky), np.float32)
        ambient = mix(sky, grey, 0.4) * (1.0 - 0.55 * self.night)
        direct = self.glow * self.level * lit
        lit_colour: Colour = material * (0.16 + 0.52 * ambient + 0.62 * direct)
        return lit_colour.astype(np.float32)

    def far(self, colour: Colour, distance: float) -> Colour:
        """The same colour through the air; distance 0 near .. 1 at the horizon."""
        return mix(colour, self.haze, min(1.0, distance * (0.62 + 0.55 * self.veil)))


def _light(row: str, altitude: float, level: float, night: float) -> Light:
    zenith, upper, low, glow, disc, shade = (paint_hex(code) for code in row.split())
    return Light(zenith, upper, low, glow, disc, shade, altitude, level, night)


#                zenith upper  low    glow   disc   shade
TIMES = {
    "dawn": _light("4a69a8 b7a8d2 ffbd9a ffd08f fff0cf 23273f", 0.15, 0.66, 0.08),
    "sunrise": _light("4a7fb8 b9c3cf ffb883 ffdf9c fff2c4 2c2533", 0.17, 0.7, 0.06),
    "morning": _light("5495d6 a3cdec eef0e2 fff4d8 fffdf2 22384a", 0.5, 0.85, 0.0),
    "noon": _light("2a72c2 79b3e6 d6ebf2 fffaec fffef8 1d3942", 0.72, 1.0, 0.0),
    "afternoon": _light("3f80bd 98c1dd f5e3bd fff0c8 fffae6 2c3433", 0.48, 0.95, 0.0),
    "golden": _light("6687b4 d8bd9c ffbe66 ffe0a0 fff1c8 35241c", 0.24, 0.85, 0.05),
    "sunset": _light("2d2b62 97487e ff7f4e ffc06a ffeab0 20142e", 0.1, 0.6, 0.22),
    "dusk": _light("1b2352 5d4c8c dd8f95 f8b6a0 ffe3cc 13142c", 0.3, 0.28, 0.45),
    "blue": _light("0d2350 2d5490 8aaed0 bcd2e8 eef4ff 081428", 0.52, 0.22, 0.6),
    "night": _light("050b20 10234a 2c4a78 7f9fd0 f3f3ea 03060f", 0.66, 0.16, 0.9),
}


def _to_lab(colour: Colour) -> Colour:
    linear = np.clip(colour, 0, 1) ** 2.2
    cone = np.array(
        [[0.4122, 0.5363, 0.0514], [0.2119, 0.6807, 0.1074], [0.0883, 0.2817, 0.6300]], np.float32
    )
    back = np.array(
        [[0.2105, 0.7936, -0.0041], [1.9780, -2.4286, 0.4506], [0.0259, 0.7828, -0.8087]],
        np.float32,
    )
    lab: Colour = back @ np.cbrt(cone @ linear)
    return lab


def _from_lab(lab: Colour) -> Colour:
    forward = np.array(
        [[1, 0.3963, 0.2158], [1, -0.1056, -0.0639], [1, -0.0895, -1.2915]], np.float32
    )
    out = np.array(
        [[4.0768, -3.3077, 0.2310], [-1.2684, 2.6098, -0.3413], [-0.0042, -0.7034, 1.7076]],
        np.float32,
    )
    linear = out @ (forward @ lab) ** 3
    colour: Colour = (np.clip(linear, 0, 1) ** (1 / 2.2)).astype(np.float32)
    return colour


def tinted(colour: Colour, target: Colour, share: float) -> Colour:
    """Move hue and chroma towards the target and a little of the lightness, in Oklab."""
    here, there = _to_lab(colour), _to_lab(target)
    moved = here.copy()
    moved[1:] += (there[1:] - here[1:]) * np.float32(share)
    moved[0] += (there[0] - here[0]) * np.float32(share * 0.3)
    return _from_lab(moved)


def tones(brief: Brief) -> tuple[Colour, Colour] | None:
    """The (light, dark) pair that colour words ask for, or None."""
    if not brief.colours:
        return None
    named = sorted((NAMED[name] for name in brief.colours), key=luma)
    return named[-1], named[0]


def _with_colours(light: Light, brief: Brief) -> Light:
    pair = tones(brief)
    if pair is None:
        return light
    bright, dark = pair
    single = len(brief.colours) == 1
    return replace(
        light,
        zenith=tinted(light.zenith, dark, 0.6 if single else 0.85),
        upper=tinted(light.upper, mix(bright, dark, 0.5), 0.7),
        low=tinted(light.low, bright, 0.75 if single else 0.85),
        glow=tinted(light.glow, bright, 0.5 if single else 0.7),
        shade=tinted(light.shade, dark, 0.5 if single else 0.7),
    )


def _greyed(light: Light, share: float, darker: float) -> Light:
    """A covered sky: colours closer to each other, cooler, darker."""

    def dull(colour: Colour) -> Colour:
        grey = np.float32(luma(colour)) * np.array([0.95, 1.0, 1.05], np.float32)
        return (mix(colour, grey.astype(np.float32), share) * np.float32(darker)).astype(np.float32)

    return replace(
        light,
        zenith=dull(mix(light.zenith, light.upper, 0.45)),
        upper=dull(mix(light.upper, light.low, 0.2)),
        low=dull(mix(light.low, light.upper, 0.25)),
        glow=dull(light.glow),
        shade=mix(light.shade, dull(light.shade), 0.6),
        level=light.level * 0.45,
    )


def under_leaves(light: Light, *, autumn: bool) -> Light:
    """The greenish or golden air inside a wood."""
    leaf = paint_hex("e6b257" if autumn else "b9cf86")
    return replace(light, upper=tinted(light.upper, leaf, 0.4), low=tinted(light.low, leaf, 0.55))


def light_for(brief: Brief, time: str, weather: frozenset[str]) -> Light:
    """The light of a time of day under this weather, bent towards the named colours."""
    light = TIMES[time]
    if "storm" in weather:
        light = replace(_greyed(light, 0.5, 0.78), veil=0.65)
    elif "rain" in weather:
        light = replace(_greyed(light, 0.5, 0.82), veil=0.75)
    elif "clouds" in weather or "snow" in weather:
        light = _greyed(light, 0.3, 0.97)
    if "fog" in weather:
        pale = mix(light.upper, light.low, 0.6)
        light = replace(
            light,
            veil=1.0,
            zenith=mix(light.zenith, pale, 0.3),
            shade=mix(light.shade, pale, 0.1),
        )
    if "clear" in weather:
        light = replace(light, veil=0.25)
    return _with_colours(light, brief)
