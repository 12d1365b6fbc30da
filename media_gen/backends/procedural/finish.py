"""The last coat every picture gets: colour grade, tone curve, vignette and grain."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from media_gen.backends.procedural.canvas import Pixels
from media_gen.backends.procedural.noise import Plane
from media_gen.backends.procedural.palette import luma, tones
from media_gen.backends.procedural.picture import Picture

LUMA = np.array([0.299, 0.587, 0.114], np.float32)


@dataclass(frozen=True)
class Sheet:
    """What a finishing step works on; any size, so previews run the same steps small."""

    picture: Picture
    reference: Pixels  # the picture before styling

    @property
    def unit(self) -> float:
        """The reference length of `Picture.unit` at the size of this sheet."""
        _, height, width = self.reference.shape
        return float(min(np.sqrt(width * height), 1.35 * min(width, height)))


Finish = Callable[[Pixels, Sheet, np.random.Generator], Pixels]


def brightness(pixels: Pixels) -> Plane:
    """Luma of every pixel."""
    value: Plane = LUMA[0] * pixels[0] + LUMA[1] * pixels[1] + LUMA[2] * pixels[2]
    return value


def grade(pixels: Pixels, sheet: Sheet, rng: np.random.Generator) -> Pixels:
    """Pull shadows and lights towards the named colours, soften the highlights, darken corners."""
    del rng
    out = pixels.copy()
    pair = tones(sheet.picture.brief)
    if pair is not None and sheet.picture.scene not in ("abstract", "space"):
        light = np.clip(brightness(out), 0, 1)
        bright, dark = (colour / max(luma(colour), 0.12) for colour in pair)
        share = 0.3 if len(sheet.picture.brief.colours) == 1 else 0.34
        for channel in range(3):
            hue = dark[channel] + (bright[channel] - dark[channel]) * light
            out[channel] += (np.minimum(hue, 2.2) * light - out[channel]) * share
    if sheet.picture.scene == "abstract":
        return np.clip(out, 0, 1)
    _, height, width = out.shape
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    corners = 1.0 - 0.2 * np.clip((x * x + y * y) * 0.6, 0, 1) ** 1.5
    np.maximum(out, 0, out=out)
    out *= corners
    over = np.maximum(out - 0.82, 0)
    # a soft shoulder: everything above 0.82 is folded into the last 0.18
    out -= over - 0.18 * (1 - np.exp(-over / 0.18))
    return out


def grain(pixels: Pixels, sheet: Sheet, rng: np.random.Generator) -> Pixels:
    """A breath of film grain; it also hides the steps of 8-bit gradients."""
    del sheet
    _, height, width = pixels.shape
    tile = rng.standard_normal((min(height, 509), min(width, 509)), dtype=np.float32) * 0.006
    noise = np.tile(tile, (height // tile.shape[0] + 1, width // tile.shape[1] + 1))
    noisy: Pixels = pixels + noise[:height, :width]
    return noisy
