"""Small planes over a picture: how they are made of large ones, spread, and laid over it again.

Products of matrices stay small ones here: of larger ones the numerical library makes the work of several threads, which
take cores from the photos that are judged.
"""

import functools

import numpy as np
from numpy.typing import NDArray

from inference.preprocess import Tensor

Places = NDArray[np.intp]

SIDE = 56
"""Rows and columns of a plane, whatever the picture's shape: a place is a fraction of its height and width."""


@functools.lru_cache(maxsize=8)
def reducing(size: int) -> Tensor:
    """Give the matrix [SIDE, size] that averages over the pixels of each place, the cut ones by their share."""
    edges = np.linspace(0, size, SIDE + 1)
    starts = np.arange(size)
    shares = np.minimum(edges[1:, None], starts + 1) - np.maximum(edges[:-1, None], starts)
    return _fixed((np.clip(shares, 0, None) * SIDE / size).astype(np.float32))


@functools.lru_cache(maxsize=8)
def spreading(sigma: float) -> Tensor:
    """Give the matrix [SIDE, SIDE] of a Gaussian of `sigma` places; its rows are not normalised."""
    away = np.arange(SIDE)[:, None] - np.arange(SIDE)[None, :]
    return _fixed(np.exp(-0.5 * (away / sigma) ** 2).astype(np.float32))


def enlarged(planes: Tensor, height: int, width: int) -> Tensor:
    """Lay planes [..., h, w] over a picture, straight lines between their centres: [..., height, width]."""
    return _between(_between(planes, height, -2), width, -1)


def _between(planes: Tensor, size: int, axis: int) -> Tensor:
    below, above, share = _neighbours(size, planes.shape[axis])
    low, high = np.take(planes, below, axis), np.take(planes, above, axis)
    high -= low
    high *= share[:, None] if axis == -2 else share
    high += low
    return high


@functools.lru_cache(maxsize=32)
def _neighbours(size: int, side: int) -> tuple[Places, Places, Tensor]:
    """Between which of `side` places each of `size` lies, and how far on; the ends are held."""
    position = np.clip((np.arange(size) + 0.5) * side / size - 0.5, 0, side - 1)
    below = np.floor(position).astype(np.intp)
    return below, np.minimum(below + 1, side - 1), (position - below).astype(np.float32)


def smoothed(planes: Tensor, sigma: float) -> Tensor:
    """Average planes [..., SIDE, SIDE] with a Gaussian of `sigma` places, at the edges over what there is."""
    matrix = spreading(sigma)
    shares: Tensor = matrix / matrix.sum(1, keepdims=True)
    return across(shares, planes, shares)


def across(rows: Tensor, planes: Tensor, columns: Tensor) -> Tensor:
    """Apply a matrix to the rows and one to the columns of planes [..., h, w]."""
    product: Tensor = np.matmul(np.matmul(rows, planes), columns.T)
    return product


def _fixed(matrix: Tensor) -> Tensor:
    matrix.flags.writeable = False
    return matrix
