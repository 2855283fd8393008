"""What is said of softness depends on the measured sharpness alone."""

import pytest

pytest.importorskip("torch", reason="networks need the extra 'train' (torch), which is not installed")

import torch

from trainer.networks.opening import open_backbone
from trainer.networks.sharpness import MEASURES
from trainer.networks.softness import Softness
from trainer.networks.suitability import SuitabilityNetwork, measured


def test_softness_does_not_change_with_the_order_of_patches() -> None:
    """Patches are a set."""
    torch.manual_seed(0)
    softness = Softness().eval()
    whole, patches = torch.randn(3, MEASURES), torch.randn(3, 5, MEASURES)
    torch.testing.assert_close(softness(whole, patches), softness(whole, patches[:, torch.randperm(5)]))


def test_the_logit_of_softness_comes_from_the_sharpness_alone() -> None:
    """Other features change the other logits and not this one."""
    torch.manual_seed(0)
    network = SuitabilityNetwork(open_backbone(None), 8, 3).eval()
    image, patches = torch.rand(2, 3, 64, 64), torch.rand(2, 5, 3, 32, 32)
    known = measured(image, patches)
    with torch.no_grad():
        here = network.after(0, *network.before(0, image, patches, *known))
        elsewhere = network.after(0, *network.before(0, image.flip(0), patches.flip(0), *known))
    torch.testing.assert_close(here[:, 3], elsewhere[:, 3])
    assert not torch.allclose(here[:, 0], elsewhere[:, 0])


def test_a_network_tells_how_many_classes_it_answers() -> None:
    """The logit of softness is one of them."""
    network = SuitabilityNetwork(open_backbone(None), 8, 3).eval()
    image, patches = torch.rand(2, 3, 64, 64), torch.rand(2, 5, 3, 32, 32)
    assert network(image, patches).shape == (2, network.classes) == (2, 8)
