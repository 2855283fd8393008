"""Our own trunk and the folded MobileNetV2: stages, cuts, padding, input."""

from collections.abc import Callable

import pytest

pytest.importorskip("torch", reason="networks need the extra 'train' (torch), which is not installed")

import torch
from torch.nn import functional

from tests.unit.trainer.networks.shared import PICTURES, largest, wakened
from trainer.networks.backbone import Backbone, Origin
from trainer.networks.mobilenet import FoldedMobileNetV2, SameConvolution
from trainer.networks.opening import open_backbone
from trainer.networks.trunk import OwnTrunk, ResidualBlock

BACKBONES = (OwnTrunk, lambda: FoldedMobileNetV2(Origin("random", pretrained=True)))


@pytest.mark.parametrize("spec", [None, "own"])
def test_nothing_named_opens_our_own_trunk_which_is_not_pretrained(spec: str | None) -> None:
    backbone = open_backbone(spec)
    assert backbone.name == "own"
    assert not backbone.pretrained
    assert backbone.origin.sha256 is None


@pytest.mark.parametrize("build", BACKBONES)
def test_every_cut_gives_what_the_whole_backbone_gives(build: Callable[[], Backbone]) -> None:
    backbone = wakened(build())
    assert isinstance(backbone, Backbone)
    whole = backbone(PICTURES)
    assert whole.shape == (3, backbone.width, 2, 2)
    for cut in range(len(backbone.stages) + 1):
        assert torch.equal(backbone.finish(backbone.begin(PICTURES, cut), cut), whole)


@pytest.mark.parametrize("side", [32, 33, 47])
def test_odd_sides_round_up(side: int) -> None:
    assert OwnTrunk().eval()(torch.rand(1, 3, side, side)).shape[-1] == -(-side // 32)


def test_a_new_block_that_keeps_its_shape_changes_nothing_but_signs() -> None:
    block = ResidualBlock(8, 8, 1).eval()
    features = torch.randn(2, 8, 6, 6)
    assert torch.equal(block(features), functional.relu(features))


@pytest.mark.parametrize(("side", "top"), [(6, 0), (7, 1)])
def test_stride_two_pads_as_tensorflow_does(side: int, top: int) -> None:
    """Even sides: right and bottom only; odd sides: both ends (TensorFlow's "SAME")."""
    convolution = SameConvolution(1, 1, 2).eval()
    picture = torch.rand(1, 1, side, side)
    padded = functional.pad(picture, (top, 1, top, 1))
    expected = functional.conv2d(padded, convolution.weight, convolution.bias, stride=2)
    assert torch.equal(convolution(picture), expected)
    assert expected.shape[-1] == -(-side // 2)


def test_mobilenet_takes_minus_one_to_one() -> None:
    normal = FoldedMobileNetV2(Origin("random", pretrained=True)).normalised(torch.tensor([0.0, 0.5, 1.0]))
    assert normal.tolist() == [-1, 0, 1]


def test_mobilenet_has_nineteen_stages_and_names_its_tensors_as_the_file_does() -> None:
    network = FoldedMobileNetV2(Origin("random", pretrained=True))
    names = set(network.names_in_file().values())
    assert len(network.stages) == 19
    assert len(names) == 104
    assert {"stem.weight", "blocks.0.dw.bias", "blocks.16.project.weight", "head.bias"} <= names
    assert "blocks.0.expand.weight" not in names


def test_channels_last_pictures_give_the_same_map() -> None:
    backbone = wakened(OwnTrunk())
    turned = PICTURES.contiguous(memory_format=torch.channels_last)
    assert largest(backbone(turned) - backbone(PICTURES)) < 1e-4
