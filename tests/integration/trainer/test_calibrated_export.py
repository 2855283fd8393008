"""Calibration survives export: the ONNX file gives the softmax of the logits over the temperature, with context too."""

import pytest

pytest.importorskip("torch", reason="networks need the extra 'train' (torch), which is not installed")

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray

from inference.contract import CONTEXT, EMBEDDING, IMAGE
from inference.graph import PROBABILITIES
from tests.unit.trainer.fitting.shared import SIDE, small_network
from trainer.handover.export import to_onnx
from trainer.metrics import softmax
from trainer.networks.disease import DiseaseNetwork
from trainer.networks.served import ServedDisease

PHOTOS = 6
FACTS = 5


@pytest.fixture(scope="module")
def network() -> DiseaseNetwork:
    """A disease network whose logits are spread out, and whose context counts."""
    made = small_network(3, norm=False)
    with torch.no_grad():
        made.head.weight.mul_(40)
        made.evidence.copy_(torch.linspace(-2, 2, 2 * FACTS).reshape(2, FACTS))
    made.eval()
    return made


def asked() -> dict[str, torch.Tensor]:
    """Pictures that differ, the first half of which nothing is said of."""
    draws = torch.Generator().manual_seed(5)
    context = (torch.rand(PHOTOS, FACTS, generator=draws) > 0.5).float()
    context[: PHOTOS // 2] = 0
    return {IMAGE: torch.rand(PHOTOS, 3, SIDE, SIDE, generator=draws), CONTEXT: context}


def exported(network: DiseaseNetwork, temperature: float) -> NDArray[np.float32]:
    """The file's probabilities [N, C]."""
    inputs = asked()
    file = to_onnx(ServedDisease(network, temperature), inputs, (PROBABILITIES, EMBEDDING))
    session = onnxruntime.InferenceSession(file.SerializeToString(), providers=["CPUExecutionProvider"])
    found = session.run([PROBABILITIES], {name: tensor.numpy() for name, tensor in inputs.items()})[0]
    return np.asarray(found)


@pytest.mark.parametrize("temperature", [0.4, 1.0, 2.5])
def test_the_file_gives_the_calibrated_probabilities(network: DiseaseNetwork, temperature: float) -> None:
    inputs = asked()
    with torch.no_grad():
        logits = network(inputs[IMAGE], inputs[CONTEXT]).numpy()
    found = exported(network, temperature)
    np.testing.assert_allclose(found, softmax(logits, temperature), atol=1e-5)
    np.testing.assert_allclose(found.sum(1), 1, atol=1e-5)


def test_a_temperature_changes_how_sure_the_file_is_and_not_what_it_names(network: DiseaseNetwork) -> None:
    plain, sure, unsure = (exported(network, temperature) for temperature in (1.0, 0.4, 2.5))
    np.testing.assert_array_equal(sure.argmax(1), unsure.argmax(1))
    assert (sure.max(1) >= plain.max(1)).all()
    assert (plain.max(1) >= unsure.max(1)).all()
    assert sure.max(1).mean() > unsure.max(1).mean() + 0.05


def test_a_dearer_label_is_weighed_behind_the_temperature(network: DiseaseNetwork) -> None:
    inputs = asked()
    with torch.no_grad():
        plain = ServedDisease(network, 2.0)(inputs[IMAGE], inputs[CONTEXT])[0]
        dearer = ServedDisease(network, 2.0, priors=(1.0, 1.8))(inputs[IMAGE], inputs[CONTEXT])[0]
    odds = (dearer[:, 1] / dearer[:, 0]) / (plain[:, 1] / plain[:, 0])
    np.testing.assert_allclose(odds.numpy(), 1.8, rtol=1e-4)
