"""What a model answered to a number of pictures."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.contract import UNLIKENESS
from inference.graph import PROBABILITIES
from inference.preprocess import Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """`probabilities` float64 [N, C], 0..1, rows sum to 1; `unlikeness` float64 [N], 0..1, None where none is told."""

    probabilities: NDArray[np.float64]
    unlikeness: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.probabilities)


def gathered(outputs: Iterable[Mapping[str, Tensor]], labels: int) -> Answers:
    """The outputs of runs of one model, one after the other; `labels` is C."""
    runs = list(outputs)
    probabilities = [run[PROBABILITIES] for run in runs]
    rows = np.concatenate(probabilities) if runs else np.empty((0, labels))
    if not runs or UNLIKENESS not in runs[0]:
        return Answers(rows.astype(np.float64))
    unlikeness = np.concatenate([run[UNLIKENESS] for run in runs]).astype(np.float64)
    return Answers(rows.astype(np.float64), unlikeness.clip(0, 1))  # float32 may stand a hair outside
