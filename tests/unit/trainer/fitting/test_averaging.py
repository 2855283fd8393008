"""The average follows the weights, and changes places with them."""

import pytest

pytest.importorskip("torch", reason="fitting needs the extra 'train' (torch), which is not installed")

import torch
from torch import nn

from trainer.fitting.averaging import Average


def layer(value: float) -> nn.Linear:
    linear = nn.Linear(1, 1, bias=False)
    nn.init.constant_(linear.weight, value)
    return linear


def test_the_average_approaches_weights_that_stay() -> None:
    network = layer(0)
    average = Average(network, horizon=5)
    nn.init.constant_(network.weight, 1.0)
    seen = []
    for _ in range(40):
        average.follow()
        with average.in_place():
            seen.append(float(network.weight.detach()))
    assert seen == sorted(seen)
    assert seen[0] > 0.5, "the start is soon forgotten"
    assert seen[-1] == pytest.approx(1, abs=1e-3)
    assert float(network.weight.detach()) == 1, "the network itself goes on as it was"


def test_an_error_while_averaged_gives_the_weights_back() -> None:
    network = layer(2)
    average = Average(network, horizon=5)
    nn.init.constant_(network.weight, 3.0)
    with pytest.raises(KeyError), average.in_place():
        raise KeyError
    assert float(network.weight.detach()) == 3


def test_a_restored_average_goes_on_as_the_first_one() -> None:
    network = layer(1)
    first = Average(network, horizon=4)
    nn.init.constant_(network.weight, 2.0)
    first.follow()
    second = Average(network, horizon=4)
    state = first.state()
    second.restore(**state)
    for average in (first, second):
        average.follow()
    with first.in_place():
        one = float(network.weight.detach())
    with second.in_place():
        two = float(network.weight.detach())
    assert one == two


def test_what_batch_norms_count_is_averaged_too() -> None:
    network = nn.BatchNorm1d(2)
    average = Average(network, horizon=4)
    network(torch.rand(8, 2))
    average.follow()
    assert [tensor.shape for tensor in average.counts] == [(2,), (2,)]
    assert not torch.equal(average.counts[0], torch.zeros(2))
