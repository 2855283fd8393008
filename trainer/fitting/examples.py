"""What the loop needs of the examples it fits on."""

from collections.abc import Iterator
from typing import Protocol

import numpy as np
from torch import Tensor

Batch = tuple[tuple[Tensor, ...], Tensor]
"""What the network takes, in its order, and the index of each example's label, int64 [N]."""


class Examples(Protocol):
    """Labelled examples of one task."""

    @property
    def classes(self) -> int:
        """How many labels there are, whether or not each has an example."""

    @property
    def targets(self) -> Tensor:
        """Index of the label of each example, int64 [N]."""

    def shuffled(self, rng: np.random.Generator, batch_size: int) -> Iterator[Batch]:
        """All examples once, in a drawn order, each changed a little (augmented) as the draw has it."""

    def in_order(self, batch_size: int) -> Iterator[Batch]:
        """All examples once, in order, unchanged."""
