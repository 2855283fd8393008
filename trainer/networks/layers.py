"""The layers of a network as a reader wants to see them before it is fitted."""

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from trainer.networks.modes import evaluating
from trainer.networks.size import hidden_size


class Layer(NamedTuple):
    """A module with weights of its own; `shape` is of what it gave, the first axis being the batch."""

    name: str
    kind: str
    shape: tuple[int, ...]
    weights: int
    trainable: int


def layers_of(network: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Layer, ...]:
    """Every layer that took part in answering `inputs`, in the order in which they did."""
    met: dict[str, tuple[int, ...]] = {}
    handles = [
        module.register_forward_hook(_note(name, met)) for name, module in network.named_modules() if _own(module)
    ]
    try:
        with evaluating(network), torch.no_grad():
            network(*inputs)
    finally:
        for handle in handles:
            handle.remove()
    modules = dict(network.named_modules())
    return tuple(_layer(name, modules[name], shape) for name, shape in met.items())


def layers_text(network: nn.Module, inputs: tuple[Tensor, ...]) -> str:
    """The layers as a table of plain text, with their sum, hidden layers and units below."""
    layers = layers_of(network, inputs)
    size = hidden_size(network, inputs)
    rows = [("layer", "kind", "output", "weights", "")]
    rows += [
        (layer.name, layer.kind, " x ".join(map(str, layer.shape[1:])), f"{layer.weights:,}", _learning(layer))
        for layer in layers
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    total = sum(weights.numel() for weights in network.parameters())
    trainable = sum(weights.numel() for weights in network.parameters() if weights.requires_grad)
    facts = f"{total:,} weights, {trainable:,} trainable; {size.layers} hidden layers, {size.units:,} units"
    return "\n".join([*lines, facts, ""])


def _learning(layer: Layer) -> str:
    """Said where a layer does not learn, or not all of it; nothing of the others, so that lines stay short."""
    if layer.trainable == layer.weights:
        return ""
    return f"{layer.trainable:,} learn" if layer.trainable else "frozen"


def _own(module: nn.Module) -> bool:
    return any(True for _ in module.parameters(recurse=False))


def _note(name: str, met: dict[str, tuple[int, ...]]) -> Any:
    def hook(_module: nn.Module, _inputs: Any, output: Any) -> None:
        if isinstance(output, Tensor):
            met.setdefault(name, tuple(output.shape))

    return hook


def _layer(name: str, module: nn.Module, shape: tuple[int, ...]) -> Layer:
    own = list(module.parameters(recurse=False))
    trainable = sum(weights.numel() for weights in own if weights.requires_grad)
    return Layer(name, type(module).__name__, shape, sum(weights.numel() for weights in own), trainable)
