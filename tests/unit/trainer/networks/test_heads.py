"""The two networks: cuts, order of patches, context, embedding, sharpness, what is served."""

import pytest

pytest.importorskip("torch", reason="networks need the extra 'train' (torch), which is not installed")

import torch
from torch import Tensor
from torch.nn import functional

from tests.unit.trainer.networks.shared import CONTEXT, PATCHES, PICTURES, largest, wakened
from trainer.networks.disease import DiseaseNetwork
from trainer.networks.pooling import PatchPooling
from trainer.networks.served import ServedDisease, ServedSuitability
from trainer.networks.sharpness import OCTAVES, sharpness
from trainer.networks.staged import StagedNetwork
from trainer.networks.suitability import SuitabilityNetwork
from trainer.networks.trunk import OwnTrunk


def suitability() -> SuitabilityNetwork:
    network = wakened(SuitabilityNetwork(OwnTrunk(), 8, 3))
    assert isinstance(network, SuitabilityNetwork)
    return network


def disease() -> DiseaseNetwork:
    network = wakened(DiseaseNetwork(OwnTrunk(), 6, 5))
    assert isinstance(network, DiseaseNetwork)
    return network


@pytest.mark.parametrize(("network", "other"), [(suitability(), PATCHES), (disease(), CONTEXT)])
def test_a_network_cut_anywhere_answers_as_the_whole(network: StagedNetwork, other: Tensor) -> None:
    with torch.no_grad():
        whole = network(PICTURES, other)
        for cut in range(network.cuts + 1):
            assert torch.equal(network.after(cut, *network.before(cut, PICTURES, other)), whole)


def test_the_last_cut_keeps_pooled_features_only() -> None:
    features, context = disease().before(6, PICTURES, CONTEXT)
    assert features.shape == (3, 256)
    assert context is CONTEXT


def test_the_order_of_patches_does_not_matter() -> None:
    network = suitability()
    assert largest(network(PICTURES, PATCHES) - network(PICTURES, PATCHES.flip(1))) < 1e-4


def test_attention_lets_one_patch_speak() -> None:
    pooling = PatchPooling(2)
    with torch.no_grad():
        pooling.importance.weight.copy_(torch.tensor([[50.0, 0.0]]))
    pooled = pooling(torch.tensor([[[0.0, 5.0], [1.0, 7.0], [0.0, 9.0]]]))
    assert pooled[0, 4:].tolist() == pytest.approx([1, 7])
    assert pooled[0, :2].tolist() == pytest.approx([1 / 3, 7])
    assert pooled[0, 2:4].tolist() == [1, 9]


def test_blur_takes_detail_from_the_finest_octave_first() -> None:
    blurred = functional.avg_pool2d(functional.pad(PICTURES, (1, 1, 1, 1), mode="reflect"), 3, 1)
    lost = (sharpness(PICTURES) - sharpness(blurred)).mean(0)[:OCTAVES]
    assert lost[0] > lost[1] > lost[3]


def test_a_flat_picture_has_finite_energies() -> None:
    assert bool(torch.isfinite(sharpness(torch.full((1, 3, 32, 32), 0.5))).all())


def test_unknown_context_adds_nothing() -> None:
    network = disease()
    unknown = torch.zeros_like(CONTEXT)
    before = network(PICTURES, unknown)
    torch.nn.init.normal_(network.evidence, std=9)
    assert torch.equal(network(PICTURES, unknown), before)
    assert not torch.equal(network(PICTURES, CONTEXT), before)


def test_the_embedding_has_unit_length_and_ignores_the_context() -> None:
    network = disease()
    pooled = network.pooled(PICTURES)
    embedding = network.answer(pooled, CONTEXT)[1]
    assert embedding.shape == (3, 128)
    assert embedding.norm(dim=1).tolist() == pytest.approx([1, 1, 1], abs=1e-5)
    assert torch.equal(embedding, network.answer(pooled, torch.zeros_like(CONTEXT))[1])


def test_served_probabilities_sum_to_one_at_any_temperature() -> None:
    probabilities, _ = ServedDisease(disease(), 0.7)(PICTURES, CONTEXT)
    assert probabilities.sum(1).tolist() == pytest.approx([1, 1, 1], abs=1e-5)
    flat = ServedSuitability(suitability(), 1000.0)(PICTURES, PATCHES)
    assert largest(flat - 1 / 8) < 0.05
