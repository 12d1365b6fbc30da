"""Writing the watermark into a picture, as strongly as cannot be seen."""

import cv2
import numpy as np

from provenance.marks.watermark.keys import Key
from provenance.marks.watermark.pattern import TILE, tile
from provenance.marks.watermark.quality import C1, C2, Picture, Plane, Reference, luma, psnr

MIN_SIDE = 64
MIN_PSNR, MIN_SSIM = 41.3, 0.981
# Root mean square of the change in a flat area of a picture of a million pixels, and at most
# anywhere, in levels of 255; and the most that a single pixel is changed.
QUIET, LOUD, MOST = 0.9, 4.5, 12.0
# A small picture has fewer pixels to be heard by, and is marked a little louder.
LOUDER = 1.4
# How much more than SSIM alone allows a restless area is thought to hide.
HIDDEN = 2.0
# Size (Gaussian sigma, pixels) of the neighbourhood whose mean restlessness decides.
AREA = 4.0
# The part of a tile's energy that is so slow that SSIM sees it as a change of brightness.
SLOW = 0.4


def embed(picture: Picture, number: int, key: Key) -> Picture:
    """The picture (uint8[H, W, 3]) with `number` in it, below 2^48, written under `key`.

    The same change is made to all three channels. The PSNR of the result is at least 41.3 dB and
    the SSIM of its luma at least 0.981: both are measured on the rounded result, and the strength
    lowered until they hold. A picture smaller than one tile (256 pixels) is marked as well, but
    how much of the number comes through is left to chance. Raises ValueError below 64 pixels.
    """
    height, width = picture.shape[:2]
    if min(height, width) < MIN_SIDE:
        raise ValueError(f"a side of the picture is shorter than {MIN_SIDE} pixels")
    reference = Reference(luma(picture))
    waves = np.tile(tile(number, key), (height // TILE + 1, width // TILE + 1))[:height, :width]
    change = waves * _loudness(reference)
    strength = 1.0
    while True:
        marked = _added(picture, change, strength)
        excess = _excess(picture, reference, marked)
        if excess <= 1.0:
            return marked
        # Both losses grow with the square of the strength, or a little slower.
        strength *= float(np.sqrt(0.98 / excess))


def _loudness(reference: Reference) -> Plane:
    """The amplitude at every pixel, in levels: more where the picture is restless.

    A change of variance v costs SSIM v / (2 s^2 + C2) where the picture has the variance s^2, and
    its slow part v / (2 m^2 + C1) where the picture has the mean m.
    """
    variance = np.maximum(reference.variance, 0)
    cost = (1 - SLOW) / (2 * variance + C2) + SLOW / (2 * reference.mean**2 + C1)
    # The mean of the logarithm, so that an edge does not speak for the flat area beside it.
    ease = np.exp(-cv2.GaussianBlur(np.log(cost * C2 / (1 - SLOW)), (0, 0), AREA) / 2)
    ease = np.where(ease > 1, 1 + HIDDEN * (ease - 1), ease)
    quiet = QUIET * np.clip((2**20 / variance.size) ** 0.25, 1, LOUDER)
    return np.asarray(np.minimum(quiet * ease, LOUD), np.float32)


def _added(picture: Picture, change: Plane, strength: float) -> Picture:
    rounded = np.rint(np.clip(change * strength, -MOST, MOST)).astype(np.int16)
    return np.asarray(np.clip(picture.astype(np.int16) + rounded[..., None], 0, 255), np.uint8)


def _excess(picture: Picture, reference: Reference, marked: Picture) -> float:
    """The worse of the two losses, as a multiple of what is allowed."""
    noise = 10 ** ((MIN_PSNR - psnr(picture, marked)) / 10)
    unlike = (1 - reference.ssim(luma(marked))) / (1 - MIN_SSIM)
    return max(noise, unlike, 1e-3)
