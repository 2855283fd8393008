"""The outlines of many spots at once: for every pixel of the frame, how far it is from the nearest spot's middle."""

from dataclasses import dataclass

import numpy as np

from trainer.faults.b.rash.spread import Places
from trainer.faults.primitives import clouds
from trainer.synthetic.noise import Field

FAR = np.float32(3.0)
_REACH = 1.75  # radii that a spot has a say in


@dataclass(frozen=True, slots=True)
class Spots:
    """`near` is the distance to the nearest middle in its radii (1 on the outline, 3 where none is near), `lot` a
    number of 0..1 that each spot drew; both [rows, columns].
    """

    near: Field
    lot: Field


def outlined(size: tuple[int, int], places: Places, radius_px: float, uneven: float, rng: np.random.Generator) -> Spots:
    """Spots of about `radius_px`, all alike or from half to twice of it, with outlines `uneven` by a share."""
    spread = float(rng.uniform(0.1, 0.4))
    width, height = size
    wander = np.float32(uneven) * clouds(rng, size, max(radius_px * 0.7, 2))
    near, lot = np.full((height, width), FAR), np.zeros((height, width), dtype=np.float32)
    lean, long = float(rng.uniform(0, np.pi)), float(rng.uniform(1, 1.6)) ** 0.5
    for x, y in places:
        radius = max(radius_px * float(rng.lognormal(0, spread)), 2.2)
        reach = int(radius * _REACH) + 2
        column, row = int(x * width), int(y * height)
        rows, columns = (
            slice(max(row - reach, 0), row + reach + 1),
            slice(max(column - reach, 0), column + reach + 1),
        )
        turn = lean + float(rng.normal(0, 0.5))
        down = (np.arange(height, dtype=np.float32)[rows] - row)[:, None] / np.float32(radius)
        aside = (np.arange(width, dtype=np.float32)[columns] - column)[None, :] / np.float32(radius)
        along = (np.cos(turn) * aside + np.sin(turn) * down) / np.float32(long)
        across = (np.cos(turn) * down - np.sin(turn) * aside) * np.float32(long)
        away = np.hypot(along, across) + wander[rows, columns]
        closer = away < near[rows, columns]
        near[rows, columns] = np.where(closer, away, near[rows, columns])
        lot[rows, columns] = np.where(closer, np.float32(rng.random()), lot[rows, columns])
    return Spots(np.maximum(near, 0).astype(np.float32), lot)
