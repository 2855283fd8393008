from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from inference.errors import ModelRefused
from inference.graph import HiddenSize, check_size, external_tensors, hidden_size
from tests.models import build_model, make_manifest


def model_of(nodes: list[onnx.NodeProto], weights: dict[str, tuple[int, ...]]) -> onnx.ModelProto:
    """A model from nodes between `x` and `probabilities`; only shapes count here."""
    value = helper.make_tensor_value_info
    tensors = [numpy_helper.from_array(np.zeros(shape, np.float32), name) for name, shape in weights.items()]
    ends = [value("x", TensorProto.FLOAT, None)], [value("probabilities", TensorProto.FLOAT, None)]
    return helper.make_model(helper.make_graph(nodes, "test", *ends, tensors))


def node(kind: str, inputs: str, output: str, **attributes: Any) -> onnx.NodeProto:
    return helper.make_node(kind, inputs.split(), [output], **attributes)


@pytest.mark.parametrize(("layers", "units"), [(9, 5000), (10, 499), (0, 0)])
def test_small_networks_are_refused(layers: int, units: int) -> None:
    with pytest.raises(ModelRefused, match=f"{layers} hidden layers with {units} units"):
        check_size(HiddenSize(layers, units))


def test_ten_layers_and_five_hundred_units_are_enough() -> None:
    check_size(HiddenSize(10, 500))


def test_hidden_layers_are_those_before_the_output_layer() -> None:
    assert hidden_size(build_model(make_manifest("disease"), layers=12, channels=40)) == HiddenSize(12, 480)


@pytest.mark.parametrize(
    ("hidden", "weights", "units"),
    [
        (node("Conv", "x w", "h"), (16, 3, 3, 3), 16),
        (node("Conv", "x w", "h", group=16), (16, 1, 3, 3), 16),
        (node("ConvTranspose", "x w", "h", group=2), (6, 5, 3, 3), 10),
        (node("Gemm", "x w", "h"), (7, 9), 9),
        (node("Gemm", "x w", "h", transB=1), (7, 9), 7),
        (node("MatMul", "x w", "h"), (7, 9), 9),
        (node("MatMul", "w x", "h"), (7, 9), 7),
        (node("ConvInteger", "x w", "h"), (8, 3, 1, 1), 8),
        (node("MatMulInteger", "x w", "h"), (7, 9), 9),
        (node("QLinearConv", "x s z w", "h"), (8, 3, 1, 1), 8),
        (node("QLinearMatMul", "x s z w", "h"), (7, 9), 9),
    ],
    ids=lambda value: value.op_type if isinstance(value, onnx.NodeProto) else None,
)
def test_units_are_output_channels_or_features(hidden: onnx.NodeProto, weights: tuple[int, ...], units: int) -> None:
    output = node("Gemm", "h last", "probabilities")
    assert hidden_size(model_of([hidden, output], {"w": weights, "last": (units, 2)})) == HiddenSize(1, units)


def test_products_without_weights_are_no_layers() -> None:
    nodes = [node("MatMul", "x x", "h"), node("Gemm", "h last", "probabilities")]
    assert hidden_size(model_of(nodes, {"last": (4, 2)})) == HiddenSize(0, 0)


def test_weights_are_followed_through_dequantising_and_transposing() -> None:
    nodes = [
        node("DequantizeLinear", "w scale", "real"),
        node("Transpose", "real", "turned"),
        node("MatMul", "x turned", "h"),
        node("Gemm", "h last", "probabilities"),
    ]
    assert hidden_size(model_of(nodes, {"w": (9, 7), "scale": (), "last": (9, 2)})) == HiddenSize(1, 9)


def test_weights_in_constant_nodes_count() -> None:
    values = numpy_helper.from_array(np.zeros((7, 9), np.float32))
    nodes = [
        helper.make_node("Constant", [], ["w"], value=values),
        helper.make_node("Constant", [], ["axis"], value_int=1),
        node("MatMul", "x w", "h"),
        node("Gemm", "h last", "probabilities"),
    ]
    assert hidden_size(model_of(nodes, {"last": (9, 2)})) == HiddenSize(1, 9)


def test_layers_that_lead_nowhere_do_not_count() -> None:
    nodes = [
        node("Gemm", "x w", "idle"),
        node("Gemm", "x w", "h"),
        node("Relu", "h", "r"),
        node("Gemm", "r last", "logits"),
        node("Softmax", "logits", "probabilities"),
    ]
    assert hidden_size(model_of(nodes, {"w": (3, 5), "last": (5, 2)})) == HiddenSize(1, 5)


def test_two_heads_that_are_averaged_are_both_the_output_layer() -> None:
    nodes = [
        node("Gemm", "x w", "h"),
        node("Gemm", "h last", "a"),
        node("Gemm", "h last", "b"),
        node("Mean", "a b", "probabilities"),
    ]
    assert hidden_size(model_of(nodes, {"w": (3, 5), "last": (5, 2)})) == HiddenSize(1, 5)


def test_a_network_without_the_output_has_no_layers() -> None:
    assert hidden_size(model_of([node("Relu", "x", "y")], {})) == HiddenSize(0, 0)


def test_layers_in_functions_of_the_model_count() -> None:
    weights = numpy_helper.from_array(np.zeros((3, 5), np.float32))
    body = [helper.make_node("Constant", [], ["w"], value=weights), node("MatMul", "a w", "b")]
    opset = helper.make_opsetid("", 18)
    function = helper.make_function("own", "Layer", ["a"], ["b"], body, [opset])
    nodes = [helper.make_node("Layer", ["x"], ["h"], domain="own"), node("Gemm", "h last", "probabilities")]
    model = model_of(nodes, {"last": (5, 2)})
    del model.opset_import[:]
    model.opset_import.extend([opset, helper.make_opsetid("own", 1)])
    model.functions.append(function)
    assert hidden_size(model) == HiddenSize(1, 5)


def test_values_outside_the_file_are_found_in_subgraphs_too() -> None:
    outside = numpy_helper.from_array(np.zeros(1, np.float32), "outside")
    outside.data_location = TensorProto.EXTERNAL
    branch = helper.make_graph([helper.make_node("Constant", [], ["y"], value=outside)], "branch", [], [])
    model = model_of([helper.make_node("If", ["x"], ["probabilities"], then_branch=branch)], {})
    assert list(external_tensors(model)) == ["outside"]
    assert not list(external_tensors(build_model(make_manifest("suitability"))))
