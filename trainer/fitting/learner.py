"""One stage's steps: forward, loss, backward, one step of the optimiser."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor, nn

from trainer.fitting.averaging import Average, counts_of
from trainer.fitting.errors import Diverged
from trainer.fitting.examples import Batch
from trainer.fitting.freezing import freeze, learn
from trainer.fitting.machine import Machine
from trainer.fitting.objective import share_of_loss
from trainer.fitting.predict import answers
from trainer.fitting.processes import Team
from trainer.fitting.rates import learning, optimiser_for, schedule_for
from trainer.fitting.recipe import Recipe, Stage
from trainer.networks.staged import StagedNetwork


class Seen(NamedTuple):
    """What an epoch gave on the examples fitted on, or a part of it so far: means over `examples`."""

    examples: int
    loss: float
    accuracy: float
    seconds: float
    steps: int


class Stopped(Exception):
    """A process of the team was told to stop."""


class Orders(Protocol):
    """What may end an epoch early; both are asked between two steps."""

    def told(self) -> bool:
        """Whether the run is to stop: nothing of the epoch is kept."""

    def late(self) -> bool:
        """Whether the time is used up: what the epoch gave so far is kept."""


class _Done(NamedTuple):
    """What one step gave, over all processes."""

    loss: float
    right: int
    stop: bool
    late: bool


class Learner:
    """A network, what of it learns in a stage, and the state of its optimiser."""

    def __init__(self, network: StagedNetwork, cut: int, recipe: Recipe, machine: Machine, team: Team) -> None:
        self._network, self._cut = network, cut
        self._recipe, self._machine, self._team = recipe, machine, team
        freeze(network, cut)
        self._learning = learning(network)
        self._scaler = torch.amp.GradScaler(machine.device.type, enabled=machine.scales_gradients)

    def begin(self, stage: Stage, class_weights: Tensor, epochs: int, steps: int) -> None:
        """Set up for `epochs` epochs of `steps` steps each."""
        self._weights = class_weights.to(self._machine.device)
        self._optimiser = optimiser_for(self._network, self._recipe, stage)
        self._schedule = schedule_for(self._optimiser, self._recipe, epochs * steps)
        horizon = self._recipe.average_epochs * steps
        self._average = Average(self._network, horizon) if horizon else None

    @property
    def rate(self) -> float:
        """The learning rate of the part that learns fastest."""
        return max(float(group["lr"]) for group in self._optimiser.param_groups)

    def epoch(self, batches: Iterator[Batch], orders: Orders, watch: Callable[[Seen], None]) -> Seen:
        """Go through the batches once, or as far as the time allows, at least one step.

        Raises Diverged, and Stopped where any process of the team was told to.
        """
        learn(self._network, self._cut)
        started, seen = time.perf_counter(), Seen(0, 0.0, 0.0, 0.0, 0)
        for inputs, targets in self.heeding(batches, orders):
            if len(targets) < 2 * self._team.size:
                continue  # batch norm needs two examples in every process
            done = self._step(inputs, targets.to(self._machine.device), orders)
            if not math.isfinite(done.loss):
                raise Diverged("the loss is no number any more; try a smaller learning rate")
            if done.stop:
                raise Stopped
            seen = _with(seen, len(targets), done.loss, done.right, time.perf_counter() - started)
            watch(seen)
            if done.late:
                break
        self._team.average([*counts_of(self._network), *(self._average.counts if self._average else ())])
        return seen

    def heeding(self, batches: Iterator[Batch], orders: Orders) -> Iterator[Batch]:
        """The same batches; raises Stopped between them."""
        self._heed(orders)
        for batch in batches:
            self._heed(orders)  # making a batch may have taken long
            yield batch

    def _heed(self, orders: Orders) -> None:
        # A process of a team that left at once would let the others wait for it: they leave together, after a step.
        if self._team.size == 1 and orders.told():
            raise Stopped

    def _step(self, inputs: tuple[Tensor, ...], whole: Tensor, orders: Orders) -> _Done:
        *kept, targets = self._team.share([*(self._machine.take(one) for one in inputs), whole])
        with self._machine.computing():
            logits = self._network.after(self._cut, *kept)
        loss = share_of_loss(logits, targets, self._weights, self._recipe.label_smoothing, whole)
        self._heed(orders)
        self._optimiser.zero_grad(set_to_none=True)
        self._scaler.scale(loss).backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        right = (logits.detach().argmax(1) == targets).sum()
        flags = torch.tensor([float(orders.told()), float(orders.late())], device=loss.device)
        told = torch.cat([torch.stack([loss.detach().float(), right.float()]), flags])
        summed = self._team.sum_gradients(self._learning, told).tolist()
        self._scaler.unscale_(self._optimiser)
        nn.utils.clip_grad_norm_(self._learning, self._recipe.largest_gradient)
        self._scaler.step(self._optimiser)
        self._scaler.update()
        self._schedule.step()
        if self._average:
            self._average.follow()
        return _Done(summed[0], round(summed[1]), stop=summed[2] > 0, late=summed[3] > 0)

    def judge(self, batches: Iterator[Batch]) -> Tensor:
        """Logits [N, C] of the weights that would be kept now."""

        def ask(*kept: Tensor) -> Tensor:
            with self._machine.computing():
                return self._network.after(self._cut, *(self._machine.take(one) for one in kept))

        with self.kept():
            return answers(self._network, ask, batches)

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Let the network have the weights that would be kept now: the averaged ones, if there are."""
        if self._average is None:
            yield
        else:
            with self._average.in_place():
                yield

    def step_seconds(self, batches: Iterator[Batch], classes: int) -> float:
        """Measure a step on a few batches: the shortest of them, as others may disturb. Leaves no trace."""
        before = {name: tensor.clone() for name, tensor in self._network.state_dict().items()}
        learn(self._network, self._cut)
        weights, measured = torch.ones(classes, device=self._machine.device), []
        started = time.perf_counter()  # making a batch counts as well
        for _, (inputs, whole) in zip(range(4), batches, strict=False):
            *kept, targets = self._team.share([*(self._machine.take(one) for one in (*inputs, whole))])
            with self._machine.computing():
                logits = self._network.after(self._cut, *kept)
            loss = share_of_loss(logits, targets, weights, 0.0, targets)
            loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
            measured.append(time.perf_counter() - started)
            started = time.perf_counter()
        self._network.zero_grad(set_to_none=True)
        self._network.load_state_dict(before)
        return self._team.longest(min(measured))

    def state(self) -> dict[str, Any]:
        """All that a checkpoint needs beside the network's own weights."""
        return {
            "optimiser": self._optimiser.state_dict(),
            "schedule": self._schedule.state_dict(),
            "scaler": self._scaler.state_dict(),
            "average": self._average.state() if self._average else None,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint, after `begin`."""
        self._optimiser.load_state_dict(state["optimiser"])
        self._schedule.load_state_dict(state["schedule"])
        self._scaler.load_state_dict(state["scaler"])
        if self._average:
            self._average.restore(**state["average"])


def _with(seen: Seen, count: int, loss: float, right: int, seconds: float) -> Seen:
    total = seen.examples + count
    return Seen(
        total,
        (seen.loss * seen.examples + loss * count) / total,
        (seen.accuracy * seen.examples + right) / total,
        seconds,
        seen.steps + 1,
    )
