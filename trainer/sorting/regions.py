"""Connected regions of a mask, by runs of each row and union-find: no pixel is visited twice."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.sorting.views import Mask


@dataclass(frozen=True, slots=True)
class Region:
    """One 8-connected region: its number in the label plane, pixels, box (right and bottom exclusive), centre."""

    label: int
    area: int
    left: int
    top: int
    right: int
    bottom: int
    centre_x: float
    centre_y: float

    @property
    def width(self) -> int:
        """Columns of the box."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Rows of the box."""
        return self.bottom - self.top


def regions_of(mask: Mask, least_area: int = 1) -> tuple[NDArray[np.int32], list[Region]]:
    """Label plane [H, W] (0 = none) and the regions of at least `least_area` pixels, largest first."""
    rows, starts, ends = _runs(mask)
    roots = _joined(rows, starts, ends)
    plane = np.zeros(mask.shape, dtype=np.int32)
    if rows.size == 0:
        return plane, []
    _, labels = np.unique(roots, return_inverse=True)
    labels = labels + 1
    # Painting by running sums: +label where a run starts, -label behind its end.
    steps = np.zeros((mask.shape[0], mask.shape[1] + 1), dtype=np.int32)
    np.add.at(steps, (rows, starts), labels)
    np.add.at(steps, (rows, ends), -labels)
    plane = np.cumsum(steps[:, :-1], axis=1, dtype=np.int32)
    found = _measured(rows, starts, ends, labels)
    return plane, sorted((one for one in found if one.area >= least_area), key=lambda one: -one.area)


Indices = NDArray[np.int64]


def _runs(mask: Mask) -> tuple[Indices, Indices, Indices]:
    padded = np.zeros((mask.shape[0], mask.shape[1] + 2), dtype=np.int8)
    padded[:, 1:-1] = mask
    change = np.diff(padded, axis=1)
    rows, starts = np.nonzero(change == 1)
    return rows, starts, np.nonzero(change == -1)[1]


def _joined(rows: Indices, starts: Indices, ends: Indices) -> Indices:
    """The root of each run: runs of neighbouring rows that touch, corners included, share one."""
    parents = list(range(len(rows)))

    def root(run: int) -> int:
        while parents[run] != run:
            parents[run] = parents[parents[run]]
            run = parents[run]
        return run

    row_list, start_list, end_list = rows.tolist(), starts.tolist(), ends.tolist()
    above = 0
    for run, row in enumerate(row_list):
        while above < run and (row_list[above] < row - 1 or _before(above, run, row_list, start_list, end_list)):
            above += 1
        other = above
        while other < run and row_list[other] == row - 1 and start_list[other] <= end_list[run]:
            if end_list[other] >= start_list[run]:
                parents[root(other)] = root(run)
            other += 1
    return np.array([root(run) for run in range(len(parents))], dtype=np.int64)


def _before(above: int, run: int, rows: list[int], starts: list[int], ends: list[int]) -> bool:
    return rows[above] == rows[run] - 1 and ends[above] < starts[run]


def _measured(rows: Indices, starts: Indices, ends: Indices, labels: Indices) -> list[Region]:
    count = int(labels.max()) + 1
    lengths = ends - starts
    area = np.bincount(labels, lengths, count)
    x_sum = np.bincount(labels, lengths * (starts + ends - 1) / 2, count)
    y_sum = np.bincount(labels, lengths * rows, count)
    left, top = np.full(count, np.iinfo(np.int64).max), np.full(count, np.iinfo(np.int64).max)
    right, bottom = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    np.minimum.at(left, labels, starts)
    np.minimum.at(top, labels, rows)
    np.maximum.at(right, labels, ends)
    np.maximum.at(bottom, labels, rows + 1)
    return [
        Region(
            label=one,
            area=int(area[one]),
            left=int(left[one]),
            top=int(top[one]),
            right=int(right[one]),
            bottom=int(bottom[one]),
            centre_x=float(x_sum[one] / area[one]),
            centre_y=float(y_sum[one] / area[one]),
        )
        for one in range(1, count)
    ]
