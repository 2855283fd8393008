"""The network that says whether a photo can be used, and what is wrong with it."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from trainer.networks.backbone import Backbone
from trainer.networks.pooling import PatchPooling
from trainer.networks.sharpness import OCTAVES, Sharpness, octave_energies
from trainer.networks.staged import StagedNetwork
from trainer.networks.trunk import PATCH_LEVELS, OwnTrunk

_PATCH_STEM = 24


class SuitabilityNetwork(StagedNetwork):
    """Looks at the whole picture, and at patches of it at native resolution, where focus shows.

    The whole picture is pooled by mean and by maximum: a watermark may sit in one corner. The trunk of the patches
    is our own and fitted from scratch whatever the backbone is.
    """

    def __init__(self, backbone: Backbone, classes: int, hidden: int = 96, dropout: float = 0.2) -> None:
        super().__init__()
        self.backbone = backbone
        self.patch = OwnTrunk(_PATCH_STEM, PATCH_LEVELS, "patches")
        self.whole_sharpness = Sharpness()
        self.patch_sharpness = Sharpness()
        self.pooling = PatchPooling(self.patch.width + OCTAVES)
        self.hidden = nn.Linear(2 * backbone.width + OCTAVES + self.pooling.width, hidden)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(hidden, classes)

    def before(self, cut: int, *inputs: Tensor) -> tuple[Tensor, ...]:
        """Give features at the cut, the whole picture's energies [N, 5], and the patches as they are."""
        image, patches = inputs
        features = self.backbone.begin(image, cut)
        if cut == self.cuts:
            features = _mean_and_maximum(self.backbone.finish(features, cut))
        return features, octave_energies(image), patches

    def after(self, cut: int, *kept: Tensor) -> Tensor:
        """Logits [N, C] of what `before` gave at the cut."""
        features, energies, patches = kept
        of_whole = features if cut == self.cuts else _mean_and_maximum(self.backbone.finish(features, cut))
        seen = torch.cat([of_whole.float(), self.whole_sharpness(energies), self._of_patches(patches)], 1)
        logits: Tensor = self.head(self.dropout(functional.relu(self.hidden(seen))))
        return logits

    def forward(self, image: Tensor, patches: Tensor) -> Tensor:
        """Logits [N, C] of `image` [N, 3, H, W] and `patches` [N, P, 3, h, w]; all sides at least 32."""
        return self.after(0, *self.before(0, image, patches))

    def _of_patches(self, patches: Tensor) -> Tensor:
        each = patches.flatten(0, 1)
        of_each = torch.cat(
            [self.patch(each).mean((2, 3)).float(), self.patch_sharpness(octave_energies(each))],
            1,
        )
        pooled: Tensor = self.pooling(of_each.reshape(-1, patches.shape[1], of_each.shape[1]))
        return pooled.float()


def _mean_and_maximum(features: Tensor) -> Tensor:
    return torch.cat([features.mean((2, 3)), features.amax((2, 3))], 1)
