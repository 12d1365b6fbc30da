"""Everything the layers share about one picture: brief, choices, light and composition."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from media_gen.backends.procedural.canvas import Canvas
from media_gen.backends.procedural.palette import Light, light_for, under_leaves
from media_gen.backends.procedural.words import Brief

HORIZONS = {
    "sea": 0.58, "lake": 0.56, "river": 0.46, "mountain": 0.62, "forest": 0.66, "city": 0.74,
    "desert": 0.52, "canyon": 0.6, "meadow": 0.52, "garden": 0.56, "winter": 0.56, "window": 0.6,
    "space": 1.25, "abstract": 1.25, "underwater": 1.25,
}  # fmt: skip

# What a painter picks when the words leave it open, likelier choices repeated.
FREE_SCENES = [
    "sea",
    "lake",
    "mountain",
    "forest",
    "meadow",
    "desert",
    "city",
    "garden",
    "river",
    "winter",
    "canyon",
    "abstract",
]
FREE_TIMES = {
    "city": ["dusk", "night", "sunset", "blue"],
    "space": ["night"],
    "window": ["morning", "golden", "dusk", "afternoon"],
    "meadow": ["morning", "golden", "sunset", "afternoon"],
    "garden": ["morning", "golden", "afternoon"],
    "winter": ["dawn", "morning", "dusk", "blue", "golden"],
    "underwater": ["noon"],
}
TIMES_BY_WEATHER = {
    "aurora": ["night"],
    "stars": ["night", "night", "blue"],
    "storm": ["afternoon", "dusk", "blue"],
    "rain": ["afternoon", "dusk", "morning"],
    "rainbow": ["afternoon", "golden"],
    "fog": ["dawn", "morning", "sunrise"],
}
ANY_TIME = ["dawn", "sunrise", "morning", "golden", "sunset", "dusk", "noon"]
BACKDROPS = {
    "lake": ["mountain", "mountain", "forest"],
    "river": ["mountain", "forest"],
    "sea": ["", "mountain"],
    "meadow": ["mountain", "hills", "hills"],
    "winter": ["mountain", "forest"],
    "window": ["mountain", "sea", "hills"],
    "city": ["", "mountain"],
}


@dataclass(frozen=True)
class Picture:
    """One picture: what to paint, in which light, and where things go (canvas pixels)."""

    canvas: Canvas
    brief: Brief
    scene: str
    backdrop: str
    time: str
    weather: frozenset[str]
    season: str
    light: Light
    horizon: float
    sun_x: float
    sun_y: float
    focus_x: float

    @property
    def unit(self) -> float:
        """The length subjects are measured in, pixels."""
        return self.canvas.unit

    @property
    def sunward(self) -> float:
        """-1 when the light comes from the left of the focus, else 1."""
        return -1.0 if self.sun_x < self.focus_x else 1.0

    @property
    def snowy(self) -> bool:
        """Whether the ground is white."""
        return self.season == "winter" and self.brief.allows("snow")


Paint = Callable[[Picture, np.random.Generator], None]


@dataclass(frozen=True)
class Layer:
    """One step of the work; the name also seeds its random stream."""

    name: str
    paint: Paint


def _choose(rng: np.random.Generator, options: list[str], banned: frozenset[str]) -> str:
    free = [option for option in options if option not in banned] or options
    return str(free[int(rng.integers(len(free)))])


def _time(brief: Brief, scene: str, rng: np.random.Generator) -> str:
    choice = rng.spawn(1)[0]
    if brief.time:
        return brief.time
    if brief.draws("moon"):
        return _choose(choice, ["night", "night", "blue"], brief.banned)
    for weather, options in TIMES_BY_WEATHER.items():
        if weather in brief.weather:
            return _choose(choice, options, brief.banned)
    return _choose(choice, FREE_TIMES.get(scene, ANY_TIME), brief.banned)


def _season(brief: Brief, scene: str, rng: np.random.Generator) -> str:
    if brief.season:
        return brief.season
    if scene == "winter" or "snow" in brief.weather:
        return "winter"
    return _choose(rng, ["spring", "summer", "summer", "summer", "autumn"], brief.banned)


def _weather(brief: Brief, scene: str, time: str) -> frozenset[str]:
    weather = set(brief.weather) - brief.banned
    if scene == "winter" and "snow" in weather and "snowing" not in weather and time == "noon":
        weather.discard("clouds")
    if time == "night" and not weather & {"clouds", "rain", "storm", "snow", "fog"}:
        weather.add("stars")
    return frozenset(weather - brief.banned)


def compose(brief: Brief, canvas: Canvas) -> Picture:
    """Settle whatever the words left open and place horizon, sun and focus by thirds."""
    rng = canvas.rng("composition")
    scene = brief.scene or _choose(rng, FREE_SCENES, brief.banned)
    time = _time(brief, scene, rng)
    weather = _weather(brief, scene, time)
    season = _season(brief, scene, rng)
    if "snow" in brief.banned and season == "winter":
        season = "autumn"
    backdrop = brief.backdrop or _choose(rng, BACKDROPS.get(scene, [""]), brief.banned)
    light = light_for(brief, time, weather)
    if scene == "forest" and not brief.colours and season != "winter":
        light = under_leaves(light, autumn=season == "autumn")
    tall = canvas.height > 1.25 * canvas.width
    share = HORIZONS[scene] + rng.uniform(-0.03, 0.03) + (0.05 if tall and scene == "sea" else 0)
    horizon = canvas.height * share
    side = 1.0 if rng.random() < 0.5 else -1.0
    sun_x = canvas.width * (0.5 + side * rng.uniform(0.14, 0.22))
    focus_x = canvas.width * (0.5 - side * rng.uniform(0.15, 0.2))
    altitude = light.altitude + float(rng.uniform(-0.02, 0.02))
    sky = min(horizon, canvas.height * 0.8)
    return Picture(
        canvas, brief, scene, backdrop, time, weather, season, replace(light, altitude=altitude),
        horizon, sun_x, sky * (1.0 - altitude), focus_x,
    )  # fmt: skip
