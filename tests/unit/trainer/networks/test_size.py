"""Hidden layers and units before fitting, and the table of layers."""

import pytest

pytest.importorskip("torch", reason="networks need the extra 'train' (torch), which is not installed")

import torch
from torch import Tensor, nn

from inference.graph import HiddenSize
from tests.unit.trainer.networks.shared import CONTEXT, PICTURES
from trainer.networks.disease import DiseaseNetwork
from trainer.networks.errors import TooSmall
from trainer.networks.layers import layers_of, layers_text
from trainer.networks.size import check_hidden_size, hidden_size
from trainer.networks.trunk import Level, OwnTrunk

ROW = (torch.rand(2, 4),)


def rows(*widths: int) -> nn.Sequential:
    """Linear layers of these widths, on four inputs."""
    pairs = zip((4, *widths), widths, strict=False)
    return nn.Sequential(*(layer for before, after in pairs for layer in (nn.Linear(before, after), nn.ReLU())))


class Idle(nn.Module):
    """Has a layer that its answer does not depend on, and one used twice."""

    def __init__(self) -> None:
        super().__init__()
        self.idle, self.twice, self.last = nn.Linear(4, 900), nn.Linear(4, 4), nn.Linear(4, 3)

    def forward(self, row: Tensor) -> Tensor:
        self.idle(row)
        answer: Tensor = self.last(self.twice(self.twice(row)))
        return answer


def test_too_few_layers_are_refused_before_fitting() -> None:
    with pytest.raises(TooSmall, match=r"9 hidden layers with 900 units; at least 10 and 500"):
        check_hidden_size(rows(*[100] * 9, 3), ROW)


def test_too_few_units_are_refused_before_fitting() -> None:
    with pytest.raises(TooSmall, match="10 hidden layers with 490 units"):
        check_hidden_size(rows(*[49] * 10, 3), ROW)


def test_exactly_enough_is_enough() -> None:
    assert check_hidden_size(rows(*[50] * 10, 3), ROW) == HiddenSize(10, 500)


def test_idle_layers_do_not_count() -> None:
    assert hidden_size(Idle(), ROW) == HiddenSize(2, 8)


def test_a_network_without_weights_has_no_layers() -> None:
    assert hidden_size(nn.ReLU(), ROW) == HiddenSize(0, 0)


def test_both_output_layers_of_the_disease_network_are_no_hidden_ones() -> None:
    network = DiseaseNetwork(OwnTrunk(8, (Level(8, 1),)), 6, 5)
    assert hidden_size(network, (PICTURES, CONTEXT)) == HiddenSize(4, 8 + 8 + 8 + 128)


def test_counting_leaves_modes_and_frozen_weights_as_they_were() -> None:
    network = OwnTrunk(8, (Level(8, 1),)).train()
    network.stages[0].requires_grad_(False).eval()
    counts = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    hidden_size(network, (PICTURES,))
    layers_of(network, (PICTURES,))
    assert network.training
    assert not network.stages[0].training
    assert not any(weights.requires_grad for weights in network.stages[0].parameters())
    assert all(torch.equal(tensor, counts[name]) for name, tensor in network.state_dict().items())


def test_the_table_names_every_layer_with_its_output_and_whether_it_learns() -> None:
    network = DiseaseNetwork(OwnTrunk(8, (Level(8, 1),)), 6, 5)
    network.backbone.requires_grad_(False)
    layers = {layer.name: layer for layer in layers_of(network, (PICTURES, CONTEXT))}
    assert layers["backbone.stages.0.convolution.convolution"].shape == (3, 8, 16, 16)
    assert layers["backbone.stages.0.convolution.convolution"].trainable == 0
    assert layers["head"].trainable == layers["head"].weights == 6 * 129
    text = layers_text(network, (PICTURES, CONTEXT))
    assert "frozen" in text
    assert "4 hidden layers, 152 units" in text
