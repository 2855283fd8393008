"""Cellular noise (after Worley 1996): the polygons that furrows divide skin into, a pigment network's holes."""

import numpy as np

from trainer.synthetic.noise import Field

CELL_PX = 7
"""Pixels across one cell of a tile: enough to show its border, few enough to be quick."""


def cell_tile(rng: np.random.Generator, cells: int, jitter: float = 0.9) -> Field:
    """A tile that repeats without a seam, [cells * 7, cells * 7]: 0 on the borders of its cells, about 0.6 inside.

    `jitter` (0..1) is how far a cell's point may stray from the regular grid.
    """
    shape = (cells, 1, cells, 1)
    point_y = (0.5 + jitter * (rng.random(shape, dtype=np.float32) - 0.5)).astype(np.float32)
    point_x = (0.5 + jitter * (rng.random(shape, dtype=np.float32) - 0.5)).astype(np.float32)
    steps = (np.arange(CELL_PX, dtype=np.float32) + np.float32(0.5)) / np.float32(CELL_PX)
    y, x = steps.reshape(1, CELL_PX, 1, 1), steps.reshape(1, 1, 1, CELL_PX)
    nearest = np.full((cells, CELL_PX, cells, CELL_PX), np.float32(9))
    second = nearest.copy()
    for down in (-1, 0, 1):
        for across in (-1, 0, 1):
            away_y = np.roll(point_y, -down, axis=0) + np.float32(down) - y
            away_x = np.roll(point_x, -across, axis=2) + np.float32(across) - x
            distance = away_y * away_y + away_x * away_x
            np.minimum(second, np.maximum(nearest, distance), out=second)
            np.minimum(nearest, distance, out=nearest)
    side = cells * CELL_PX
    return (np.sqrt(second) - np.sqrt(nearest)).reshape(side, side)


def spread(tile: Field, rows: Field, columns: Field) -> Field:
    """The repeated tile read at `rows` and `columns`, in its own pixels (to the nearest)."""
    side = np.int32(tile.shape[0])
    return np.asarray(tile[rows.astype(np.int32) % side, columns.astype(np.int32) % side], dtype=np.float32)
