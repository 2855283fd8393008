"""Small changes to a batch that leave its labels true: turned, mirrored, scaled, tinted."""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional


def turned(batch: Tensor, rng: np.random.Generator) -> Tensor:
    """Each of [N, ..., H, H] mirrored or turned by quarters, one way for the whole batch (cheap, exact)."""
    if rng.random() < 0.5:
        batch = batch.flip(-1)
    return torch.rot90(batch, int(rng.integers(4)), (-2, -1))


def moved(images: Tensor, rng: np.random.Generator, strength: float = 1.0) -> Tensor:
    """Each of [N, 3, H, W] turned by any angle, scaled, stretched to either side and shifted, differently."""
    count = len(images)
    angle = rng.uniform(-np.pi, np.pi, count)
    scale = np.exp(rng.uniform(-0.25, 0.2, count) * strength)
    stretch = np.exp(rng.uniform(-0.15, 0.15, count) * strength)
    matrix = np.empty((count, 2, 3), dtype=np.float32)
    matrix[:, 0, 0], matrix[:, 0, 1] = np.cos(angle) * scale * stretch, -np.sin(angle) * scale * stretch
    matrix[:, 1, 0], matrix[:, 1, 1] = np.sin(angle) * scale / stretch, np.cos(angle) * scale / stretch
    matrix[:, :, 2] = rng.uniform(-0.12, 0.12, (count, 2)) * strength
    grid = functional.affine_grid(torch.from_numpy(matrix), list(images.shape), align_corners=False)
    return functional.grid_sample(images, grid, padding_mode="reflection", align_corners=False)


def tinted(images: Tensor, rng: np.random.Generator, strength: float = 1.0) -> Tensor:
    """Each of [N, 3, H, W] in slightly other light: brightness, white balance, contrast."""
    shape = (len(images), 3, 1, 1)
    gain = np.exp(rng.normal(0, 0.06 * strength, shape) + rng.normal(0, 0.1 * strength, (len(images), 1, 1, 1)))
    contrast = np.exp(rng.normal(0, 0.1 * strength, (len(images), 1, 1, 1)))
    mean = images.mean((2, 3), keepdim=True)
    changed = (images - mean) * torch.from_numpy(contrast.astype(np.float32)) + mean
    return (changed * torch.from_numpy(gain.astype(np.float32))).clamp(0, 1)
