"""What the tests of networks share."""

import torch
from torch import Tensor, nn

PICTURES = torch.rand(3, 3, 64, 64, generator=torch.Generator().manual_seed(5))
PATCHES = torch.rand(3, 4, 3, 32, 32, generator=torch.Generator().manual_seed(6))
CONTEXT = torch.eye(5)[:3]


def wakened(network: nn.Module) -> nn.Module:
    """Give batch norms and their counts other values than the first ones, so that mistakes show."""
    draws = torch.Generator().manual_seed(9)
    for name, tensor in network.state_dict().items():
        if "norm" in name and tensor.is_floating_point():
            tensor.copy_(torch.rand(tensor.shape, generator=draws) + 0.5)
    return network.eval()


def largest(difference: Tensor) -> float:
    """The largest absolute value."""
    return float(difference.detach().abs().max())
