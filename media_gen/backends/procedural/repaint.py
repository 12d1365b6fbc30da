"""Repainting a given picture: its forms stay, the prompt changes light, sky, season and finish.

As strength grows the source is first relit, then its sky is painted over, then everything else,
plain areas before detailed ones - the order in which a painter would cover an old canvas. Each
place changes at its own strength, so nothing is ever half of one picture and half of the other.
"""

from dataclasses import dataclass, field

import numpy as np

from media_gen.backends.procedural.canvas import Pixels, shrink
from media_gen.backends.procedural.finish import Finish, Sheet, brightness
from media_gen.backends.procedural.land import SNOW
from media_gen.backends.procedural.noise import Plane, blur, enlarge, fbm, smoothstep
from media_gen.backends.procedural.palette import mix, paint_hex
from media_gen.backends.procedural.picture import Layer, Picture
from media_gen.backends.procedural.sky import luminary
from media_gen.backends.procedural.strokes import strokes

SKY_TURN = 0.45  # strength around which the sky is painted over
GROUND_TURN = 0.76  # strength from which the rest follows
SOFTNESS = 0.05


@dataclass
class Repaint:
    """The layers that turn a new picture into a repaint of the source (planar, canvas size)."""

    source: Pixels
    strength: float
    _sky: Pixels = field(init=False)
    _mask: Plane = field(init=False)
    _scene: Pixels = field(init=False)

    def layers(self, sky: list[Layer], scene: list[Layer]) -> list[Layer]:
        """The new picture's layers with the repainting put in their places."""
        remember = Layer("remember sky", self.remember)
        steps = [
            Layer("find sky", self.find_sky),
            Layer("relight", self.relight),
            Layer("cover", self.cover),
        ]
        if self.strength <= GROUND_TURN - SOFTNESS:
            scene = []  # nothing of the new picture's ground would be seen
        return [*sky, remember, *scene, *steps]

    def remember(self, picture: Picture, rng: np.random.Generator) -> None:
        """Keep the new sky with its sun or moon, before land is painted over it."""
        canvas = picture.canvas
        bare = canvas.pixels.copy()
        luminary(picture, rng)
        self._sky, canvas.pixels = canvas.pixels, bare

    def find_sky(self, picture: Picture, rng: np.random.Generator) -> None:
        """Where the source shows sky: smooth, connected to the top, of one colour nearby."""
        del rng
        canvas = picture.canvas
        small = shrink(self.source, 128)
        grey = brightness(small)
        grad_y, grad_x = np.gradient(grey)
        top = float(np.median(grey[: max(2, len(grey) // 10)]))
        fine = brightness(self.source)
        fine = np.abs(fine - blur(fine, max(2.0, picture.unit * 0.004)))
        rough = shrink(np.stack([fine] * 3), 128)[0]
        noise = float(np.median(rough[: max(2, len(grey) // 8)]))
        # land and water are darker, greener, rougher or simply lower than the sky
        glare = smoothstep(0.02, 0.25, blur((grey > 0.93).astype(np.float32), 4.0))
        cost = np.maximum(np.hypot(grad_x, grad_y) - 0.014, 0) * 26.0
        cost += np.maximum(rough - 2.0 * noise - 0.003, 0) * 16.0
        cost *= 1.0 - 0.93 * glare  # the old sun belongs to the sky, with its rim
        cost += np.maximum(top - grey - 0.1, 0) * 1.5
        cost += np.maximum(small[1] - np.maximum(small[2], small[0] * 0.92) - 0.03, 0) * 6.0
        cost += np.maximum(np.linspace(0, 1, len(grey), dtype=np.float32)[:, None] - 0.5, 0) * 0.5
        sky = np.exp(-1.6 * blur(_cheapest_way_down(cost.astype(np.float32)), 1.2))
        wide = np.clip(enlarge(sky.astype(np.float32), canvas.height, canvas.width), 0, 1)
        local = blur(grey * sky, 5) / (blur(sky, 5) + 1e-3)
        darker = enlarge(local, canvas.height, canvas.width) - brightness(self.source)
        self._mask = smoothstep(0.3, 0.62, wide * smoothstep(0.22, 0.08, darker))

    def relight(self, picture: Picture, rng: np.random.Generator) -> None:
        """Put the source's ground into the light of the prompt."""
        del rng
        light, canvas = picture.light, picture.canvas
        scene = canvas.pixels.copy()
        grey = brightness(self.source)
        ground = _seasoned(picture, self.source, grey, self._mask)
        tone = np.clip(grey, 0, 1) ** (1.0 + 0.5 * light.night)
        stops = (0.0, 0.42, 0.8, 1.0)
        ramp = (light.shade * 0.7, mix(light.upper, light.shade, 0.45), light.low, light.glow)
        white = light.on(np.ones(3, np.float32), 0.6)
        share = 0.62 if picture.brief.colours else 0.4
        for channel in range(3):
            toned = np.interp(tone, stops, [colour[channel] for colour in ramp]).astype(np.float32)
            tinted = ground[channel] * white[channel]
            ground[channel] = tinted + (toned - tinted) * share
        away = (
            np.hypot(canvas.columns() - picture.sun_x, (canvas.rows() - picture.sun_y) * 1.2)
            / picture.unit
        )
        ground += light.glow[:, None, None] * (np.exp(-away / 0.4) * 0.16 * light.level)
        turn = float(np.clip(self.strength / 0.35, 0, 1))
        canvas.pixels = self.source + (ground - self.source) * np.float32(turn)
        self._scene = scene

    def cover(self, picture: Picture, rng: np.random.Generator) -> None:
        """Paint over what this strength has reached: sky first, detail last."""
        canvas = picture.canvas
        edges = fbm(rng, canvas.height, canvas.width, cell=picture.unit * 0.12, octaves=5) - 0.5
        over_sky = (
            smoothstep(SKY_TURN - 0.12, SKY_TURN + 0.12, self.strength + edges * 0.12) * self._mask
        )
        canvas.lay(over_sky.astype(np.float32), self._sky, solid=False)
        canvas.open_sky = self._mask * 0.9 + 0.1
        if self.strength > GROUND_TURN - SOFTNESS:
            grey = brightness(self.source)
            detail = blur(np.abs(grey - blur(grey, picture.unit * 0.01)), picture.unit * 0.03)
            order = smoothstep(0.0, 0.09, detail)
            turn = GROUND_TURN + 0.15 * order + edges * 0.12
            turn = np.minimum(turn, 1.0 - SOFTNESS)
            covered = smoothstep(-SOFTNESS, SOFTNESS, self.strength - turn)
            canvas.lay(covered.astype(np.float32), self._scene, solid=False)


def _cheapest_way_down(cost: Plane) -> Plane:
    """For every place the least total cost of a way from the top edge, going down or sideways."""
    path = np.cumsum(cost, axis=0)
    for _ in range(3):
        for row in range(1, len(cost)):
            path[row] = np.minimum(path[row], path[row - 1] + cost[row])
            for line, price in ((path[row], cost[row]), (path[row][::-1], cost[row][::-1])):
                total = np.cumsum(price)
                np.minimum(line, np.minimum.accumulate(line - total) + total, out=line)
    return path


def _seasoned(picture: Picture, source: Pixels, grey: Plane, sky: Plane) -> Pixels:
    """Leaves turn, snow settles: what a named season does to the ground of the source."""
    out = source.copy()
    named = picture.brief.season or ("winter" if "snow" in picture.weather else None)
    if named in ("autumn", "spring"):
        green = smoothstep(0.02, 0.14, source[1] - (source[0] + source[2]) / 2)
        leaf = paint_hex("d8842e") if named == "autumn" else paint_hex("f0b3c6")
        for channel in range(3):
            out[channel] += (leaf[channel] * (0.35 + grey * 1.15) - out[channel]) * green * 0.85
    elif named == "winter" and picture.brief.allows("snow"):
        shift = max(1, round(picture.unit * 0.004))
        topside = np.clip(grey - np.roll(grey, shift, axis=0), 0, 1) * 3.0
        depth = picture.canvas.rows() / picture.canvas.height
        cover = smoothstep(0.3, 0.75, grey * 0.8 + topside + 0.3 * depth) * (1 - sky) * 0.88
        for channel in range(3):
            out[channel] += (SNOW[channel] * (0.7 + 0.3 * grey) - out[channel]) * cover
    return out


def brushed(strength: float) -> Finish:
    """Redraw the surface in small strokes, most visibly at middle strengths."""

    def finish(pixels: Pixels, sheet: Sheet, rng: np.random.Generator) -> Pixels:
        share = float(np.clip(min(strength * 2.2, (1.0 - strength) * 4.0), 0, 0.75))
        if share < 0.05:
            return pixels
        painted = strokes(pixels, sheet, rng, size=0.007, length=0.03, density=1.1, vary=0.035)
        return pixels + (painted - pixels) * np.float32(share)

    return finish


def settle(source: Pixels, strength: float) -> Finish:
    """At very low strengths the repaint is only a thin glaze over the source."""
    share = float(np.clip(strength / 0.22, 0, 1))

    def finish(pixels: Pixels, sheet: Sheet, rng: np.random.Generator) -> Pixels:
        del sheet, rng
        _, height, width = pixels.shape
        under = (
            source
            if source.shape == pixels.shape
            else np.stack([enlarge(plane, height, width, smooth=False) for plane in source])
        )
        return under + (pixels - under) * np.float32(share)

    return finish
