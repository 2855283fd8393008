"""The networks: compact, residual, depthwise separable, trained from scratch.

Shapes: N pictures, C classes, D numbers of embedding, K of context, P patches of h x w. Pictures come in as
inference hands them over (float32, 0..1) and are centred inside, so that the exported file needs no recipe beside it.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

_MEAN, _SPREAD = 0.5, 0.25  # of the samples, roughly; batch norm does the rest
_DARKEST = 1e-6  # about the square of a quarter of one level of 255: less is no detail


@dataclass(frozen=True, slots=True)
class Stage:
    """`blocks` residual blocks of `width` channels; the first halves the picture's side."""

    width: int
    blocks: int


SUITABILITY_STAGES = (Stage(32, 2), Stage(64, 2), Stage(128, 3), Stage(192, 2))
PATCH_STAGES = (Stage(24, 1), Stage(48, 2), Stage(96, 1))
DISEASE_STAGES = (Stage(48, 2), Stage(96, 2), Stage(192, 3), Stage(256, 2))


class SeparableBlock(nn.Module):
    """Depthwise 3x3, then 1x1, each with batch norm; adds its input where shape allows."""

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(before, before, 3, stride, 1, groups=before, bias=False)
        self.depthwise_norm = nn.BatchNorm2d(before)
        self.pointwise = nn.Conv2d(before, after, 1, bias=False)
        self.pointwise_norm = nn.BatchNorm2d(after)
        self.residual = stride == 1 and before == after

    def forward(self, features: Tensor) -> Tensor:
        """Map [N, before, H, W] to [N, after, H/stride, W/stride]."""
        inner = functional.relu(self.depthwise_norm(self.depthwise(features)))
        outer: Tensor = self.pointwise_norm(self.pointwise(inner))
        return functional.relu(outer + features) if self.residual else functional.relu(outer)


class Trunk(nn.Module):
    """From a picture [N, 3, H, W] in 0..1 to a map of features, or their mean [N, width]."""

    def __init__(self, stem: int, stages: tuple[Stage, ...]) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, stem, 3, 2, 1, bias=False)
        self.stem_norm = nn.BatchNorm2d(stem)
        blocks: list[nn.Module] = []
        before = stem
        for stage in stages:
            for index in range(stage.blocks):
                blocks.append(SeparableBlock(before, stage.width, 2 if index == 0 else 1))
                before = stage.width
        self.blocks = nn.Sequential(*blocks)
        self.width = before

    def features(self, picture: Tensor) -> Tensor:
        """Give the last feature map [N, width, H', W']."""
        centred = (picture - _MEAN) / _SPREAD
        features: Tensor = self.blocks(functional.relu(self.stem_norm(self.stem(centred))))
        return features

    def forward(self, picture: Tensor) -> Tensor:
        """Give the mean of the last feature map over the picture."""
        return torch.flatten(functional.adaptive_avg_pool2d(self.features(picture), 1), 1)


class Sharpness(nn.Module):
    """How much detail a picture holds at each of `OCTAVES` scales: the log of its mean squared differences.

    Blur takes detail from the finest scales first; a network learns that from few examples if it need not learn to
    measure it. Normalised over the batch, so that scales and light compare.
    """

    OCTAVES = 5

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(self.OCTAVES)

    def forward(self, picture: Tensor) -> Tensor:
        """Give [N, OCTAVES], finest first, of [N, 3, H, W]; H and W at least 32."""
        grey = picture.mean(1, keepdim=True)
        energies = []
        for _ in range(self.OCTAVES):
            across = (grey[..., 1:] - grey[..., :-1]).square().mean((1, 2, 3))
            down = (grey[..., 1:, :] - grey[..., :-1, :]).square().mean((1, 2, 3))
            energies.append(torch.log(across + down + _DARKEST))
            grey = functional.avg_pool2d(grey, 2)
        normal: Tensor = self.norm(torch.stack(energies, 1))
        return normal


class SuitabilityNetwork(nn.Module):
    """Looks at the whole picture, and at patches of it at native resolution, where focus shows.

    The whole picture is pooled by mean and by maximum: a watermark may sit in one corner.
    """

    def __init__(self, classes: int, hidden: int = 96, dropout: float = 0.2) -> None:
        super().__init__()
        self.whole = Trunk(24, SUITABILITY_STAGES)
        self.patch = Trunk(16, PATCH_STAGES)
        self.whole_sharpness = Sharpness()
        self.patch_sharpness = Sharpness()
        of_patch = self.patch.width + Sharpness.OCTAVES
        self.hidden = nn.Linear(2 * self.whole.width + Sharpness.OCTAVES + 2 * of_patch, hidden)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(hidden, classes)

    def forward(self, image: Tensor, patches: Tensor) -> Tensor:
        """Logits [N, C] of `image` [N, 3, H, W] and `patches` [N, P, 3, h, w]; patches pooled by mean and max."""
        each = patches.flatten(0, 1)
        of_each = torch.cat([self.patch(each), self.patch_sharpness(each)], 1)
        of_patches = of_each.reshape(-1, patches.shape[1], of_each.shape[1])
        of_whole = self.whole.features(image)
        pooled = (of_whole.mean((2, 3)), of_whole.amax((2, 3)), of_patches.mean(1), of_patches.amax(1))
        seen = torch.cat([*pooled, self.whole_sharpness(image)], 1)
        logits: Tensor = self.head(self.dropout(functional.relu(self.hidden(seen))))
        return logits


class DiseaseNetwork(nn.Module):
    """Ranks diseases from the whole picture; what is known of the patient is added late, as further logits.

    The embedding is of the picture alone, so that reference pictures without a patient compare fairly. Context of
    all zeros is "unknown" and adds exactly nothing.
    """

    def __init__(self, classes: int, context: int, embedding: int = 128, dropout: float = 0.3) -> None:
        super().__init__()
        self.trunk = Trunk(32, DISEASE_STAGES)
        self.embed = nn.Linear(self.trunk.width, embedding)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(embedding, classes)
        self.context = nn.Linear(context, classes, bias=False)

    def forward(self, image: Tensor, context: Tensor) -> Tensor:
        """Logits [N, C] of `image` [N, 3, H, W] and `context` [N, K]."""
        return self.answer(image, context)[0]

    def answer(self, image: Tensor, context: Tensor) -> tuple[Tensor, Tensor]:
        """Logits [N, C] and the embedding [N, D] of unit length."""
        inner = self.embed(self.trunk(image))
        logits = self.head(self.dropout(functional.relu(inner))) + self.context(context)
        return logits, functional.normalize(inner, dim=1)
