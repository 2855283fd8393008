"""The exponential average of a network's weights over its last steps: steadier than any one step's weights."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn


class Average:
    """Follows a network over `horizon` steps or so; batch norms' counts are averaged like weights."""

    def __init__(self, network: nn.Module, horizon: float) -> None:
        learning = [weights for weights in network.parameters() if weights.requires_grad]
        self._live = [*learning, *counts_of(network)]
        self._mean = [tensor.detach().clone() for tensor in self._live]
        self._learning = len(learning)
        self._decay = 1 - 1 / max(1.0, horizon)
        self._steps = 0

    @torch.no_grad()
    def follow(self) -> None:
        """Take one step's weights in; at first with more weight, or the start would be remembered too long."""
        self._steps += 1
        decay = min(self._decay, self._steps / (self._steps + 10))
        torch._foreach_lerp_(self._mean, self._live, 1 - decay)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Let the network be the averaged one for a while."""
        self._exchange()
        try:
            yield
        finally:
            self._exchange()

    @torch.no_grad()
    def _exchange(self) -> None:
        for live, mean in zip(self._live, self._mean, strict=True):
            kept = live.clone()
            live.copy_(mean)
            mean.copy_(kept)

    @property
    def counts(self) -> list[Tensor]:
        """The averages of what batch norms count."""
        return self._mean[self._learning :]

    def state(self) -> dict[str, Any]:
        """What a checkpoint needs."""
        return {"mean": self._mean, "steps": self._steps}

    def restore(self, mean: list[Tensor], steps: int) -> None:
        """Go on from a checkpoint."""
        for own, kept in zip(self._mean, mean, strict=True):
            own.copy_(kept)
        self._steps = steps


def counts_of(network: nn.Module) -> list[Tensor]:
    """What a network's batch norms count: everything that changes in it without a gradient."""
    return [buffer for buffer in network.buffers() if buffer.is_floating_point()]
