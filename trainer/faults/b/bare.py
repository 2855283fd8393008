"""More bare skin from the calm parts of a photo: its colour carried on outwards, its grain laid over.

The grain is tiled and blended with its deviation kept (Heitz, Neyret: "High-Performance By-Example Noise using a
Histogram-Preserving Blending Operator", HPG 2018), so that neither a tile nor a seam shows.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from trainer.faults.primitives import Pixels, pixels, resized, smoothstep
from trainer.synthetic.noise import Field

_COARSE_SIDE = 48
_WINDOW = 0.45  # share of the sides that is taken for calm
_PIECES_FROM_PX = 128.0
_GRAIN_LIMIT = 40.0  # of 255: what differs more from its surroundings is a lesion or a hair, not grain


def calm_grain(photo: Image.Image, share: float) -> Pixels:
    """Detail of the calmest part of `photo` for a view in which it has `share` (0..1) of the sides.

    Its values less their local mean, about -40..40. Skin is shown finer from further away, down to where there would
    be too little of it to lay out without repeating.
    """
    scale = min(max(share, _PIECES_FROM_PX / (_WINDOW * min(photo.size))), 1.0)
    size = (max(round(photo.width * scale), 40), max(round(photo.height * scale), 40))
    shrunk = photo.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    values = pixels(shrunk)
    soft = pixels(shrunk.filter(ImageFilter.GaussianBlur(max(min(size) / 24, 3))))
    return np.clip(_calmest(values - soft), -_GRAIN_LIMIT, _GRAIN_LIMIT)


def laid_out(grain: Pixels, size: tuple[int, int], rng: np.random.Generator) -> Pixels:
    """Grain of `size` (width, height) from random pieces of `grain`, turned and mirrored, blended."""
    width, height = size
    tile = max(min(grain.shape[0], grain.shape[1]) // 4 * 2, 8)
    step = tile * 2 // 3
    total = np.zeros((height + 4 * tile, width + 4 * tile, 3), dtype=np.float32)
    power = np.full((height + 4 * tile, width + 4 * tile, 1), 1e-6, dtype=np.float32)
    window = _window(tile, rng)[..., None]
    squared = window * window
    for y in range(0, height + 2 * tile, step):
        for x in range(0, width + 2 * tile, step):
            down, right = y + int(rng.integers(tile // 8 + 1)), x + int(rng.integers(tile // 8 + 1))
            total[down : down + tile, right : right + tile] += _piece(grain, tile, rng) * window
            power[down : down + tile, right : right + tile] += squared
    inside = (slice(tile, tile + height), slice(tile, tile + width))
    return np.asarray(total[inside] / np.sqrt(power[inside]), dtype=np.float32)


def carried_on(values: Pixels, known: Field, rounds: int = 6) -> Pixels:
    """Fill `values` [rows, columns, 3] where `known` is 0 from what is known around, ever more smoothly outwards.

    Works on a grid of 48 cells: the result is the low-frequency colour only.
    """
    height, width = known.shape
    ratio = _COARSE_SIDE / max(width, height)
    cells = (max(round(width * ratio), 4), max(round(height * ratio), 4))
    share = np.clip(_boxed(known, cells), 0, 1)[..., None]
    sums = _boxed(values * known[..., None], cells)
    filled = np.zeros_like(sums)
    missing = np.ones_like(share)
    for level in range(rounds):
        radius = 0.7 * 2.0**level
        near, weight = _blurred(sums, radius), _blurred(share, radius)
        use = missing * smoothstep(weight * 4)
        filled += use * near / np.maximum(weight, 1e-4)
        missing = missing - use
    filled += missing * (sums.sum((0, 1)) / max(float(share.sum()), 1e-4))
    return resized(filled, (width, height))


def _calmest(detail: Pixels) -> Pixels:
    """The half-size window with the least deviation at its worst spots."""
    height, width = detail.shape[:2]
    tall, wide = int(height * _WINDOW), int(width * _WINDOW)
    places = [(y, x) for y in (0, (height - tall) // 2, height - tall) for x in (0, (width - wide) // 2, width - wide)]
    windows = [detail[y : y + tall, x : x + wide] for y, x in places]
    # The middle of the frame is where the lesion is: never the calm part.
    return min(windows[:4] + windows[5:], key=lambda window: float(np.mean(np.square(window))))


def _piece(grain: Pixels, tile: int, rng: np.random.Generator) -> Pixels:
    y = int(rng.integers(grain.shape[0] - tile + 1))
    x = int(rng.integers(grain.shape[1] - tile + 1))
    piece = grain[y : y + tile, x : x + tile]
    turned = int(rng.integers(4))
    if turned & 1:
        piece = piece[::-1]
    return piece[:, ::-1] if turned & 2 else piece


def _window(tile: int, rng: np.random.Generator) -> Field:
    """A tent with a ragged rim."""
    axis = 1 - np.abs(np.linspace(-1, 1, tile + 2, dtype=np.float32)[1:-1])
    tent = np.minimum(axis[:, None], axis[None, :])
    return np.asarray(smoothstep(tent * 2.2) * rng.uniform(0.9, 1.1, (tile, tile)), dtype=np.float32)


def _boxed(field: Pixels | Field, cells: tuple[int, int]) -> NDArray[np.float32]:
    layers = field if field.ndim == 3 else field[..., None]
    boxed = [
        np.asarray(Image.fromarray(np.ascontiguousarray(layers[..., k])).resize(cells, Image.Resampling.BOX))
        for k in range(layers.shape[2])
    ]
    return np.stack(boxed, axis=-1) if field.ndim == 3 else boxed[0]


def _blurred(field: NDArray[np.float32], radius: float) -> NDArray[np.float32]:
    """A Gaussian blur of each layer of a small field."""
    reach = max(1, round(radius * 2.5))
    kernel = np.exp(-0.5 * np.square(np.arange(-reach, reach + 1) / radius)).astype(np.float32)
    kernel /= kernel.sum()
    for axis in (0, 1):
        field = _along(field, kernel, axis)
    return field


def _along(field: NDArray[np.float32], kernel: NDArray[np.float32], axis: int) -> NDArray[np.float32]:
    reach = len(kernel) // 2
    length = field.shape[axis]
    widths = [(0, 0)] * field.ndim
    widths[axis] = (reach, reach)
    padded = np.pad(field, widths)
    out = np.zeros_like(field)
    for offset, weight in enumerate(kernel):
        out += weight * (padded[offset : offset + length] if axis == 0 else padded[:, offset : offset + length])
    return out
