"""The networks as they are served."""

import pytest

pytest.importorskip("torch", reason="networks need the extra 'train' (torch), which is not installed")

import torch

from trainer.networks.opening import open_backbone
from trainer.networks.served import ServedSuitability
from trainer.networks.suitability import SuitabilityNetwork, measured

IMAGE, PATCHES = torch.rand(3, 3, 64, 64), torch.rand(3, 2, 3, 32, 32)


def test_a_prior_multiplies_the_odds_of_its_label_and_rows_still_sum_to_one() -> None:
    network = SuitabilityNetwork(open_backbone(None), 3, 1).eval()
    plain = ServedSuitability(network, 1.3)(IMAGE, PATCHES)
    weighted = ServedSuitability(network, 1.3, (1.0, 4.0, 1.0))(IMAGE, PATCHES)
    assert torch.allclose(weighted.sum(1), torch.ones(3))
    assert torch.allclose(weighted[:, 1] / weighted[:, 0], 4 * plain[:, 1] / plain[:, 0], rtol=1e-4)
    assert torch.allclose(weighted[:, 2] / weighted[:, 0], plain[:, 2] / plain[:, 0], rtol=1e-4)


def test_measurements_known_before_change_nothing() -> None:
    network = SuitabilityNetwork(open_backbone(None), 3, 1).eval()
    known = measured(IMAGE, PATCHES)
    assert torch.equal(network.after(0, *network.before(0, IMAGE, PATCHES, *known)), network(IMAGE, PATCHES))


def test_turning_does_not_change_the_measurements() -> None:
    whole, patches = torch.rand(2, 3, 96, 96), torch.rand(2, 2, 3, 48, 48)
    turned = torch.rot90(whole.flip(-1), 1, (-2, -1)), torch.rot90(patches, 3, (-2, -1))
    for before, after in zip(measured(whole, patches), measured(*turned), strict=True):
        assert torch.allclose(before, after, atol=1e-4)
