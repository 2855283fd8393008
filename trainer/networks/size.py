"""Hidden layers and units of a network before it is fitted, counted as `inference.graph` counts them in its file.

The way back from the logits is walked in autograd's graph: a layer is a convolution or a product with trained
weights on that way; the last ones before the logits are the output layer, and not hidden.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.autograd.graph import Node

from inference.errors import ModelRefused
from inference.graph import HiddenSize, check_size
from trainer.networks.errors import TooSmall
from trainer.networks.modes import evaluating

_PRODUCTS = ("ConvolutionBackward", "AddmmBackward", "MmBackward", "BmmBackward", "LinearBackward")
# Weights may reach their layer through these.
_SHAPE_KEEPING = ("TBackward", "TransposeBackward", "PermuteBackward", "ToCopyBackward", "ExpandBackward")


def hidden_size(network: nn.Module, inputs: tuple[Tensor, ...]) -> HiddenSize:
    """Count the hidden layers and units that the logits of `inputs` depend on; the network is left as it was."""
    with _traceable(network), torch.enable_grad():
        logits: Tensor = network(*inputs)
    if logits.grad_fn is None:
        return HiddenSize(0, 0)
    units = _hidden_units(logits.grad_fn)
    return HiddenSize(len(units), sum(units))


def check_hidden_size(network: nn.Module, inputs: tuple[Tensor, ...]) -> HiddenSize:
    """Give the size, or raise TooSmall for a network that would be refused when it is to serve."""
    size = hidden_size(network, inputs)
    try:
        check_size(size)
    except ModelRefused as refusal:
        raise TooSmall(f"the network cannot serve, so it is not fitted: {refusal}") from refusal
    return size


@contextmanager
def _traceable(network: nn.Module) -> Iterator[None]:
    """Let gradients reach every weight and leave batch statistics alone, then put both back."""
    frozen = [weights for weights in network.parameters() if not weights.requires_grad]
    for weights in frozen:
        weights.requires_grad_(True)
    try:
        with evaluating(network):
            yield
    finally:
        for weights in frozen:
            weights.requires_grad_(False)


def _hidden_units(last: Node) -> list[int]:
    """Units of each hidden layer behind `last`."""
    used: dict[Node, int] = {}
    output_layer: set[Node] = set()
    seen: set[tuple[Node, bool]] = set()
    waiting = [(last, True)]
    while waiting:
        node, nothing_met = waiting.pop()
        if (node, nothing_met) in seen:
            continue
        seen.add((node, nothing_met))
        units = _units(node)
        if units is not None:
            used[node] = units
            if nothing_met:
                output_layer.add(node)
        waiting += [(source, nothing_met and units is None) for source, _ in node.next_functions if source is not None]
    return [units for node, units in used.items() if node not in output_layer]


def _units(node: Node) -> int | None:
    """Output channels or features of a product with trained weights; None for any other node."""
    if not node.name().startswith(_PRODUCTS):
        return None
    for source, _ in node.next_functions:
        weights = _weights(source)
        if weights is not None and weights.dim() >= 2:
            return int(weights.shape[0])
    return None


def _weights(node: Node | None) -> Tensor | None:
    while node is not None and node.name().startswith(_SHAPE_KEEPING):
        node = node.next_functions[0][0]
    found = getattr(node, "variable", None)  # only the nodes that gather a weight's gradient have one
    return found if isinstance(found, Tensor) else None
