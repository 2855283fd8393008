"""Finding hashes that differ in few bits without comparing all with all (Norouzi 2012, multi-index hashing).

Hashes that differ in at most 7 of 64 bits differ in at most one bit of at least one of their four quarters. So each
quarter is an index of 65 536 drawers, and only what lies in the 17 drawers within one bit is looked at.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from trainer.photos.errors import BadLabels
from trainer.photos.perceptual import Hashes, distances

REACH = 7
"""Most bits in which hashes that are found may differ: two a quarter would be needed for more."""
MAX_CANDIDATES = 400_000_000
_QUARTERS = 4
_QUARTER_BITS = 16
_WITHIN_ONE_BIT = (0, *(1 << bit for bit in range(_QUARTER_BITS)))
_AT_ONCE = 2_000_000

Pairs = NDArray[np.int64]


def close_pairs(hashes: Hashes) -> Pairs:
    """Pairs int64 [P, 2], first < second, each once and in order, of rows of `hashes` [N, V] within REACH.

    Any variant of the first row counts against variant 0 of the second, which finds every turned copy because
    turning is a group. Raises BadLabels where so many rows are alike that MAX_CANDIDATES is passed.
    """
    found = [np.empty((0, 2), np.int64)]
    seen = 0
    for quarter in range(_QUARTERS):
        drawers = _Drawers(_quarter(hashes[:, 0], quarter))
        for variant in range(hashes.shape[1]):
            for flip in _WITHIN_ONE_BIT:
                for rows, others in drawers.lookup(_quarter(hashes[:, variant], quarter) ^ flip):
                    seen += len(rows)
                    if seen > MAX_CANDIDATES:
                        raise BadLabels("too many of the photos look alike to be told apart")
                    later = others > rows
                    rows, others = rows[later], others[later]  # noqa: PLW2901 - narrowed in two steps
                    near = distances(hashes[rows, variant], hashes[others, 0]) <= REACH
                    found.append(np.stack([rows[near], others[near]], axis=1))
    return np.unique(np.concatenate(found), axis=0)


class _Drawers:
    """Rows by the 16-bit key of one quarter."""

    def __init__(self, keys: NDArray[np.int64]) -> None:
        self._rows = np.argsort(keys, kind="stable")
        self._starts = np.searchsorted(keys[self._rows], np.arange(2**_QUARTER_BITS + 1))

    def lookup(self, keys: NDArray[np.int64]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """(asking row, row found) for every row in the drawer of each key, in portions that fit into memory."""
        starts = self._starts[keys]
        counts = self._starts[keys + 1] - starts
        ends = np.cumsum(counts)
        portion = ends // _AT_ONCE
        for number in np.unique(portion[counts > 0]):
            asking = np.flatnonzero((portion == number) & (counts > 0))
            many = counts[asking]
            within = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
            yield np.repeat(asking, many), self._rows[np.repeat(starts[asking], many) + within]


def _quarter(hashes: Hashes, quarter: int) -> NDArray[np.int64]:
    shift = np.uint64(_QUARTER_BITS * quarter)
    return ((hashes >> shift) & np.uint64(2**_QUARTER_BITS - 1)).astype(np.int64)
