"""The networks and the loop on tensors: unit length, sums, repeatability, parity."""

from collections.abc import Iterator

import numpy as np
import pytest

pytest.importorskip("torch", reason="networks need the extra 'train' (torch), which is not installed")

import torch
from torch import Tensor

from trainer.augment import moved, tinted, turned
from trainer.errors import ExportDiffers
from trainer.export import check_parity, to_onnx, with_metadata
from trainer.fit import Batch, class_weights, fit, predict, seed_everything
from trainer.network import DiseaseNetwork, SuitabilityNetwork
from trainer.recipe import Epoch, Recipe
from trainer.served import ServedDisease, ServedSuitability

INPUTS = {"image": torch.rand(3, 3, 32, 32), "context": torch.zeros(3, 5)}


class Colours:
    """Two classes that colour alone tells apart."""

    classes = 2

    def __init__(self, count: int) -> None:
        self.targets = torch.arange(count) % 2
        self._images = torch.rand(count, 3, 32, 32) * 0.2
        self._images[self.targets == 1, 0] += 0.6

    def shuffled(self, rng: np.random.Generator, batch_size: int) -> Iterator[Batch]:
        for chosen in torch.split(torch.from_numpy(rng.permutation(len(self.targets))), batch_size):
            yield (self._images[chosen], torch.zeros(len(chosen), 5)), self.targets[chosen]

    def in_order(self, batch_size: int) -> Iterator[Batch]:
        for chosen in torch.split(torch.arange(len(self.targets)), batch_size):
            yield (self._images[chosen], torch.zeros(len(chosen), 5)), self.targets[chosen]


def fitted(seed: int) -> tuple[Tensor, list[Epoch]]:
    recipe = Recipe(epochs=3, batch_size=8, seed=seed)
    seed_everything(recipe)
    training, unseen = Colours(24), Colours(16)
    network, epochs = DiseaseNetwork(2, 5), list[Epoch]()
    fit(network, training, unseen, recipe, epochs.append)
    return predict(network, unseen.in_order(8)), epochs


def test_the_same_recipe_gives_the_same_model() -> None:
    first, again = fitted(4)[0], fitted(4)[0]
    assert torch.equal(first, again)
    assert not torch.equal(first, fitted(5)[0])


def test_the_loop_learns_and_reports_each_epoch() -> None:
    epochs = fitted(4)[1]
    assert [epoch.number for epoch in epochs] == [1, 2, 3]
    assert epochs[-1].loss < epochs[0].loss
    assert all(epoch.step_milliseconds > 0 for epoch in epochs)


def test_rare_classes_weigh_more_and_the_mean_is_one() -> None:
    targets = torch.tensor([0] * 90 + [1] * 10)
    weights = class_weights(targets, 3, 0.5)
    assert weights.shape == (3,), "a class without examples has a weight as well"
    assert weights[1] == pytest.approx(3 * float(weights[0]), rel=1e-4)
    assert float(weights[targets].mean()) == pytest.approx(1, rel=1e-4)


def test_served_outputs_sum_to_one_and_the_embedding_has_unit_length() -> None:
    served = ServedDisease(DiseaseNetwork(6, 5), 0.7).eval()
    probabilities, embedding = served(*INPUTS.values())
    assert torch.allclose(probabilities.sum(1), torch.ones(3), atol=1e-5)
    assert torch.allclose(embedding.norm(dim=1), torch.ones(3), atol=1e-5)


def test_unknown_context_adds_nothing() -> None:
    network = DiseaseNetwork(6, 5).eval()
    before = network(*INPUTS.values())
    torch.nn.init.normal_(network.context.weight, std=9)
    assert torch.equal(network(*INPUTS.values()), before)


def test_the_order_of_patches_does_not_matter() -> None:
    network = SuitabilityNetwork(8).eval()
    image, patches = torch.rand(2, 3, 32, 32), torch.rand(2, 4, 3, 32, 32)
    assert torch.allclose(network(image, patches), network(image, patches.flip(1)), atol=1e-5)


def test_a_file_that_answers_otherwise_is_refused() -> None:
    served, other = (ServedDisease(DiseaseNetwork(6, 5), 1.0) for _ in range(2))
    file = with_metadata(to_onnx(served, INPUTS, ("probabilities", "embedding")), {"task": "disease"})
    assert check_parity(served, file, INPUTS) < 1e-4
    with pytest.raises(ExportDiffers):
        check_parity(other, file, INPUTS)


def test_the_temperature_is_inside_the_served_network() -> None:
    network = SuitabilityNetwork(8).eval()
    image, patches = torch.rand(1, 3, 32, 32), torch.rand(1, 2, 3, 32, 32)
    flat = ServedSuitability(network, 1000.0)(image, patches)
    assert torch.allclose(flat, torch.full((1, 8), 1 / 8), atol=1e-3)


@pytest.mark.parametrize("change", [turned, moved, tinted])
def test_augmentation_keeps_shape_and_range(change: object) -> None:
    images = torch.rand(5, 3, 20, 20)
    assert callable(change)
    changed = change(images, np.random.default_rng(2))
    assert changed.shape == images.shape
    assert float(changed.min()) >= -0.01
    assert float(changed.max()) <= 1.01
