"""How soft a photo is, from its measured sharpness and from nothing else.

What a photo shows tells nothing of its focus. A network that may use all it sees learns by heart how each made fault
looks, and finds half of what this finds when the faults are made by others, or real.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from trainer.networks.sharpness import MEASURES

_HIDDEN = 32


class Softness(nn.Module):
    """A small network on the sharpness of the whole picture and of its patches."""

    def __init__(self, dropout: float = 0.2) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(3 * MEASURES)
        self.hidden = nn.Linear(3 * MEASURES, _HIDDEN)
        self.dropout = nn.Dropout(dropout)
        self.logit = nn.Linear(_HIDDEN, 1)

    def forward(self, whole: Tensor, patches: Tensor) -> Tensor:
        """The logit [N, 1] of being soft, of the measures of the pictures [N, M] and of their patches [N, P, M]."""
        measures = torch.cat([whole, patches.mean(1), patches.amax(1)], 1)
        logit: Tensor = self.logit(self.dropout(functional.relu(self.hidden(self.norm(measures)))))
        return logit
