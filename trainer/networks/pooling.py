"""From several places of a picture to one answer."""

import torch
from torch import Tensor, nn


class PatchPooling(nn.Module):
    """The mean, the maximum and a weighing by attention over the patches of a photo; their order does not matter.

    One sharp patch says that the photo is in focus somewhere; the mean alone would drown it among smooth skin, and
    the maximum alone takes each feature from another patch. Attention lets one patch speak as a whole.
    """

    def __init__(self, features: int) -> None:
        super().__init__()
        self.width = 3 * features
        self.importance = nn.Linear(features, 1)

    def forward(self, patches: Tensor) -> Tensor:
        """Pool [N, P, F] to [N, 3 F]."""
        share = torch.softmax(self.importance(patches), 1)
        return torch.cat([patches.mean(1), patches.amax(1), (share * patches).sum(1)], 1)
