"""Cells as in leather, dried mud, foam: the plane divided among scattered points (Worley, SIGGRAPH 1996)."""

import numpy as np

from trainer.faults.primitives import resized
from trainer.synthetic.noise import Field


def cell_walls(rng: np.random.Generator, size: tuple[int, int], cell_px: float) -> Field:
    """Distance to the nearest wall between two cells of about `cell_px`: 0 on the wall, about 1 in a cell's middle.

    Drawn at half the size and enlarged.
    """
    width, height = max(size[0] // 2, 2), max(size[1] // 2, 2)
    cell = max(cell_px / 2, 2.0)
    columns, rows = int(width / cell) + 4, int(height / cell) + 4
    points = rng.random((rows, columns, 2), dtype=np.float32)
    x = np.arange(width, dtype=np.float32)[None, :] / np.float32(cell) + 1
    y = np.arange(height, dtype=np.float32)[:, None] / np.float32(cell) + 1
    column, row = np.broadcast_arrays(x.astype(np.int64), y.astype(np.int64))
    first = np.full((height, width), 9.0, dtype=np.float32)
    second = first.copy()
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            point = points[row + down, column + right]
            away = np.hypot(column + right + point[..., 0] - x, row + down + point[..., 1] - y).astype(np.float32)
            second = np.minimum(second, np.maximum(first, away))
            first = np.minimum(first, away)
    return resized(second - first, size)
