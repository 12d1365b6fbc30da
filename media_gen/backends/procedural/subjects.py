"""Placing subjects: where they stand, how big, in which light, with rim light and reflection."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from media_gen.backends.procedural import animals, buildings, things
from media_gen.backends.procedural.animals import Sprite
from media_gen.backends.procedural.canvas import Pixels, Stencil
from media_gen.backends.procedural.noise import Plane, blur, fbm, smoothstep
from media_gen.backends.procedural.palette import NAMED, Colour, mix, paint_hex
from media_gen.backends.procedural.picture import Picture
from media_gen.backends.procedural.shapes import Outline, mirrored
from media_gen.backends.procedural.words import Subject

BASE_TONES = {
    "body": "3c4148", "light": "cfcdc6", "dark": "23242a", "accent": "c8452f", "roof": "7a3f34",
    "shadow": "3a3a44", "glow": "ffcf7a",
}  # fmt: skip
OWN_TONES = {
    "heron": {"body": "8d97a6", "light": "b9c0ca", "dark": "2b2d38", "accent": "d99a3a"},
    "swan": {"body": "f1f2f4", "light": "ffffff", "dark": "1a1a1c", "accent": "e0752d"},
    "whale": {"body": "33414f"},
    "deer": {"body": "7b5233", "light": "d9c4a5", "dark": "3b281c"},
    "horse": {"body": "6e4428", "dark": "2c1d16"},
    "wolf": {"body": "6d6a68", "light": "a9a29a"},
    "cat": {"body": "3a3533", "dark": "262220"},
    "fish": {"body": "ee8638", "light": "fbe3bd", "dark": "b8511f"},
    "balloon": {"body": "d8463a", "light": "f3e3bd", "accent": "e9a93c"},
    "bridge": {"body": "8a8078", "light": "b8aca0", "shadow": "5a5350"},
    "castle": {"body": "8d8680", "roof": "51566e"},
    "temple": {"body": "9c4a36", "roof": "3b4048"},
    "house": {"body": "6d4a36", "light": "8d6546", "roof": "5a4038"},
    "church": {"body": "d8d0c2", "light": "e8e2d6", "roof": "5b5560"},
    "boat": {"body": "7a4a30", "light": "c9a077"},
    "sailboat": {"body": "e8e4dc", "light": "faf7f0", "accent": "f2efe8"},
    "ship": {"body": "5a3d2a", "light": "efe6d2"},
    "vase": {"accent": "4a7fa0", "light": "dfe9ee"},
    "tent": {"accent": "d98032"},
}  # fmt: skip
MAIN_TONE = {
    "lighthouse": "accent", "torii": "accent", "tent": "accent", "vase": "accent",
    "sailboat": "light",
    "house": "light", "church": "light", "windmill": "light", "ship": "light", "temple": "body",
}  # fmt: skip
SPRITES: dict[str, Callable[[np.random.Generator], Sprite]] = {
    "heron": animals.heron, "swan": animals.swan, "whale": animals.whale, "deer": animals.deer,
    "horse": animals.horse, "wolf": animals.wolf, "cat": animals.cat, "person": animals.person,
    "fish": animals.fish, "balloon": things.balloon, "bridge": things.bridge, "boat": things.boat,
    "sailboat": things.sailboat, "ship": things.ship, "tent": things.tent, "vase": things.vase,
    "torii": things.torii, "castle": buildings.castle, "temple": buildings.temple,
    "house": buildings.house, "church": buildings.church, "windmill": buildings.windmill,
    "lighthouse": buildings.lighthouse,
}  # fmt: skip
# Height in picture units and how much a subject is a silhouette (1) rather than in colour (0).
SIZES = {
    "heron": (0.43, 0.34), "swan": (0.12, 0.1), "whale": (0.2, 0.55), "deer": (0.27, 0.72),
    "horse": (0.25, 0.66), "wolf": (0.23, 0.72), "cat": (0.24, 0.55), "person": (0.24, 0.72),
    "balloon": (0.3, 0.15), "castle": (0.36, 0.5), "temple": (0.4, 0.45), "torii": (0.26, 0.3),
    "house": (0.13, 0.35), "church": (0.27, 0.4), "boat": (0.085, 0.6), "sailboat": (0.26, 0.15),
    "ship": (0.34, 0.45), "lighthouse": (0.36, 0.2), "windmill": (0.36, 0.35), "tent": (0.12, 0.35),
    "bridge": (0.14, 0.12), "vase": (0.27, 0.2), "fish": (0.14, 0.15), "tree": (0.5, 0.3),
}  # fmt: skip


@dataclass(frozen=True)
class Spot:
    """Where a sprite goes: foot in canvas pixels, height in pixels, air in between, facing."""

    x: float
    foot: float
    tall: float
    distance: float = 0.1
    flip: bool = False
    wet: bool = False


def _tones(picture: Picture, subject: Subject, distance: float) -> dict[str, Colour]:
    """The colour of every tone of a subject in this light."""
    light = picture.light
    codes = {**BASE_TONES, **OWN_TONES.get(subject.name, {})}
    colours = {tone: paint_hex(code) for tone, code in codes.items()}
    if subject.colour:
        own = NAMED[subject.colour]
        main = MAIN_TONE.get(subject.name, "body")
        colours[main] = own
        if main == "body":
            colours["light"], colours["dark"] = (
                mix(own, colours["light"], 0.35),
                mix(own, colours["dark"], 0.6),
            )
    if picture.snowy:
        colours["roof"] = paint_hex("eef3fa")
    dark = SIZES.get(subject.name, (0.2, 0.4))[1] * (0.55 if subject.colour else 1.0)
    backlit = min(0.9, dark + 0.25 * light.night)
    out = {}
    for tone, colour in colours.items():
        if tone == "glow":
            lamp = 0.35 + 0.65 * min(1.0, light.night * 1.6 + 0.35 * (light.level < 0.75))
            out[tone] = mix(light.on(paint_hex("3a4450"), 0.4), colour * np.float32(1.08), lamp)
            continue
        seen = light.on(colour, {"light": 0.75, "shadow": 0.0, "dark": 0.15}.get(tone, 0.45))
        out[tone] = light.far(mix(seen, light.shade, backlit), distance * 0.7)
    return out


def _patch(
    picture: Picture, sprite: Sprite, spot: Spot, tones: dict[str, Colour]
) -> tuple[Pixels, Plane, int, int]:
    """Paint the sprite on a small sheet: colours, coverage, and the sheet's top left corner."""
    shapes: list[tuple[str, Outline]] = []
    for tone, outline in sprite:
        turned = mirrored(outline) if spot.flip else outline
        shapes.append(
            (tone, [(spot.x + x * spot.tall, spot.foot - y * spot.tall) for x, y in turned])
        )
    box = [outline for _, outline in shapes]
    fine = 4 if spot.tall < 260 else 3
    sheet: Pixels | None = None
    cover: Plane | None = None
    index = 0
    while index < len(shapes):
        stencil = Stencil.around(box, 4, picture.canvas, fine)
        tone = shapes[index][0]
        while index < len(shapes) and shapes[index][0] == tone:
            stencil.polygon(shapes[index][1])
            index += 1
        mask = stencil.mask()
        if sheet is None or cover is None:
            sheet = np.repeat(tones[tone][:, None, None], mask.shape[0], 1).repeat(mask.shape[1], 2)
            cover = mask if tone != "shadow" else mask * 0
            continue
        part = mask * (0.45 if tone == "shadow" else 1.0)
        sheet += (tones[tone][:, None, None] - sheet) * part
        if tone != "shadow":
            cover = np.maximum(cover, mask)
    if sheet is None or cover is None:
        raise ValueError("a sprite has at least one part")
    return sheet, cover, stencil.top, stencil.left


def stand(picture: Picture, rng: np.random.Generator, subject: Subject, spot: Spot) -> None:
    """Draw one subject with rim light towards the sun and, in water, its reflection."""
    if spot.tall < 3:
        return
    tones = _tones(picture, subject, spot.distance)
    sprite = SPRITES[subject.name](rng)
    sheet, cover, top, left = _patch(picture, sprite, spot, tones)
    light = picture.light
    shift = max(1, round(spot.tall * 0.009))
    toward = -1 if picture.sun_x > spot.x else 1
    shadow = np.roll(np.roll(cover, toward * shift, axis=1), shift, axis=0)
    rim = np.clip(cover - shadow, 0, 1) * min(1.0, 0.25 + light.level) * (1 - 0.6 * spot.distance)
    rim_light = mix(light.glow, light.disc, 0.4)
    sheet += (np.minimum(rim_light * 1.08, 1.0)[:, None, None] - sheet) * (rim * 0.9)
    if spot.wet:
        _reflect(picture, rng, sheet, cover, spot, top, left)
    picture.canvas.lay(cover, sheet, top=top, left=left)
    lit = tones["glow"]
    lamps = [outline for tone, outline in sprite if tone == "glow"]
    if lamps and light.level < 0.75:
        _lamplight(picture, lamps, spot, lit)


def _reflect(
    picture: Picture,
    rng: np.random.Generator,
    sheet: Pixels,
    cover: Plane,
    spot: Spot,
    top: int,
    left: int,
) -> None:
    """The subject upside down in the water: wavering, broken, paler with depth."""
    above = int(np.clip(spot.foot - top, 1, cover.shape[0]))
    rows = np.arange(above - 1, -1, -1)
    share = (np.arange(above, dtype=np.float32) / max(1, above))[:, None]
    wobble = fbm(rng, above, cover.shape[1], cell=spot.tall * 0.16, flat=3.5, octaves=3) - 0.5
    sway = (wobble * (0.012 + 0.07 * share) * spot.tall).astype(np.int32)
    columns = np.clip(np.arange(cover.shape[1])[None, :] + sway, 0, cover.shape[1] - 1)
    turned = cover[rows[:, None], columns]
    breaks = smoothstep(0.85, 0.45, wobble + 0.5 + share * 0.12)
    fade = (0.72 - 0.5 * share) * breaks
    mirror = sheet[:, rows[:, None], columns]
    deep = mix(picture.light.shade, picture.light.zenith, 0.5)
    mirror = mirror + (deep[:, None, None] - mirror) * 0.25
    picture.canvas.lay(
        (turned * fade).astype(np.float32), mirror, top=int(spot.foot), left=left, solid=False
    )


def _lamplight(picture: Picture, lamps: list[Outline], spot: Spot, colour: Colour) -> None:
    """A soft glow around lit windows."""
    side = -1.0 if spot.flip else 1.0
    placed = [
        [(spot.x + side * x * spot.tall, spot.foot - y * spot.tall) for x, y in lamp]
        for lamp in lamps
    ]
    stencil = Stencil.around(placed, spot.tall * 0.5, picture.canvas, fine=1)
    for lamp in placed:
        stencil.polygon(lamp)
    halo = (
        blur(stencil.mask(), spot.tall * 0.09) * 0.8 + blur(stencil.mask(), spot.tall * 0.03) * 0.5
    )
    rows, columns = halo.shape
    fade_y = np.minimum(np.arange(rows), np.arange(rows)[::-1]) / max(1.0, spot.tall * 0.3)
    fade_x = np.minimum(np.arange(columns), np.arange(columns)[::-1]) / max(1.0, spot.tall * 0.3)
    edge = np.minimum(1, fade_y)[:, None] * np.minimum(1, fade_x)[None, :]
    picture.canvas.shine(
        (halo * edge).astype(np.float32), colour, top=stencil.top, left=stencil.left
    )
