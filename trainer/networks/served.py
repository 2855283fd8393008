"""The networks as they are served: probabilities out, temperature applied inside."""

import torch
from torch import Tensor, nn

from trainer.networks.disease import DiseaseNetwork
from trainer.networks.suitability import SuitabilityNetwork
from trainer.networks.unlikeness import Unlikeness


class ServedSuitability(nn.Module):
    """`image` and `patches` in, `probabilities` [N, C] out; each row sums to 1.

    `priors` [C] say how much likelier each label is in use than among the examples fitted to; all alike where None.
    """

    log_priors: Tensor

    def __init__(
        self, network: SuitabilityNetwork, temperature: float, priors: tuple[float, ...] | None = None
    ) -> None:
        super().__init__()
        self.network = network
        self.temperature = temperature
        self.register_buffer("log_priors", torch.tensor(priors or (1.0,) * network.classes).log())

    def forward(self, image: Tensor, patches: Tensor) -> Tensor:
        """Softmax of the logits over the temperature, weighted by the priors."""
        return torch.softmax(self.network(image, patches) / self.temperature + self.log_priors, 1)


class ServedDisease(nn.Module):
    """`image` and `context` in; `probabilities` [N, C], `embedding` [N, D] of unit length and `unlikeness` [N] out.

    Without an `unlikeness` there is no third output. `priors` [C] say how much likelier each label counts than it is
    among the examples fitted to; all as they are where None.
    """

    log_priors: Tensor

    def __init__(
        self,
        network: DiseaseNetwork,
        temperature: float,
        unlikeness: Unlikeness | None = None,
        priors: tuple[float, ...] | None = None,
    ) -> None:
        super().__init__()
        self.network = network
        self.temperature = temperature
        self.unlikeness = unlikeness
        self.register_buffer("log_priors", torch.tensor(priors or (1.0,) * network.classes).log())

    def forward(self, image: Tensor, context: Tensor) -> tuple[Tensor, ...]:
        """Softmax of the logits over the temperature, weighted by the priors; the embedding; the unlikeness."""
        pooled = self.network.pooled(image)
        logits, embedding = self.network.answer(pooled, context)
        said = torch.softmax(logits / self.temperature + self.log_priors, 1), embedding
        return said if self.unlikeness is None else (*said, self.unlikeness(pooled))
