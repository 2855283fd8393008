"""The proof that a file answers as the network it came from did, on real photos, loaded as serving loads it."""

import math

import numpy as np
import torch
from torch import Tensor, nn

from inference.contract import output_shapes
from inference.graph import PROBABILITIES
from inference.preprocess import Tensor as Array
from inference.runtime import LoadedModel
from trainer.errors import ExportDiffers
from trainer.handover.decision import Parity
from trainer.handover.photos_side import Side, as_arrays

TOLERANCE = 1e-4
"""By how much an output of the file may differ from the network's, anywhere."""

PHOTOS = 64
"""Of the test side, or as many as there are."""


def check_parity(served: nn.Module, model: LoadedModel, side: Side) -> Parity:
    """Ask both about the same photos. Raises ExportDiffers beyond 1e-4 anywhere, or where there is no photo."""
    photos, same, largest = 0, 0, 0.0
    for batch in side.batches(PHOTOS):
        answers, expected = model.run(as_arrays(batch)), _of_network(served, batch, model)
        largest = max(largest, *(_difference(answers[name], wanted) for name, wanted in expected.items()))
        first = answers[PROBABILITIES].argmax(1) == expected[PROBABILITIES].argmax(1)
        photos, same = photos + len(first), same + int(first.sum())
    if not photos:
        raise ExportDiffers("without photos of the test side file and network cannot be compared")
    if not largest <= TOLERANCE:
        raise ExportDiffers(f"file and network differ by {largest:.2e}, more than {TOLERANCE:.0e}")
    return Parity(photos, largest, same / photos)


def _of_network(served: nn.Module, batch: dict[str, Tensor], model: LoadedModel) -> dict[str, Array]:
    with torch.inference_mode():
        answer = served.eval()(*batch.values())
    tensors = answer if isinstance(answer, tuple) else (answer,)
    names = output_shapes(model.manifest)
    return {name: tensor.numpy() for name, tensor in zip(names, tensors, strict=True)}


def _difference(one: Array, other: Array) -> float:
    largest = float(np.abs(one - other).max())
    return math.inf if math.isnan(largest) else largest  # max() would pass over it
