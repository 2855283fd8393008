"""What a network answers, without leaving a trace in it."""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn

from trainer.fitting.examples import Batch
from trainer.networks.modes import evaluating


def predict(network: nn.Module, batches: Iterable[Batch]) -> Tensor:
    """Logits [N, C] in float32 of all examples of the batches, in their order."""
    return answers(network, network, batches)


def answers(network: nn.Module, ask: Callable[..., Tensor], batches: Iterable[Batch]) -> Tensor:
    """What `ask` gives for each batch's inputs while `network` is in evaluation mode, one under the other."""
    device = next(network.parameters()).device
    with evaluating(network), torch.no_grad():
        parts = [ask(*(one.to(device) for one in inputs)).float().cpu() for inputs, _ in batches]
    return torch.cat(parts)
