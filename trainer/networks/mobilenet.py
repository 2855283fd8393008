"""MobileNetV2 (Sandler et al. 2018, width 1.0) with batch norm folded into its convolutions, from a state dict.

The file is the one named in the shared weights' README: float32 tensors, TensorFlow's "SAME" padding, samples of
-1..1, ReLU6 behind every convolution but `project`. It has no batch norm: fit it with a small learning rate.
"""

from typing import NamedTuple

from torch import Tensor, nn
from torch.nn import functional

from trainer.networks.backbone import Backbone, Origin

WIDTH = 1280
CLASSIFIER = {"classifier.weight": (1001, WIDTH), "classifier.bias": (1001,)}
"""Tensors of the file that are of no use here: ImageNet's own classes."""


class _Row(NamedTuple):
    """One row of table 2 of the paper: `blocks` blocks of `width`, the first with `stride`."""

    expansion: int
    width: int
    blocks: int
    stride: int


_ROWS = (
    _Row(1, 16, 1, 1),
    _Row(6, 24, 2, 2),
    _Row(6, 32, 3, 2),
    _Row(6, 64, 4, 2),
    _Row(6, 96, 3, 1),
    _Row(6, 160, 3, 2),
    _Row(6, 320, 1, 1),
)


class SameConvolution(nn.Conv2d):
    """A 3x3 convolution padded as TensorFlow's "SAME": at stride 2 on an even side only right and bottom are."""

    def __init__(self, before: int, after: int, stride: int, groups: int = 1) -> None:
        super().__init__(before, after, 3, stride, padding=1 if stride == 1 else 0, groups=groups)

    def forward(self, features: Tensor) -> Tensor:
        """Map [N, before, H, W] to [N, after, ceil(H/stride), ceil(W/stride)]."""
        if self.stride[0] == 1:
            return super().forward(features)
        height, width = features.shape[-2:]
        top, left = height % 2, width % 2  # an odd side is padded on both ends
        return super().forward(functional.pad(features, (left, 1, top, 1)))


class InvertedResidual(nn.Module):
    """Expand, look around within each channel, project; adds its input where shape allows."""

    def __init__(self, before: int, after: int, stride: int, expansion: int) -> None:
        super().__init__()
        inner = before * expansion
        self.expand = nn.Conv2d(before, inner, 1) if expansion > 1 else None
        self.dw = SameConvolution(inner, inner, stride, groups=inner)
        self.project = nn.Conv2d(inner, after, 1)
        self.residual = stride == 1 and before == after

    def forward(self, features: Tensor) -> Tensor:
        """Map [N, before, H, W] to [N, after, H/stride, W/stride]."""
        inner = features if self.expand is None else functional.relu6(self.expand(features))
        outer: Tensor = self.project(functional.relu6(self.dw(inner)))
        return features + outer if self.residual else outer


def _stages() -> dict[str, nn.Module]:
    """Every stage under the prefix its tensors have in the file."""
    stages: dict[str, nn.Module] = {"stem": nn.Sequential(SameConvolution(3, 32, 2), nn.ReLU6())}
    before = 32
    for row in _ROWS:
        for index in range(row.blocks):
            block = InvertedResidual(before, row.width, row.stride if index == 0 else 1, row.expansion)
            stages[f"blocks.{len(stages) - 1}"] = block
            before = row.width
    return stages | {"head": nn.Sequential(nn.Conv2d(before, WIDTH, 1), nn.ReLU6())}


class FoldedMobileNetV2(Backbone):
    """The whole network up to the 1280-channel map before its mean; 19 stages: stem, 17 blocks, head."""

    def __init__(self, origin: Origin) -> None:
        stages = _stages()
        super().__init__(origin, list(stages.values()), WIDTH)
        self._prefixes = tuple(stages)

    def normalised(self, picture: Tensor) -> Tensor:
        """Scale samples of 0..1 to -1..1."""
        return picture * 2 - 1

    def names_in_file(self) -> dict[str, str]:
        """The name of each of this network's own tensors -> its name in the file."""
        return {own: self._name_in_file(own) for own in self.state_dict()}

    def _name_in_file(self, own: str) -> str:
        _, index, rest = own.split(".", 2)
        return f"{self._prefixes[int(index)]}.{rest.removeprefix('0.')}"
