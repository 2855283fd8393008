"""Examples made before, held as bytes (290 KB each), turned and mirrored anew in each epoch."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from inference.rules import SUITABILITY_LABELS
from trainer.fitting.augment import turned
from trainer.fitting.examples import Batch
from trainer.networks.suitability import measured
from trainer.suitability.cache import Made
from trainer.suitability.plan import Planned

_MEASURED_AT_ONCE = 64


class SuitabilityExamples:
    """The examples of one side of the split."""

    def __init__(self, planned: Sequence[Planned], made: Made) -> None:
        self._images, self._patches = torch.from_numpy(made.images), torch.from_numpy(made.patches)
        self._measured: tuple[Tensor, Tensor] | None = None
        self._targets = torch.tensor([SUITABILITY_LABELS.index(one.label) for one in planned], dtype=torch.int64)

    @property
    def classes(self) -> int:
        """How many labels there are."""
        return len(SUITABILITY_LABELS)

    @property
    def targets(self) -> Tensor:
        """Index of the label of each example within `SUITABILITY_LABELS`."""
        return self._targets

    def shuffled(self, rng: np.random.Generator, batch_size: int) -> Iterator[Batch]:
        """All examples in a drawn order, each batch turned and mirrored.

        The network's own measurements come with them: turning does not change them, and taking them anew in each epoch
        would take as long as the fit.
        """
        known = self._measurements()
        order = torch.from_numpy(rng.permutation(len(self._targets)))
        for chosen in torch.split(order, batch_size):
            # Turned as bytes: a quarter of the memory moves.
            images = _floats(turned(self._images[chosen], rng))
            patches = _floats(turned(self._patches[chosen], rng))
            yield (images, patches, *(each[chosen] for each in known)), self._targets[chosen]

    def in_order(self, batch_size: int) -> Iterator[Batch]:
        """All examples in order, as they are."""
        for chosen in torch.split(torch.arange(len(self._targets)), batch_size):
            yield (_floats(self._images[chosen]), _floats(self._patches[chosen])), self._targets[chosen]

    def _measurements(self) -> tuple[Tensor, Tensor]:
        if self._measured is None:
            parts = [measured(*inputs) for inputs, _ in self.in_order(_MEASURED_AT_ONCE)]
            of_images, of_patches = zip(*parts, strict=True)
            self._measured = torch.cat(of_images), torch.cat(of_patches)
        return self._measured


def _floats(samples: Tensor) -> Tensor:
    return samples.float().div_(255)
