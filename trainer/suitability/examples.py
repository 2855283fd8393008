"""Planned examples made once, held as bytes (290 KB each), turned and mirrored anew in each epoch."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

import numpy as np
import torch
from rich.progress import track
from torch import Tensor

from inference.rules import SUITABILITY_LABELS
from trainer.augment import turned
from trainer.fit import Batch
from trainer.suitability.plan import Planned
from trainer.suitability.render import View, example


class SuitabilityExamples:
    """The examples of one side of the split."""

    def __init__(self, planned: Sequence[Planned], view: View, workers: int = 1) -> None:
        side, count, patch = view.image_size, view.patches.count, view.patches.size
        images = np.empty((len(planned), 3, side, side), dtype=np.uint8)
        patches = np.empty((len(planned), count, 3, patch, patch), dtype=np.uint8)
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            made = pool.map(partial(example, view=view), planned, chunksize=16)
            for index, (whole, cut) in enumerate(track(made, "Making examples", len(planned))):
                images[index], patches[index] = whole, cut
        self._images, self._patches = torch.from_numpy(images), torch.from_numpy(patches)
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
        """All examples in a drawn order, each batch turned and mirrored."""
        order = torch.from_numpy(rng.permutation(len(self._targets)))
        for chosen in torch.split(order, batch_size):
            images = turned(_floats(self._images[chosen]), rng).contiguous(memory_format=torch.channels_last)
            yield (images, turned(_floats(self._patches[chosen]), rng)), self._targets[chosen]

    def in_order(self, batch_size: int) -> Iterator[Batch]:
        """All examples in order, as they are."""
        for chosen in torch.split(torch.arange(len(self._targets)), batch_size):
            yield (_floats(self._images[chosen]), _floats(self._patches[chosen])), self._targets[chosen]


def _floats(samples: Tensor) -> Tensor:
    return samples.float() / 255
