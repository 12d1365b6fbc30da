"""The canvas: planar float pixels, masks, stencils and a random stream for every layer."""

import hashlib
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from media_gen.backends.procedural.noise import Plane, enlarge
from media_gen.backends.procedural.palette import Colour

Pixels = npt.NDArray[np.float32]  # (3, height, width), sRGB-coded, 0..1, light may exceed 1
Points = Iterable[tuple[float, float]]


class Canvas:
    """A picture in the making.

    `pixels` is planar because numpy then multiplies a mask into whole planes.
    `open_sky` is 1 where nothing solid hides the sky: the sun, stars and rain far off need it.
    `unit` is the length that subjects are measured in, the same in wide and tall formats.
    """

    def __init__(self, width: int, height: int, key: bytes) -> None:
        self.width, self.height, self._key = width, height, key
        self.pixels: Pixels = np.full((3, height, width), 0.9, dtype=np.float32)
        self.open_sky: Plane = np.ones((height, width), dtype=np.float32)
        self.unit = min(float(np.sqrt(width * height)), 1.35 * min(width, height))

    def rng(self, layer: str) -> np.random.Generator:
        """The layer's own random stream: other layers do not disturb it."""
        digest = hashlib.sha256(self._key + b"|" + layer.encode()).digest()
        return np.random.default_rng(int.from_bytes(digest[:16], "big"))

    def lay(
        self,
        mask: Plane,
        colour: Colour | Pixels,
        *,
        top: int = 0,
        left: int = 0,
        solid: bool = True,
    ) -> None:
        """Cover the canvas with a colour (or planar pixels) where the mask says so (0..1)."""
        clip = self._clip(mask, top, left)
        if clip is None:
            return
        there, here = clip
        part = mask[here]
        for channel in range(3):
            paint = colour[channel] if colour.ndim == 1 else colour[channel][here]
            target = self.pixels[channel][there]
            target += (paint - target) * part
        if solid:
            self.open_sky[there] *= 1.0 - part

    def shine(self, mask: Plane, colour: Colour, *, top: int = 0, left: int = 0) -> None:
        """Add light; it fades where the canvas is bright already, so nothing burns out flat."""
        clip = self._clip(mask, top, left)
        if clip is None:
            return
        there, here = clip
        for channel in range(3):
            target = self.pixels[channel][there]
            target += mask[here] * colour[channel] * np.clip(1.25 - target, 0.0, 1.0)

    def _clip(
        self, mask: Plane, top: int, left: int
    ) -> tuple[tuple[slice, slice], tuple[slice, slice]] | None:
        rows, columns = mask.shape
        y0, y1 = max(0, top), min(self.height, top + rows)
        x0, x1 = max(0, left), min(self.width, left + columns)
        if y0 >= y1 or x0 >= x1:
            return None
        here = (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left))
        return (slice(y0, y1), slice(x0, x1)), here

    def rows(self, top: float = 0.0, bottom: float | None = None) -> Plane:
        """Row numbers as a column vector (n, 1), for masks that depend on height."""
        end = self.height if bottom is None else bottom
        return np.arange(int(top), int(end), dtype=np.float32)[:, None]

    def columns(self) -> Plane:
        """Column numbers as a row vector (1, width)."""
        return np.arange(self.width, dtype=np.float32)[None, :]


class Stencil:
    """A mask drawn with Pillow in canvas coordinates, oversampled so that edges are smooth."""

    def __init__(self, left: float, top: float, width: float, height: float, fine: int = 2) -> None:
        self.left, self.top, self.fine = int(np.floor(left)), int(np.floor(top)), fine
        self.columns, self.rows = max(1, int(np.ceil(width)) + 1), max(1, int(np.ceil(height)) + 1)
        self._image = Image.new("L", (self.columns * fine, self.rows * fine))
        self._draw = ImageDraw.Draw(self._image)

    @classmethod
    def around(cls, shapes: Sequence[Points], margin: float, limit: Canvas, fine: int) -> "Stencil":
        """A stencil just large enough for these polygons, cut to the canvas."""
        points = np.array([point for shape in shapes for point in shape], dtype=np.float64)
        low = np.maximum(points.min(axis=0) - margin, (-margin, -margin))
        corner = (limit.width + margin, limit.height + margin)
        high = np.minimum(points.max(axis=0) + margin, corner)
        size = np.maximum(high - low, 1)
        return cls(low[0], low[1], size[0], size[1], fine)

    def polygon(self, points: Points, tone: int = 255) -> None:
        """Fill a polygon."""
        self._draw.polygon([self._at(x, y) for x, y in points], fill=tone)

    def disc(self, x: float, y: float, radius: float, tone: int = 255, squash: float = 1.0) -> None:
        """Fill a disc, or an ellipse `squash` times as tall as wide."""
        cx, cy = self._at(x, y)
        rx, ry = radius * self.fine, radius * squash * self.fine
        self._draw.ellipse((cx - rx, cy - ry, cx + rx, cy + ry), fill=tone)

    def line(self, points: Points, width: float, tone: int = 255) -> None:
        """Stroke a polyline; width in canvas pixels."""
        scaled = max(1, round(width * self.fine))
        self._draw.line([self._at(x, y) for x, y in points], fill=tone, width=scaled)

    def _at(self, x: float, y: float) -> tuple[float, float]:
        return (x - self.left) * self.fine, (y - self.top) * self.fine

    def mask(self) -> Plane:
        """The drawn mask, 0..1, shape (rows, columns)."""
        image = self._image.reduce(self.fine) if self.fine > 1 else self._image
        return np.asarray(image, dtype=np.float32) / np.float32(255)


def to_image(pixels: Pixels) -> Image.Image:
    """Planar floats 0..1 to an RGB picture."""
    planes = np.clip(pixels * 255 + 0.5, 0, 255).astype(np.uint8)
    return Image.merge("RGB", [Image.fromarray(plane) for plane in planes])


def from_image(image: Image.Image, width: int, height: int) -> Pixels:
    """An RGB picture, resized to (width, height), as planar floats 0..1."""
    rgb = image.convert("RGB")
    if rgb.size != (width, height):
        rgb = rgb.resize((width, height), Image.Resampling.LANCZOS)
    return np.stack([np.asarray(band, dtype=np.float32) for band in rgb.split()]) / np.float32(255)


def shrink(pixels: Pixels, longest: int) -> Pixels:
    """A smaller copy whose longer side has at most `longest` pixels."""
    _, height, width = pixels.shape
    factor = int(np.ceil(max(height, width) / longest))
    if factor <= 1:
        return pixels.copy()
    rows, columns = max(1, height // factor), max(1, width // factor)
    planes = [
        Image.fromarray(plane).resize((columns, rows), Image.Resampling.BOX) for plane in pixels
    ]
    return np.stack([np.asarray(plane, dtype=np.float32) for plane in planes])


def enlarged(pixels: Pixels, height: int, width: int, *, smooth: bool = True) -> Pixels:
    """All three planes resampled to (height, width)."""
    return np.stack([enlarge(plane, height, width, smooth=smooth) for plane in pixels])
