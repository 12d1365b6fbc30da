"""The searched picture as waves: what may be watermark stands out of its Fourier spectrum."""

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.marks.watermark.quality import C2

Plane = NDArray[np.float32]

# Details up to this size (Gaussian sigma, pixels) are searched; brighter and darker areas are not.
DETAIL = 6.0
# Size of the areas (Gaussian sigma, pixels) whose own restlessness decides what they count.
AREA = 9.0
# Variance of rounding and of the mark itself in a flat area, in square levels.
FLOOR = 1.0
# Outliers are edges: beyond so many deviations a pixel counts no more.
OUTLIER = 1.5
# Side of the square of the spectrum (bins) that tells how much noise is around a wave.
AROUND = 31
# How much of the spectrum a wave is read from, to each side, and the shape of that window.
REACH, BETA = 4, 7.0


def residual(plane: Plane) -> Plane:
    """What may be watermark: details, each weighed by its chance of being that.

    The mark's amplitude goes with sqrt(s^2 + C2 / 2) (see embedding), the noise with s; the matched
    filter divides by the variance of the noise.
    """
    details = plane - cv2.GaussianBlur(plane, (0, 0), DETAIL)
    variance = cv2.GaussianBlur(details * details, (0, 0), AREA)
    limit = OUTLIER * np.sqrt(variance)
    weight = np.sqrt(variance + C2 / 2) / (variance + FLOOR)
    return np.asarray(np.clip(details, -limit, limit) * weight, np.float32)


class Spectrum:
    """The spectrum of a plane, zero-padded to twice its size, with its noise levelled to one.

    Frequencies are float[..., 2] arrays of (x, y) in cycles per pixel. The origin of the phases is
    `centre`, the pixel (x, y) in the middle.
    """

    def __init__(self, plane: Plane) -> None:
        height, width = plane.shape
        self.centre = np.array([width // 2, height // 2], np.float64)
        self.height, self.width = (2 * cv2.getOptimalDFTSize(side) for side in plane.shape)
        padded = np.zeros((self.height, self.width), np.float32)
        padded[:height, :width] = plane
        padded = np.roll(padded, (-(height // 2), -(width // 2)), (0, 1))
        half = np.fft.rfft2(padded)
        power = half.real**2 + half.imag**2
        blurred = cv2.blur(power, (AROUND, AROUND), borderType=cv2.BORDER_REFLECT)
        around = np.asarray(blurred, np.float32) + np.float32(1e-9 + 1e-6 * blurred.max())
        self.half = half / np.sqrt(around)
        self.power = np.asarray(power / around, np.float32)

    def power_at(self, columns: NDArray[np.intp], rows: NDArray[np.intp]) -> Plane:
        """The power in whole bins, those of negative x included."""
        rows = np.where(columns < 0, -rows, rows) % self.height
        return self.power[rows, np.minimum(np.abs(columns), self.width // 2)]

    def values(self, frequencies: NDArray[np.float64]) -> NDArray[np.complex128]:
        """The waves at any frequencies, interpolated by a windowed sinc."""
        x, y = frequencies[..., 0], frequencies[..., 1]
        turned = x < 0
        column = np.where(turned, -x, x) * self.width
        row = np.where(turned, -y, y) * self.height
        columns, across = _taps(column)
        rows, down = _taps(row)
        # Left of the first column lies the mirrored right half.
        mirrored = columns < 0
        rows = np.where(mirrored[..., None, :], -rows[..., :, None], rows[..., :, None])
        found = self.half[
            rows % self.height, np.minimum(np.abs(columns), self.width // 2)[..., None, :]
        ]
        found = np.where(mirrored[..., None, :], found.conj(), found)
        result = np.einsum("...ij,...i,...j->...", found, down, across)
        return np.asarray(np.where(turned, result.conj(), result))


def _taps(position: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """The neighbours of positions between bins, and their weights."""
    first = np.floor(position).astype(np.intp) - REACH + 1
    taps = first[..., None] + np.arange(2 * REACH)
    offset = taps - position[..., None]
    window = np.i0(BETA * np.sqrt(np.clip(1 - (offset / REACH) ** 2, 0, None))) / np.i0(BETA)
    return taps, np.sinc(offset) * window
