"""Our own trunk, fitted from scratch: plain 3x3 convolutions in residual pairs.

Plain rather than depthwise: matrix units of today's processors (AMX, tensor cores) take them at full speed, so a step
costs half of what the separable net of the same accuracy costs, and inference stays below 10 ms on one core.
"""

from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn import functional

from trainer.networks.backbone import Backbone, Origin

_FROM_SCRATCH = Origin("own", pretrained=False)
_MEAN, _SPREAD = 0.5, 0.25  # of the samples, roughly; batch norm does the rest


@dataclass(frozen=True, slots=True)
class Level:
    """`blocks` residual blocks of `width` channels; the first halves the map's side."""

    width: int
    blocks: int


LEVELS = (Level(64, 2), Level(128, 2), Level(256, 1))
PATCH_LEVELS = (Level(32, 1), Level(64, 1))


class NormalConvolution(nn.Module):
    """A convolution that keeps the map's side (divided by the stride), with its batch norm."""

    def __init__(self, before: int, after: int, side: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(before, after, side, stride, side // 2, bias=False)
        self.norm = nn.BatchNorm2d(after)
        nn.init.kaiming_normal_(self.convolution.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, features: Tensor) -> Tensor:
        """Map [N, before, H, W] to [N, after, H/stride, W/stride]."""
        normal: Tensor = self.norm(self.convolution(features))
        return normal


class Stem(nn.Module):
    """From a picture to a map of a quarter of its side, in one wide step.

    Maps of half the side would hold two thirds of all numbers and take as much of the time, nearly all of it to move
    them through memory.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.convolution = NormalConvolution(3, width, side=7, stride=4)

    def forward(self, picture: Tensor) -> Tensor:
        """Map [N, 3, H, W] to [N, width, H/4, W/4]."""
        return functional.relu(self.convolution(picture))


class ResidualBlock(nn.Module):
    """Two convolutions and a way around them; where the side halves, that way is a mean and a 1x1 convolution."""

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.first = NormalConvolution(before, after, stride=stride)
        self.second = NormalConvolution(after, after)
        nn.init.zeros_(self.second.norm.weight)  # a new block changes nothing; depth is learned from there
        around: list[nn.Module] = [nn.AvgPool2d(stride, ceil_mode=True)] if stride > 1 else []
        if before != after:
            around.append(NormalConvolution(before, after, side=1))
        self.around = nn.Sequential(*around)

    def forward(self, features: Tensor) -> Tensor:
        """Map [N, before, H, W] to [N, after, H/stride, W/stride], sides rounded up."""
        inner = self.second(functional.relu(self.first(features)))
        return functional.relu(inner + self.around(features))


def residual_stages(stem: int, levels: tuple[Level, ...]) -> list[nn.Module]:
    """A stem and the blocks of the levels, in order."""
    stages: list[nn.Module] = [Stem(stem)]
    before = stem
    for level in levels:
        for index in range(level.blocks):
            stages.append(ResidualBlock(before, level.width, 2 if index == 0 else 1))
            before = level.width
    return stages


class OwnTrunk(Backbone):
    """The trunk that needs nothing from elsewhere."""

    def __init__(self, stem: int = 48, levels: tuple[Level, ...] = LEVELS, origin: Origin = _FROM_SCRATCH) -> None:
        super().__init__(origin, residual_stages(stem, levels), levels[-1].width)

    def normalised(self, picture: Tensor) -> Tensor:
        """Centre samples of 0..1."""
        return (picture - _MEAN).div_(_SPREAD)  # in place: fresh memory of that size costs as much as the sum
