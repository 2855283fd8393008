"""From float32 to int8: convolutions and large matrix products in whole numbers, calibrated on training photos.

Static, in the QDQ form: the file holds int8 weights for each output channel, and the ranges of what flows between
layers as they were met on real photos. Sensitive layers stay float32: those that see the picture first, the last
ones, and all that is no layer (pooling, the energies of sharpness, softmax); but a ReLU right behind a layer goes with
it, or half of each range is spent on what it cuts off (measured on MobileNetV2: 0.71 of the photos named alike, with
it 0.98, and twice as fast).

Weights have eight bits: seven named 0.63 alike. Processors without VNNI (before about 2019) may overflow on eight and
answer otherwise than the machine that tried the file; a policy for models that serve there leaves int8 out.
"""

import logging
import math
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import onnx
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from inference.preprocess import Tensor as Array
from trainer.errors import NothingToQuantise
from trainer.handover.photos_side import Side, as_arrays

CALIBRATION_PHOTOS = 64
_BATCH = 8
_CUTS_OFF = ("Relu", "Clip")
_LEAST_WEIGHTS = 16_384  # of a matrix product: smaller ones save nothing and are often the delicate ones


class _Photos(CalibrationDataReader):  # type: ignore[misc]  # untyped
    """Training photos one batch after the other, as the calibration asks for them."""

    def __init__(self, side: Side) -> None:
        self._batches = side.batches(CALIBRATION_PHOTOS, _BATCH)

    def get_next(self) -> dict[str, Array] | None:
        """The next batch, None after the last."""
        batch = next(self._batches, None)
        return None if batch is None else as_arrays(batch)


def to_int8(model: onnx.ModelProto, training: Side) -> onnx.ModelProto:
    """A copy of `model` with its inner layers in int8. Raises NothingToQuantise where it has none that qualify."""
    layers = inner_layers(model)
    if not layers or not len(training):
        raise NothingToQuantise("no layer that gains from int8, or no photo to calibrate with")
    with tempfile.TemporaryDirectory() as folder, _quiet():
        whole, small = Path(folder) / "float32.onnx", Path(folder) / "int8.onnx"
        onnx.save_model(model, whole)  # handed over in memory it would be changed in place
        quantize_static(
            whole,
            small,
            _Photos(training),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv", "MatMul", *_CUTS_OFF],
            nodes_to_quantize=[*layers, *_right_behind(model, layers)],
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
        return onnx.load_model(small)


def inner_layers(model: onnx.ModelProto) -> list[str]:
    """Names of the layers that go to int8: with a layer before them and one after, in the graph's order."""
    layers = [node for node in model.graph.node if node.op_type in {"Conv", "MatMul", "Gemm"}]
    after_a_layer = _reached(model.graph.node, layers)
    before_a_layer = _reached(_turned(model.graph.node), _turned(layers))
    sizes = {tensor.name: _elements(tensor) for tensor in model.graph.initializer}
    return [
        node.name
        for node in layers
        if _worth(node, sizes) and set(node.input) & after_a_layer and set(node.output) & before_a_layer
    ]


def _right_behind(model: onnx.ModelProto, layers: list[str]) -> list[str]:
    """Names of the activations that take what one of `layers` gives."""
    given = {name for node in model.graph.node if node.name in set(layers) for name in node.output}
    return [node.name for node in model.graph.node if node.op_type in _CUTS_OFF and node.input[0] in given]


def _worth(node: onnx.NodeProto, sizes: dict[str, int]) -> bool:
    large = sizes.get(node.input[1], 0) >= _LEAST_WEIGHTS
    return node.op_type == "Conv" or (node.op_type == "MatMul" and large)


def _elements(tensor: onnx.TensorProto) -> int:
    return math.prod(tensor.dims)


def _turned(nodes: list[onnx.NodeProto]) -> list[onnx.NodeProto]:
    """The same nodes from the end to the beginning, outputs for inputs."""
    return [
        onnx.NodeProto(name=node.name, op_type=node.op_type, input=node.output, output=node.input)
        for node in reversed(nodes)
    ]


def _reached(nodes: list[onnx.NodeProto], layers: list[onnx.NodeProto]) -> set[str]:
    """Names of the values that some layer comes before; `nodes` are in order."""
    names = {node.name for node in layers}
    reached: set[str] = set()
    for node in nodes:
        if node.name in names or set(node.input) & reached:
            reached.update(node.output)
    return reached


@contextmanager
def _quiet() -> Iterator[None]:
    # It asks for a preprocessing that the exporter has done already, on the root logger.
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)
