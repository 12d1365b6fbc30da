"""The procedural painter: an algorithm that reads words and paints layers, without a model.

Nothing here was trained and no picture was looked at to make it: the prompt is searched for known
words (`words`), and hand-written rules with seeded noise paint a scene from the sky to the
foreground. Its pictures must be declared as IPTC `algorithmicMedia`, never as the output of a
generative model. What it read in a prompt can be asked with `understood`.
"""

import hashlib
from collections.abc import Callable
from functools import partial
from typing import Protocol

import numpy as np
from PIL import Image

from media_gen.backends.procedural.canvas import Canvas, Pixels, from_image, shrink, to_image
from media_gen.backends.procedural.finish import Finish, Sheet
from media_gen.backends.procedural.picture import Layer, Picture, compose
from media_gen.backends.procedural.repaint import Repaint, brushed, settle
from media_gen.backends.procedural.scenes import plan
from media_gen.backends.procedural.styles import finishing
from media_gen.backends.procedural.words import read_brief, understood

__all__ = ["ENGINE_VERSION", "Step", "paint", "understood"]

ENGINE_VERSION = "1"
PREVIEW_SIDE = 256
SIZES = range(64, 2049)
SEEDS = range(2**32)


class Step(Protocol):
    """Called after every stage; whatever it raises stops the painting at once."""

    def __call__(self, fraction: float, preview: Callable[[], Image.Image]) -> None: ...


def paint(
    prompt: str, *, seed: int, width: int, height: int, negative_prompt: str = "",
    source: Image.Image | None = None, strength: float = 0.6, step: Step | None = None,
) -> Image.Image:  # fmt: skip
    """Paint the prompt, or repaint the source with it, as an RGB image of (width, height).

    The pixels are a function of the arguments and `ENGINE_VERSION` alone.
    """
    if width not in SIZES or height not in SIZES:
        raise ValueError(f"width and height must lie in {SIZES.start}..{SIZES.stop - 1}")
    if seed not in SEEDS or not 0.0 <= strength <= 1.0:
        raise ValueError("seed must lie in 0..2**32-1 and strength in 0..1")
    report: Step = step if step is not None else _silent
    if source is not None and strength == 0.0:
        return _untouched(source, width, height, report)
    canvas = Canvas(width, height, _key(prompt, negative_prompt, seed))
    picture = compose(read_brief(prompt, negative_prompt), canvas)
    before = from_image(source, width, height) if source is not None else None
    layers, finish = _work(picture, before, strength)
    return _perform(picture, layers, finish, report)


def _key(prompt: str, negative_prompt: str, seed: int) -> bytes:
    parts = (prompt, negative_prompt, str(seed), ENGINE_VERSION)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).digest()


def _silent(fraction: float, preview: Callable[[], Image.Image]) -> None:
    """The step of callers who do not watch."""
    del fraction, preview


def _untouched(source: Image.Image, width: int, height: int, report: Step) -> Image.Image:
    image = source.convert("RGB")
    if image.size != (width, height):
        image = image.resize((width, height), Image.Resampling.LANCZOS)
    for tenth in range(1, 11):
        report(tenth / 10, lambda: _thumbnail(image))
    return image


def _thumbnail(image: Image.Image) -> Image.Image:
    small = image.copy()
    small.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
    return small


def _work(
    picture: Picture, before: Pixels | None, strength: float
) -> tuple[list[Layer], list[tuple[str, Finish]]]:
    """All layers and finishing steps, for a new picture or for a repaint."""
    sky, scene, weather = plan(picture)
    finish = finishing(picture.brief.styles)
    if before is None:
        return [*sky, *scene, *weather], finish
    layers = Repaint(before, strength).layers(sky, scene)
    if not picture.brief.styles:
        finish.insert(1, ("brushwork", brushed(strength)))
    return [*layers, *weather], [*finish, ("settle", settle(before, strength))]


def _perform(
    picture: Picture, layers: list[Layer], finish: list[tuple[str, Finish]], report: Step
) -> Image.Image:
    """Paint layer by layer, then finish; report after each stage."""
    canvas = picture.canvas
    total = len(layers) + len(finish)
    for done, layer in enumerate(layers, 1):
        layer.paint(picture, canvas.rng(layer.name))
        report(done / total, lambda: _preview(picture, canvas.pixels, None, finish))
    pixels, reference = canvas.pixels, None
    for index, (name, apply) in enumerate(finish):
        sheet = Sheet(picture, pixels if reference is None else reference)
        pixels = apply(pixels, sheet, canvas.rng(name)).astype(np.float32, copy=False)
        reference = pixels if index == 0 else reference
        shown = partial(_preview, picture, pixels, reference, finish[index + 1 :])
        report((len(layers) + index + 1) / total, shown)
    return to_image(pixels)


def _preview(
    picture: Picture, pixels: Pixels, reference: Pixels | None, rest: list[tuple[str, Finish]]
) -> Image.Image:
    """The present state, small, run through the finishing steps that are still to come."""
    small = shrink(pixels, PREVIEW_SIDE)
    basis = shrink(reference, PREVIEW_SIDE) if reference is not None else None
    for name, apply in rest:
        sheet = Sheet(picture, small if basis is None else basis)
        small = apply(small, sheet, picture.canvas.rng(name))
        basis = small if basis is None else basis
    return to_image(small)
