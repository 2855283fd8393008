"""Painting one lesion of the anatomy family over lit or unlit skin, as what it does to the skin's own light."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from trainer.synthetic.anatomy.lab import Lab, Rgb, linear
from trainer.synthetic.anatomy.marks import MARKS, Mark, Step
from trainer.synthetic.anatomy.outline import filled, outline
from trainer.synthetic.colour import Picture
from trainer.synthetic.noise import Field, octaves, resized

_REACH = 1.9  # of the square round a lesion, in radii
_FINEST_SIDE = 480
_MAX_STREWN = 160
_DETAILED_RADIUS = 60  # pixels; smaller lesions get fewer dots and flakes
_TURNS = np.array([(math.cos(turn), math.sin(turn)) for turn in np.linspace(0, 2 * math.pi, 7, endpoint=False)])


@dataclass(frozen=True, slots=True)
class Placed:
    """A lesion at `x`, `y` (shares of the frame), `diameter_mm` across, `strength` about 1, with its own seed."""

    x: float
    y: float
    diameter_mm: float
    mark: Mark
    strength: float
    seed: int


def any_placed(rng: np.random.Generator, x: float, y: float, diameter_mm: float) -> Placed:
    """A lesion of any kind there."""
    mark = MARKS[int(rng.integers(len(MARKS)))]
    return Placed(x, y, diameter_mm, mark, float(rng.uniform(0.75, 1.2)), int(rng.integers(2**31)))


def paint(picture: Picture, placed: Placed, skin: Lab, px_per_mm: float, light: float) -> None:
    """Paint it into the picture (linear light) in place; `light` is the angle that the light comes from."""
    height, width = picture.shape[:2]
    radius = max(placed.diameter_mm * px_per_mm / 2, 0.9)
    reach = math.ceil(radius * _REACH) + 1
    left, top = round(placed.x * width) - reach, round(placed.y * height) - reach
    rows, columns = slice(max(top, 0), min(top + 2 * reach, height)), slice(max(left, 0), min(left + 2 * reach, width))
    if rows.start >= rows.stop or columns.start >= columns.stop:
        return
    side = min(max(2 * reach, 12), _FINEST_SIDE)
    kept, added = _Easel(placed, skin, side).painted(light)
    inner = (slice(rows.start - top, rows.stop - top), slice(columns.start - left, columns.stop - left))
    region = picture[rows, columns]
    brightness = float(region.mean())
    for channel in range(3):
        whole = resized(np.ascontiguousarray(kept[..., channel]), (2 * reach, 2 * reach))
        region[..., channel] *= whole[inner]
    gleam = resized(added, (2 * reach, 2 * reach))[inner]
    region += (gleam * np.float32(0.5 * brightness + 0.1))[..., None]


class _Easel:
    """The square a lesion is painted on."""

    def __init__(self, placed: Placed, skin: Lab, side: int) -> None:
        self._placed, self._mark, self._skin, self._side = placed, placed.mark, skin, side
        self._radius = side / (2 * _REACH)
        self._rng = np.random.default_rng([placed.seed, 21])
        self._ground = linear(skin)

    def painted(self, light: float) -> tuple[Picture, Field]:
        """The light the lesion lets through (RGB, 1: all) and the gleam it adds, both [side, side, ...]."""
        mark, rng, side = self._mark, self._rng, self._side
        kept = np.ones((side, side, 3), dtype=np.float32)
        shape = outline(rng, mark.wobble)
        whole = self._fill(shape, 1.0, 0.06)
        for layer in mark.layers:
            drift = 1 + 0.25 * (outline(rng, mark.wobble) - 1)
            cover = self._fill(shape * drift, layer.size, layer.blur, layer.off)
            self._coat(kept, cover * np.float32(layer.opacity), layer.step)
        if mark.dots:
            self._coat(kept, self._strewn(mark.dots, 0.04, 0.12) * whole, mark.dot)
        if mark.threads:
            self._coat(kept, self._threads(mark.threads) * whole, (-10, 24, 4))
        if mark.flakes:
            self._coat(kept, self._strewn(mark.flakes, 0.03, 0.11) * whole * np.float32(0.75), mark.flake)
        rough = octaves(rng, (side, side), self._radius * 0.4, max(self._radius / 20, 1.0), 0.75)
        kept *= (1 + np.float32(mark.grain * 0.35) * rough * whole)[..., None]
        if mark.rise:
            kept *= self._shade(shape, light)[..., None]
        return np.clip(kept, 0.01, 4), self._gleam(whole, rough, light)

    def _coat(self, kept: Picture, cover: Field, step: Step) -> None:
        """Move the colour towards that of the skin a `step` away, in place, where covered."""
        strength = self._placed.strength
        ratio: Rgb = linear(self._skin.moved(*(part * strength for part in step))) / self._ground
        kept *= 1 + cover[..., None] * (ratio - 1)

    def _fill(self, shape: NDArray[np.float64], size: float, blur: float, off: float = 0.0) -> Field:
        way = float(self._rng.uniform(0, 2 * math.pi))
        middle = self._side / 2
        where = (middle + off * self._radius * math.cos(way), middle + off * self._radius * math.sin(way))
        return filled(shape, self._side, self._radius * size, where, self._radius * blur)

    def _strewn(self, count: int, smallest: float, largest: float) -> Field:
        """Ragged little plates or dots all over the square, 0..1."""
        rng = self._rng
        mask = Image.new("L", (self._side, self._side))
        draw = ImageDraw.Draw(mask)
        count = max(1, round(min(count, _MAX_STREWN) * min(1.0, self._radius / _DETAILED_RADIUS)))
        out, way = self._radius * np.sqrt(rng.uniform(0, 1.1, count)), rng.uniform(0, 2 * math.pi, count)
        middles = self._side / 2 + np.stack([out * np.cos(way), out * np.sin(way)], axis=1)
        sizes = self._radius * rng.uniform(smallest, largest, (count, 1, 1))
        corners = middles[:, None, :] + sizes * rng.uniform(0.4, 1.2, (count, len(_TURNS), 1)) * _TURNS
        for plate in corners:
            draw.polygon(plate.ravel().tolist(), fill=int(rng.integers(90, 256)))
        return _soft(mask, self._radius * 0.012)

    def _threads(self, count: int) -> Field:
        """Thin curved vessels."""
        rng = self._rng
        mask = Image.new("L", (self._side, self._side))
        draw = ImageDraw.Draw(mask)
        for _ in range(count):
            x, y = (float(at) for at in self._side / 2 + self._radius * rng.normal(0, 0.5, 2))
            bow = self._radius * float(rng.uniform(0.2, 0.8))
            start = float(rng.uniform(0, 360))
            box = (x - bow, y - bow, x + bow, y + bow)
            draw.arc(
                box, start, start + float(rng.uniform(30, 120)), fill=200, width=max(1, round(self._radius * 0.025))
            )
        return _soft(mask, self._radius * 0.01)

    def _shade(self, shape: NDArray[np.float64], light: float) -> Field:
        """Brighter towards the light, darker away from it, as of a bump (or a hollow: a negative rise)."""
        bump = self._fill(shape, 0.85, 0.22)
        shift = max(1, round(self._radius * 0.1))
        moved = np.roll(bump, (round(shift * math.sin(light)), round(shift * math.cos(light))), axis=(0, 1))
        shade = 1 + np.float32(0.9 * self._mark.rise) * (bump - moved)
        return np.asarray(np.clip(shade, 0.3, 1.7), dtype=np.float32)

    def _gleam(self, whole: Field, rough: Field, light: float) -> Field:
        if not self._mark.gleam:
            return np.zeros((self._side, self._side), dtype=np.float32)
        axis = (np.arange(self._side, dtype=np.float32) - self._side / 2) / np.float32(self._radius)
        x, y = axis[None, :] - 0.3 * math.cos(light), axis[:, None] - 0.3 * math.sin(light)
        spot = np.exp(-(x * x + y * y) * 4)
        tips = np.clip(rough - np.float32(0.8), 0, 1)
        return np.asarray(whole * spot * (np.float32(0.1) + tips) * np.float32(self._mark.gleam), dtype=np.float32)


def _soft(mask: Image.Image, blur: float) -> Field:
    return np.asarray(mask.filter(ImageFilter.GaussianBlur(max(blur, 0.5))), dtype=np.float32) / np.float32(255)
