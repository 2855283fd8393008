"""How much detail a picture holds at each of several scales."""

import torch
from torch import Tensor
from torch.nn import functional

OCTAVES = 5
_DARKEST = 1e-6  # about the square of a quarter of one level of 255: less is no detail


def octave_energies(picture: Tensor) -> Tensor:
    """The log of the mean squared differences [N, OCTAVES], finest scale first, of [N, 3, H, W]; sides at least 32."""
    grey = picture.float().mean(1, keepdim=True)
    energies = []
    for _ in range(OCTAVES):
        across = (grey[..., 1:] - grey[..., :-1]).square().mean((1, 2, 3))
        down = (grey[..., 1:, :] - grey[..., :-1, :]).square().mean((1, 2, 3))
        energies.append(torch.log(across + down + _DARKEST))
        grey = functional.avg_pool2d(grey, 2)
    return torch.stack(energies, 1)
