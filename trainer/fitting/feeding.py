"""Where a stage's batches come from: computed anew up to the cut, or kept from before.

A batch here holds what crosses the cut. The draws of an epoch depend on the seed and the epoch's number alone.
"""

import time
from collections.abc import Callable, Iterator
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from trainer.fitting.examples import Batch
from trainer.fitting.keeping import Column, kept_bytes
from trainer.fitting.machine import Machine
from trainer.fitting.recipe import Stage
from trainer.fitting.task import FittingTask
from trainer.networks.modes import evaluating


class Feed(Protocol):
    """The batches of one stage."""

    def training(self, epoch: int) -> Iterator[Batch]:
        """All training examples once, as epoch `epoch` (from 1, over all stages) draws them."""

    def tune(self) -> Iterator[Batch]:
        """All tune examples once, in order."""


class Computed:
    """Runs the frozen part for every batch."""

    def __init__(self, task: FittingTask, cut: int, machine: Machine) -> None:
        self._task, self._cut, self._machine = task, cut, machine

    def training(self, epoch: int) -> Iterator[Batch]:
        """Draw, augment and compute."""
        rng = np.random.default_rng([self._task.recipe.seed, epoch])
        for inputs, targets in self._task.training.shuffled(rng, self._task.recipe.batch_size):
            yield self._before(inputs), targets

    def tune(self) -> Iterator[Batch]:
        """Compute what is to be judged on."""
        for inputs, targets in self._task.tune.in_order(self._task.recipe.batch_size):
            yield self._before(inputs), targets

    def batch_seconds(self) -> float:
        """Measure how long one training batch takes up to the cut: the shorter of two."""
        batches, measured = self.training(1), []
        for _ in range(2):
            started = time.perf_counter()
            if next(batches, None) is not None:
                measured.append(time.perf_counter() - started)
        return min(measured)

    def _before(self, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        here = tuple(self._machine.take(one) for one in inputs)
        if self._cut == 0:
            return self._task.network.before(0, *here)
        with evaluating(self._task.network), torch.no_grad(), self._machine.computing():
            return self._task.network.before(self._cut, *here)


class _Table:
    """All rows of one pass, what crosses the cut column by column, with their targets."""

    def __init__(self, rows: int, batches: Iterator[Batch], *, halved: bool) -> None:
        columns: list[Column] = []
        targets = []
        for inputs, truth in batches:
            columns = columns or [Column(rows, one, halved=halved) for one in inputs]
            for column, one in zip(columns, inputs, strict=True):
                column.put(one)
            targets.append(truth)
        self._columns, self._targets = columns, torch.cat(targets)

    def batches(self, order: Tensor, batch_size: int) -> Iterator[Batch]:
        for chosen in torch.split(order, batch_size):
            yield tuple(column.take(chosen) for column in self._columns), self._targets[chosen]


class Kept:
    """Keeps the output of the frozen part for some drawn passes; later epochs mix the rows of one of them."""

    def __init__(self, computed: Computed, task: FittingTask, first_epoch: int, variants: int, *, halved: bool) -> None:
        self._recipe, self._first_epoch = task.recipe, first_epoch
        self._rows, tune_rows = len(task.training.targets), len(task.tune.targets)
        self._tune = _Table(tune_rows, computed.tune(), halved=halved)
        self._tune_order = torch.arange(tune_rows)
        self._variants = [
            _Table(self._rows, computed.training(first_epoch + index), halved=halved) for index in range(variants)
        ]

    def training(self, epoch: int) -> Iterator[Batch]:
        """The first passes as they were drawn, so that they equal computed ones; then the same rows in new orders."""
        index = epoch - self._first_epoch
        order = torch.arange(self._rows)
        if index >= len(self._variants):
            rng = np.random.default_rng([self._recipe.seed, epoch, 1])
            order = torch.from_numpy(rng.permutation(self._rows))
        yield from self._variants[index % len(self._variants)].batches(order, self._recipe.batch_size)

    def tune(self) -> Iterator[Batch]:
        """What was computed once."""
        yield from self._tune.batches(self._tune_order, self._recipe.batch_size)


def feed_for(computed: Computed, task: FittingTask, stage: Stage, first_epoch: int, say: Callable[[str], None]) -> Feed:
    """Keep what the stage wants kept if memory allows, halved if it must be; else compute. Says what it chose."""
    if not stage.variants:
        return computed
    first, _ = next(computed.tune())
    variants = min(stage.variants, stage.epochs)
    rows = len(task.training.targets) * variants + len(task.tune.targets)
    for halved in (False, True):
        needed = rows * sum(kept_bytes(one, halved=halved) for one in first)
        if needed <= task.recipe.cache_bytes:
            how = ", as 16-bit numbers" if halved else ""
            say(f"{stage.part}: keeps the frozen part's output of {variants} drawn passes ({needed / 1e6:.0f} MB{how})")
            return Kept(computed, task, first_epoch, variants, halved=halved)
    say(f"{stage.part}: {needed / 1e6:.0f} MB would be kept, more than allowed; the frozen part is computed each time")
    return computed
