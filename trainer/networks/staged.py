"""What the loop needs of a network: a part that may be frozen, and the rest, with a cut between them."""

from abc import ABC, abstractmethod

from torch import Tensor, nn

from trainer.networks.backbone import Backbone


class StagedNetwork(nn.Module, ABC):
    """A backbone and what is built on it.

    A cut k of 0..len(backbone.stages) splits the network: `before` runs the first k stages and measures whatever
    else does not depend on trained weights; `after` does the rest. At the last cut `before` ends with the pooling
    too, so that as little as possible need be kept. `after(k, *before(k, *inputs))` is the network, for every k.
    """

    backbone: Backbone

    @property
    def cuts(self) -> int:
        """The last cut: everything of the backbone lies before it."""
        return len(self.backbone.stages)

    @abstractmethod
    def before(self, cut: int, *inputs: Tensor) -> tuple[Tensor, ...]:
        """From the network's inputs to what crosses the cut, each tensor [N, ...]."""

    @abstractmethod
    def after(self, cut: int, *kept: Tensor) -> Tensor:
        """From what crosses the cut to logits [N, C]."""
