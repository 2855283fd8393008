"""Asking a model the same thing of many altered pictures: in batches, within a bounded time."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from inference.errors import TookTooLong
from inference.graph import PROBABILITIES
from inference.preprocess import Tensor
from inference.runtime import LoadedModel

BATCH = 8
"""Pictures of one run: more take memory and save nothing."""
_LEAST = 1e-6
"""Probabilities are rounded to this wherever they are shown."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a model says of a picture: that it is `label`; rather than `against`, or than all others where that is None.

    Both are places among the model's labels.
    """

    label: int
    against: int | None = None

    def evidence(self, probabilities: Tensor) -> Tensor:
        """Give the log odds [n] of the claim by `probabilities` [n, C]: alike for 0.6 and for 0.99, unlike those."""
        said = np.clip(probabilities[:, self.label], _LEAST, 1 - _LEAST)
        other = 1 - said if self.against is None else np.clip(probabilities[:, self.against], _LEAST, 1)
        odds: Tensor = np.log(said / other)
        return odds


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """The claim's log odds and its label's probability, each [n]."""

    evidence: Tensor
    probability: Tensor


class Asker:
    """Runs a model and counts the runs; belongs to one thread, and to one explanation.

    `fixed` are inputs that stay the same, one row each. After `seconds` TookTooLong is raised.
    """

    def __init__(self, model: LoadedModel, claim: Claim, fixed: Mapping[str, Tensor], seconds: float) -> None:
        self._model = model
        self._claim = claim
        self._fixed = fixed
        self._ends = time.monotonic() + seconds
        self.runs = 0
        """Pictures that the model was asked about."""

    def ask(self, batches: Iterable[Mapping[str, Tensor]]) -> Answers:
        """Ask about each row of each batch. Raises ModelFailed, TookTooLong."""
        probabilities = np.concatenate([self._run(batch) for batch in batches])
        return Answers(self._claim.evidence(probabilities), probabilities[:, self._claim.label])

    def _run(self, batch: Mapping[str, Tensor]) -> Tensor:
        if time.monotonic() > self._ends:
            raise TookTooLong(f"{self._model.manifest.name} was asked {self.runs} times and the time is over")
        rows = len(next(iter(batch.values())))
        repeated = {name: np.repeat(one, rows, axis=0) for name, one in self._fixed.items()}
        self.runs += rows
        return self._model.run({**repeated, **batch})[PROBABILITIES]
