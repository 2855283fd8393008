"""The network that says whether a photo can be used, and what is wrong with it."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from trainer.networks.backbone import Backbone
from trainer.networks.levels import NUMBERS, levels_of, numbers_of
from trainer.networks.pooling import PatchPooling
from trainer.networks.sharpness import MEASURES, sharpness
from trainer.networks.softness import Softness
from trainer.networks.staged import StagedNetwork
from trainer.networks.trunk import PATCH_LEVELS, OwnTrunk

_PATCH_STEM = 24


class SuitabilityNetwork(StagedNetwork):
    """Looks at the whole picture at each of the backbone's resolutions, and at patches of it at native resolution.

    The trunk of the patches is our own and fitted from scratch whatever the backbone is. All that was measured is
    normalised over the batch before the last two layers: means, spreads and energies of all sizes then compare.
    The logit of the class `soft` comes from the sharpness alone, those of the others from everything.
    """

    def __init__(self, backbone: Backbone, classes: int, soft: int, hidden: int = 128, dropout: float = 0.3) -> None:
        super().__init__()
        self.backbone = backbone
        self.levels = levels_of(backbone)
        self.patch = OwnTrunk(_PATCH_STEM, PATCH_LEVELS)
        self.pooling = PatchPooling(self.patch.width + MEASURES)
        on_the_way = NUMBERS * sum(level.width for level in self.levels)
        measured = on_the_way + 2 * backbone.width + MEASURES + self.pooling.width
        self.norm = nn.BatchNorm1d(measured)
        self.hidden = nn.Linear(measured, hidden)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(hidden, classes - 1)
        self.softness = Softness()
        self.soft = soft

    def before(self, cut: int, *inputs: Tensor) -> tuple[Tensor, ...]:
        """Give features at the cut, what was read of the maps before it, the patches, and the sharpness of both.

        `inputs` are those of `forward`, and optionally what `measured` gives of them, where it is known already.
        """
        image, patches, *known = inputs
        features = image if cut == 0 else self.backbone.normalised(image)
        features, read = self._walk(features, 0, cut)
        if cut == self.cuts:
            features = _mean_and_maximum(self.backbone.as_map(features))
        return features, read, patches, *(known or measured(image, patches))

    def after(self, cut: int, *kept: Tensor) -> Tensor:
        """Logits [N, C] of what `before` gave at the cut."""
        features, read, patches, sharp, sharp_patches = kept
        if cut < self.cuts:
            features, more = self._walk(self.backbone.normalised(features) if cut == 0 else features, cut, self.cuts)
            features, read = _mean_and_maximum(self.backbone.as_map(features)), torch.cat([read, more], 1)
        seen = torch.cat([read, features.float(), sharp, self._of_patches(patches, sharp_patches)], 1)
        inner = functional.relu(self.hidden(self.dropout(self.norm(seen))))
        others, soft = self.head(self.dropout(inner)), self.softness(sharp, sharp_patches)
        return torch.cat([others[:, : self.soft], soft, others[:, self.soft :]], 1)

    @property
    def classes(self) -> int:
        """How many logits it gives."""
        return self.head.out_features + 1

    def forward(self, image: Tensor, patches: Tensor) -> Tensor:
        """Logits [N, C] of `image` [N, 3, H, W] and `patches` [N, P, 3, h, w]; all sides at least 32."""
        return self.after(0, *self.before(0, image, patches))

    def _walk(self, features: Tensor, start: int, stop: int) -> tuple[Tensor, Tensor]:
        """Through the backbone's stages from one cut to another, reading the maps at the levels passed."""
        cuts = {level.cut for level in self.levels}
        read = [features.new_zeros((len(features), 0), dtype=torch.float32)]
        for cut in range(start + 1, stop + 1):
            features = self.backbone.stages[cut - 1](features)
            if cut in cuts:
                read.append(numbers_of(features))
        return features, torch.cat(read, 1)

    def _of_patches(self, patches: Tensor, sharp: Tensor) -> Tensor:
        features = self.patch(patches.flatten(0, 1)).mean((2, 3)).float()
        of_each = torch.cat([features.reshape(*patches.shape[:2], -1), sharp], 2)
        pooled: Tensor = self.pooling(of_each)
        return pooled.float()


def measured(image: Tensor, patches: Tensor) -> tuple[Tensor, Tensor]:
    """The sharpness [N, M] of `image` [N, 3, H, W], and [N, P, M] of `patches` [N, P, 3, h, w].

    Neither mirroring nor turning by quarters changes it, where all sides can be halved four times.
    """
    return sharpness(image), sharpness(patches.flatten(0, 1)).reshape(*patches.shape[:2], -1)


def _mean_and_maximum(features: Tensor) -> Tensor:
    return torch.cat([features.mean((2, 3)), features.amax((2, 3))], 1)
