"""How much detail a picture holds at each of several scales, and how steep its edges are.

Blur takes detail from the finest scales first, and takes the steepness from edges whatever they are edges of. A network
learns both from few examples if it need not learn to measure them. Nothing here is trained.
"""

import torch
from torch import Tensor
from torch.nn import functional

OCTAVES = 5
_DARKEST = 1e-6  # about the square of a quarter of one level of 255: less is no detail

_PAIRS = ((0, 0, 4), (0, 2, 8), (1, 0, 4))  # octave, and the blurs compared: passes of a 2x2 mean, 1/4 px^2 of variance
_POWERS = (1, 2)  # how much more the strong edges say
_FAINTEST = 1e-4  # of a gradient: a fortieth of one level of 255

MEASURES = OCTAVES + len(_PAIRS) * len(_POWERS)
"""How many numbers `sharpness` gives."""


def sharpness(picture: Tensor) -> Tensor:
    """Octaves' energies and edges' steepness [N, MEASURES] of [N, 3, H, W] in 0..1; sides at least 32; float32."""
    grey = picture.float().mean(1, keepdim=True).contiguous()
    return torch.cat([_octave_energies(grey), _edge_steepness(grey)], 1)


def _octave_energies(grey: Tensor) -> Tensor:
    """The log of the mean squared differences, finest scale first."""
    energies = []
    for _ in range(OCTAVES):
        across = (grey[..., 1:] - grey[..., :-1]).square().mean((1, 2, 3))
        down = (grey[..., 1:, :] - grey[..., :-1, :]).square().mean((1, 2, 3))
        energies.append(torch.log(across + down + _DARKEST))
        grey = functional.avg_pool2d(grey, 2)
    return torch.stack(energies, 1)


def _edge_steepness(grey: Tensor) -> Tensor:
    """Mean ratio of the gradients before and after a blur, weighted by the latter: 1 where all is soft already."""
    octaves = [_blurs(grey, 8), _blurs(functional.avg_pool2d(grey, 2), 4)]
    found = []
    for octave, before, after in _PAIRS:
        margin = (after - before) // 2
        fine, coarse = _gradient(octaves[octave][before]), _gradient(octaves[octave][after])
        fine = fine[..., margin : margin + coarse.shape[-2], margin : margin + coarse.shape[-1]]
        for power in _POWERS:
            weight = coarse**power
            found.append((weight * fine / coarse).sum((1, 2, 3)) / weight.sum((1, 2, 3)))
    return torch.stack(found, 1)


def _blurs(grey: Tensor, passes: int) -> list[Tensor]:
    """The picture after 0, 1, .. `passes` means over 2x2 pixels; each is a row and a column smaller."""
    blurred = [grey]
    for _ in range(passes):
        # Sums of shifted pictures: pooling of a single channel at stride 1 takes five times as long.
        rows = blurred[-1][..., 1:, :] + blurred[-1][..., :-1, :]
        blurred.append((rows[..., 1:] + rows[..., :-1]) * 0.25)
    return blurred


def _gradient(grey: Tensor) -> Tensor:
    """Length of the gradient, in units of the faintest, which it is where there is none."""
    across = grey[..., 1:-1, 2:] - grey[..., 1:-1, :-2]
    down = grey[..., 2:, 1:-1] - grey[..., :-2, 1:-1]
    # In units of the faintest: the exporter to ONNX drops what is added where it is below 1e-8, and 0 / 0 is left.
    return torch.sqrt((across / _FAINTEST).square() + (down / _FAINTEST).square() + 1)
