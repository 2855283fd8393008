"""Loss, weights of classes, scores."""

import pytest

pytest.importorskip("torch", reason="fitting needs the extra 'train' (torch), which is not installed")

import torch
from torch.nn.functional import cross_entropy

from trainer.fitting.objective import balanced_accuracy, class_weights, score, share_of_loss

LOGITS = torch.randn(9, 3, generator=torch.Generator().manual_seed(3))
TARGETS = torch.tensor([0, 0, 0, 0, 0, 0, 1, 1, 2])


def test_rare_classes_weigh_more_and_the_mean_is_one() -> None:
    targets = torch.tensor([0] * 90 + [1] * 10)
    weights = class_weights(targets, 3, 0.5)
    assert weights.shape == (3,), "a class without examples has a weight as well"
    assert float(weights[1]) == pytest.approx(3 * float(weights[0]), rel=1e-4)
    assert float(weights[targets].mean()) == pytest.approx(1, rel=1e-4)


def test_without_rarity_all_classes_weigh_alike() -> None:
    assert class_weights(TARGETS, 3, 0).tolist() == [1, 1, 1]


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_shares_of_a_batch_add_up_to_its_mean_loss(smoothing: float) -> None:
    weights = torch.tensor([0.5, 1.0, 4.0])
    whole = cross_entropy(LOGITS, TARGETS, weights, label_smoothing=smoothing)
    parts = [(LOGITS[:5], TARGETS[:5]), (LOGITS[5:], TARGETS[5:])]
    shares = [share_of_loss(logits, targets, weights, smoothing, TARGETS) for logits, targets in parts]
    assert float(sum(shares)) == pytest.approx(float(whole), rel=1e-5)


def test_balanced_accuracy_is_the_mean_recall_of_classes_that_occur() -> None:
    assert balanced_accuracy(torch.zeros(9, dtype=torch.int64), TARGETS) == pytest.approx(1 / 3)
    assert balanced_accuracy(torch.tensor([0, 1]), torch.tensor([0, 0])) == 0.5


def test_a_better_epoch_scores_higher() -> None:
    assert score("loss", 0.2, 0, 0) > score("loss", 0.3, 1, 1)
    assert score("accuracy", 9, 0.8, 0) == 0.8
    assert score("balanced_accuracy", 9, 0.8, 0.6) == 0.6
