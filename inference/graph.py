"""The size of a network, counted in its ONNX graph.

A layer is a node that multiplies by trained weights. Only layers that `probabilities` depends on count, so that
idle ones cannot make a network look deep; the last ones before it are the output layer, and not hidden.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import onnx
import onnx.inliner

from inference.errors import ModelRefused

MIN_HIDDEN_LAYERS = 10
MIN_UNITS = 500
PROBABILITIES = "probabilities"

Shape = tuple[int, ...]

# Which input holds the weights, by operator; matrix products take them on either side.
_CONVOLUTIONS = {"Conv": 1, "ConvInteger": 1, "QLinearConv": 3}
_PRODUCTS = {"MatMul": (0, 1), "MatMulInteger": (0, 1), "QLinearMatMul": (0, 3)}
# Weights may reach their layer through these, first input to output.
_SHAPE_KEEPING = frozenset({"Cast", "DequantizeLinear", "Identity", "QuantizeLinear"})


@dataclass(frozen=True, slots=True)
class HiddenSize:
    """How many hidden layers a network has, and how many units (output channels or features) in them all."""

    layers: int
    units: int


def hidden_size(model: onnx.ModelProto, output: str = PROBABILITIES) -> HiddenSize:
    """Count the hidden layers and units that `output` depends on."""
    graph = onnx.inliner.inline_local_functions(model).graph if model.functions else model.graph
    units_by_node = _weight_layers(graph)
    producers = {name: index for index, node in enumerate(graph.node) for name in node.output}
    used, last = _layers_behind(graph, producers, units_by_node, output)
    hidden = [units_by_node[index] for index in used - last]
    return HiddenSize(len(hidden), sum(hidden))


def check_size(size: HiddenSize) -> None:
    """Refuse a network of fewer than 10 hidden layers or 500 units with ModelRefused."""
    if size.layers < MIN_HIDDEN_LAYERS or size.units < MIN_UNITS:
        raise ModelRefused(
            f"{size.layers} hidden layers with {size.units} units; "
            f"at least {MIN_HIDDEN_LAYERS} and {MIN_UNITS} are required"
        )


def _weight_layers(graph: onnx.GraphProto) -> dict[int, int]:
    """Give the units of each node that multiplies by constant weights, by the node's index."""
    shapes = _constant_shapes(graph)
    layers = {}
    for index, node in enumerate(graph.node):
        units = _units(node, shapes)
        if units is not None:
            layers[index] = units
    return layers


def _constant_shapes(graph: onnx.GraphProto) -> dict[str, Shape]:
    shapes = {tensor.name: tuple(tensor.dims) for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant":
            value = _attribute(node, "value")
            if value is not None:
                shapes[node.output[0]] = tuple(value.dims)
        elif node.input and node.input[0] in shapes:
            source = shapes[node.input[0]]
            if node.op_type in _SHAPE_KEEPING:
                shapes[node.output[0]] = source
            elif node.op_type == "Transpose":
                axes = _attribute(node, "perm") or reversed(range(len(source)))
                shapes[node.output[0]] = tuple(source[axis] for axis in axes)
    return shapes


def _units(node: onnx.NodeProto, shapes: dict[str, Shape]) -> int | None:
    if node.op_type in _CONVOLUTIONS:
        weights = _shape_of(node, _CONVOLUTIONS[node.op_type], shapes)
        return weights[0] if weights else None
    if node.op_type == "ConvTranspose":
        weights = _shape_of(node, 1, shapes)
        return weights[1] * (_attribute(node, "group") or 1) if weights else None
    if node.op_type == "Gemm":
        weights = _shape_of(node, 1, shapes)
        return weights[0 if _attribute(node, "transB") else 1] if weights else None
    if node.op_type in _PRODUCTS:
        return _units_of_product(node, shapes)
    return None


def _units_of_product(node: onnx.NodeProto, shapes: dict[str, Shape]) -> int | None:
    left, right = (_shape_of(node, place, shapes) for place in _PRODUCTS[node.op_type])
    if right is not None and len(right) >= 2:
        return right[-1]
    if left is not None and len(left) >= 2:
        return left[-2]
    return None


def _shape_of(node: onnx.NodeProto, place: int, shapes: dict[str, Shape]) -> Shape | None:
    return shapes.get(node.input[place]) if place < len(node.input) else None


def _attribute(node: onnx.NodeProto, name: str) -> Any:
    found = [attribute for attribute in node.attribute if attribute.name == name]
    return onnx.helper.get_attribute_value(found[0]) if found else None


def _layers_behind(
    graph: onnx.GraphProto, producers: dict[str, int], layers: dict[int, int], output: str
) -> tuple[set[int], set[int]]:
    """Walk back from `output`: all layers met, and those met first on each way (the output layer)."""
    used: set[int] = set()
    last: set[int] = set()
    seen: set[tuple[str, bool]] = set()
    waiting = [(output, True)]
    while waiting:
        name, nothing_met = waiting.pop()
        if (name, nothing_met) in seen or name not in producers:
            continue
        seen.add((name, nothing_met))
        index = producers[name]
        if index in layers:
            used.add(index)
            if nothing_met:
                last.add(index)
        waiting += [(source, nothing_met and index not in layers) for source in graph.node[index].input]
    return used, last


def external_tensors(model: onnx.ModelProto) -> Iterator[str]:
    """Name the tensors whose values lie outside the file; a self-contained file has none."""
    yield from _external_in_graph(model.graph)
    for function in model.functions:
        yield from _external_in_nodes(function.node)


def _external_in_graph(graph: onnx.GraphProto) -> Iterator[str]:
    yield from _external_in(graph.initializer)
    yield from _external_in_nodes(graph.node)


def _external_in_nodes(nodes: Iterable[onnx.NodeProto]) -> Iterator[str]:
    for attribute in (attribute for node in nodes for attribute in node.attribute):
        yield from _external_in((attribute.t, *attribute.tensors))
        for graph in (attribute.g, *attribute.graphs):
            yield from _external_in_graph(graph)


def _external_in(tensors: Iterable[onnx.TensorProto]) -> Iterator[str]:
    return (tensor.name for tensor in tensors if tensor.data_location == onnx.TensorProto.EXTERNAL)
