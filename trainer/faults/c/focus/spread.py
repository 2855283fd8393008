"""Point spreads, the picture of one point of light through a bad lens or a moving hand, and pictures through them.

Shapes that boxes and straight lines do not make: irises with edges, Moffat's long tails, astigmatism, curved shakes.
"""

import math

import numpy as np
from PIL import Image, ImageDraw

from trainer.faults.c.pixels import Pixels, Plane

_WIDEST_PX = 2.5  # a wider spread is worked out on a smaller picture, where it costs less


def iris(radius_px: float, rng: np.random.Generator) -> Plane:
    """Defocus through an iris of 5 to 9 blades: flat, with zeros in its transfer."""
    side = _side(radius_px)
    fine = 8
    turn, blades = float(rng.uniform(0, math.tau)), int(rng.integers(5, 10))
    middle = side * fine / 2
    corners = [turn + math.tau * blade / blades for blade in range(blades)]
    points = [
        (middle + radius_px * fine * math.cos(angle), middle + radius_px * fine * math.sin(angle)) for angle in corners
    ]
    mask = Image.new("L", (side * fine, side * fine))
    ImageDraw.Draw(mask).polygon(points, fill=255)
    return _summing_to_one(np.asarray(mask.reduce(fine), dtype=np.float32))


def moffat(radius_px: float, rng: np.random.Generator) -> Plane:
    """A lens with a film on it: a core with long tails, wider one way than the other."""
    along, across = _turned_axes(_side(radius_px * 2.5), float(rng.uniform(0, math.pi)))
    longer = float(rng.uniform(1.0, 1.6))
    squared = (along / (radius_px * longer)) ** 2 + (across * longer / radius_px) ** 2
    return _summing_to_one((1 + squared) ** np.float32(-rng.uniform(1.6, 3.5)))


def astigmatic(radius_px: float, rng: np.random.Generator) -> Plane:
    """A Gauss spread two to four times as long as wide."""
    along, across = _turned_axes(_side(radius_px * 2), float(rng.uniform(0, math.pi)))
    longer = math.sqrt(float(rng.uniform(2, 4)))
    sigma = np.float32(radius_px * 0.55)
    squared = (along / (sigma * np.float32(longer))) ** 2 + (across * np.float32(longer) / sigma) ** 2
    return _summing_to_one(np.exp(-squared / 2))


def shake(radius_px: float, rng: np.random.Generator) -> Plane:
    """A hand's way during the exposure: a curve, now faster, now slower."""
    steps = 96
    bend = np.linspace(float(rng.uniform(0, math.tau)), float(rng.uniform(0, math.tau)) / 2, steps)
    heading = bend + np.cumsum(rng.normal(0, 0.09, steps))
    speed = np.exp(np.cumsum(rng.normal(0, 0.18, steps)))
    return _traced(np.cumsum(speed * np.cos(heading)), np.cumsum(speed * np.sin(heading)), radius_px)


def ghost(radius_px: float, rng: np.random.Generator) -> Plane:
    """Two or three rests of the hand, each a little soft: doubled edges."""
    rests = int(rng.integers(2, 4))
    angle, gap = float(rng.uniform(0, math.tau)), np.linspace(-1, 1, rests)
    jitter = rng.normal(0, 0.15, (2, rests))
    x, y = gap * math.cos(angle) + jitter[0], gap * math.sin(angle) + jitter[1]
    return _traced(np.repeat(x, 8), np.repeat(y, 8), radius_px)


def through(photo: Image.Image, spread: Plane) -> Image.Image:
    """The photo through a point spread (odd sides, sum 1)."""
    reach = spread.shape[0] // 2
    pixels = np.asarray(photo, dtype=np.float32)
    padded = np.pad(pixels, ((reach, reach), (reach, reach), (0, 0)), mode="symmetric")
    shape = (_fast_length(padded.shape[0] + reach), _fast_length(padded.shape[1] + reach))
    transfer = np.fft.rfft2(spread, shape)
    blurred: Pixels = np.empty_like(pixels)
    for channel in range(3):
        plane = np.fft.irfft2(np.fft.rfft2(padded[..., channel], shape) * transfer, shape)
        blurred[..., channel] = plane[2 * reach : 2 * reach + photo.height, 2 * reach : 2 * reach + photo.width]
    return Image.fromarray(np.clip(blurred + np.float32(0.5), 0, 255).astype(np.uint8))


def reduction_for(radius_px: float) -> int:
    """By how much a picture may be made smaller before a spread of `radius_px`, without its being seen."""
    return max(1, int(radius_px / _WIDEST_PX))


def _traced(x: Plane, y: Plane, radius_px: float) -> Plane:
    """Time spent at each place of a way, which is fitted into `radius_px`."""
    x, y = x - x.mean(), y - y.mean()
    reach = max(float(np.hypot(x, y).max()), 1e-6)
    side = _side(radius_px)
    times = np.zeros((side, side), dtype=np.float32)
    column, row = x / reach * radius_px + side // 2, y / reach * radius_px + side // 2
    for down in (0, 1):
        for right in (0, 1):
            near_row, near_column = np.floor(row).astype(int) + down, np.floor(column).astype(int) + right
            weight = (1 - np.abs(row - near_row)) * (1 - np.abs(column - near_column))
            np.add.at(times, (np.clip(near_row, 0, side - 1), np.clip(near_column, 0, side - 1)), weight)
    return _summing_to_one(times)


def _turned_axes(side: int, angle: float) -> tuple[Plane, Plane]:
    axis = np.arange(side, dtype=np.float32) - np.float32(side // 2)
    x, y = axis[None, :], axis[:, None]
    cosine, sine = np.float32(math.cos(angle)), np.float32(math.sin(angle))
    return x * cosine + y * sine, y * cosine - x * sine


def _side(radius_px: float) -> int:
    return 2 * math.ceil(radius_px) + 3


def _summing_to_one(spread: Plane) -> Plane:
    return np.asarray(spread / max(float(spread.sum()), 1e-6), dtype=np.float32)


def _fast_length(length: int) -> int:
    """The next length with no prime factor above 5, where the transform is fast."""
    while True:
        rest = length
        for prime in (2, 3, 5):
            while rest % prime == 0:
                rest //= prime
        if rest == 1:
            return length
        length += 1
