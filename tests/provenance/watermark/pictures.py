"""Pictures to mark, keys to mark them with, and what happens to them afterwards."""

from functools import cache

import cv2
import numpy as np

from media_gen.backends.procedural.painter import paint
from provenance.marks.watermark.keys import Key

KEY = Key(1, b"one secret, of thirty-two bytes!")
OTHER = Key(2, b"another secret of the same size!")
NUMBER = 0xC0FFEE123456

PROMPTS = {
    "fog": "thick fog over a lake",
    "clear": "clear blue sky",
    "night": "night sky, empty, dark",
    "city": "a busy city street at noon",
}


@cache
def painted(name: str, side: int = 512) -> np.ndarray:
    return np.array(paint(PROMPTS[name], seed=7, width=side, height=side).convert("RGB"))


def luma(picture: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)


def jpeg(picture: np.ndarray, quality: int) -> np.ndarray:
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return cv2.imdecode(data, cv2.IMREAD_COLOR)


def scaled(picture: np.ndarray, factor: float) -> np.ndarray:
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return cv2.resize(picture, None, fx=factor, fy=factor, interpolation=how)


def turned(picture: np.ndarray, degrees: float) -> np.ndarray:
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    return cv2.warpAffine(picture, matrix, (width, height))
