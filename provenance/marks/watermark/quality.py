"""How much a change can be seen: PSNR, and SSIM of the luma."""

import cv2
import numpy as np
from numpy.typing import NDArray

C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2

Plane = NDArray[np.float32]
Picture = NDArray[np.uint8]


def luma(picture: Picture) -> Plane:
    """The luma of BT.601 of a picture uint8[H, W, 3], as float32[H, W] of 0..255."""
    return np.asarray(picture.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32))


def windowed(plane: Plane) -> Plane:
    """The mean in the Gaussian window of SSIM: 11 pixels, sigma 1.5."""
    return np.asarray(cv2.GaussianBlur(plane, (11, 11), 1.5), np.float32)


def psnr(before: Picture, after: Picture) -> float:
    """Peak signal to noise in dB over all channels; infinite for equal pictures."""
    error = cv2.norm(before, after, cv2.NORM_L2SQR) / before.size
    return float(10 * np.log10(255.0**2 / error)) if error else float("inf")


class Reference:
    """A picture to compare others with, its half of the SSIM computed once."""

    def __init__(self, plane: Plane) -> None:
        self.plane = plane
        self.mean = windowed(plane)
        self.variance = windowed(plane * plane) - self.mean**2

    def ssim(self, other: Plane) -> float:
        """The mean SSIM of Wang et al., IEEE Transactions on Image Processing 13, 2004."""
        mean = windowed(other)
        variance = windowed(other * other) - mean**2
        covariance = windowed(self.plane * other) - self.mean * mean
        similar = (2 * self.mean * mean + C1) * (2 * covariance + C2)
        different = (self.mean**2 + mean**2 + C1) * (self.variance + variance + C2)
        return float(np.mean(similar / different))
