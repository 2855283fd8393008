"""Gaussian blur and gradients in plain numpy; Pillow's blur works on 8 bits, which drowns soft edges in steps."""

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def gaussian_kernel(sigma: float) -> Floats:
    """Weights of a Gaussian of standard deviation `sigma` pixels, out to 3 of them; their sum is 1."""
    reach = max(1, math.ceil(3 * sigma))
    steps = np.arange(-reach, reach + 1)
    weights = np.exp(-(steps**2) / (2 * max(sigma, 0.1) ** 2))
    return np.asarray(weights / weights.sum(), dtype=np.float32)


def gaussian(plane: Floats, sigma: float) -> Floats:
    """Blur [H, W] by `sigma` pixels, mirrored at the edges."""
    kernel = gaussian_kernel(sigma)
    return _along_columns(_along_columns(plane, kernel).T, kernel).T


def gradient_energy(plane: Floats) -> Floats:
    """Squared gradient [H, W] of [H, W] by central differences, per pixel; the outermost rows and columns are 0."""
    energy = np.zeros_like(plane)
    across = plane[1:-1, 2:] - plane[1:-1, :-2]
    down = plane[2:, 1:-1] - plane[:-2, 1:-1]
    energy[1:-1, 1:-1] = (across * across + down * down) / 4
    return energy


def _along_columns(plane: Floats, kernel: Floats) -> Floats:
    reach = len(kernel) // 2
    padded = np.pad(plane, ((reach, reach), (0, 0)), mode="symmetric")
    rows = plane.shape[0]
    total = kernel[reach] * padded[reach : reach + rows]
    for step in range(reach):
        total += kernel[step] * (padded[step : step + rows] + padded[2 * reach - step : 2 * reach - step + rows])
    return np.ascontiguousarray(total)
