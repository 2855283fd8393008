"""Small planes over a picture: how they are made of large ones, spread, and laid over it again.

All of it is products with fixed matrices [to, from], one for the rows and one for the columns.
"""

import functools

import numpy as np

from inference.preprocess import Tensor

SIDE = 56
"""Rows and columns of a plane, whatever the picture's shape: a place is a fraction of its height and width."""


@functools.lru_cache(maxsize=32)
def enlarging(size: int, side: int = SIDE) -> Tensor:
    """Give the matrix [size, side] that interpolates between the centres of `side` places, and holds at the ends."""
    position = np.clip((np.arange(size) + 0.5) * side / size - 0.5, 0, side - 1)
    below = np.floor(position).astype(np.intp)
    above = np.minimum(below + 1, side - 1)
    matrix = np.zeros((size, side), np.float32)
    matrix[np.arange(size), below] += 1 - (position - below)
    matrix[np.arange(size), above] += position - below
    return _fixed(matrix)


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


def enlarged(plane: Tensor, height: int, width: int) -> Tensor:
    """Lay a plane [h, w] over a picture: [height, width]."""
    rows, columns = plane.shape
    return across(enlarging(height, rows), plane, enlarging(width, columns))


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
