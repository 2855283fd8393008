"""Small real ONNX models and their folders, for whatever needs a model that may serve."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from inference.graph import hidden_size
from inference.manifest import (
    CARD_NAME,
    MODEL_NAME,
    Architecture,
    Manifest,
    Task,
    TrainingData,
    write_manifest,
    write_photo_hashes,
)
from inference.rules import SUITABILITY_LABELS

DISEASES = ("ACK", "BCC", "MEL", "NEV", "SCC", "SEK")
IMAGE_SIZE = 32
LAYERS, CHANNELS = 10, 50
PHOTOS = {hashlib.sha256(b"photo").hexdigest()}


def make_manifest(task: Task, **changes: Any) -> Manifest:
    """A manifest that fits the models of `build_model`; the hash of the file is put in by `write_model`."""
    facts: dict[str, Any] = {
        "task": task,
        "version": 1,
        "architecture": Architecture(name="small", hidden_layers=LAYERS, units=LAYERS * CHANNELS),
        "labels": SUITABILITY_LABELS if task == "suitability" else DISEASES,
        "image_size": IMAGE_SIZE,
        "threshold": 0.5,
        "malignant": () if task == "suitability" else ("BCC", "MEL", "SCC"),
        "data": TrainingData(fingerprint="0" * 64, photos=len(PHOTOS)),
        "code_version": "test",
        "created_at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        "demonstration": True,
        "model_sha256": "0" * 64,
    }
    return Manifest(**(facts | changes))


def certain_of(labels: tuple[str, ...], label: str, probability: float = 0.9) -> dict[str, float]:
    """Probabilities that give `label` one value and share the rest out equally."""
    rest = (1 - probability) / (len(labels) - 1)
    return {name: probability if name == label else rest for name in labels}


def build_model(
    manifest: Manifest,
    *,
    probabilities: dict[str, float] | None = None,
    layers: int = LAYERS,
    channels: int = CHANNELS,
    outputs: int | None = None,
    metadata: dict[str, str] | None = None,
    softmax: bool = True,
    unlikeness: float | None = None,
) -> onnx.ModelProto:
    """Convolutions, a mean, a linear layer, a softmax.

    With `probabilities` the answer is those whatever the picture; else it depends on every input. So it is with
    `unlikeness`, where the manifest's rule asks for it. The other arguments spoil the model: fewer layers, another
    number of outputs, other metadata, no softmax.
    """
    graph = _Graph(np.random.default_rng(7))
    graph.add_input("image", ["N", 3, manifest.image_size, manifest.image_size])
    name = graph.conv("image", 3, channels, size=3, stride=4)
    for _ in range(layers - 1):
        name = graph.conv(name, channels, channels, size=1, stride=1)
    features = graph.node("Flatten", [graph.node("GlobalAveragePool", [name])])
    parts, width = [features], channels
    if manifest.patches is not None:
        plan = manifest.patches
        graph.add_input("patches", ["N", plan.count, 3, plan.size, plan.size])
        axes = graph.constant(np.array([1, 3, 4], dtype=np.int64))
        parts.append(graph.node("ReduceMean", ["patches", axes], keepdims=0))
        width += 3
    if manifest.context is not None:
        graph.add_input("context", ["N", manifest.context.width])
        parts.append("context")
        width += manifest.context.width
    count = outputs or len(manifest.labels)
    joined = graph.node("Concat", parts, axis=1)
    logits = graph.linear(joined, width, count, _logits(manifest, probabilities))
    graph.node("Softmax" if softmax else "Identity", [logits], output="probabilities")
    graph.add_output("probabilities", ["N", count])
    if manifest.task == "disease":
        graph.node("LpNormalization", [features], output="embedding", axis=1, p=2)
        graph.add_output("embedding", ["N", channels])
    if manifest.unknown is not None and manifest.unknown.rule == "unlikeness":
        graph.add_unlikeness(features, unlikeness)
    return graph.model(manifest.onnx_metadata() if metadata is None else metadata)


def _logits(manifest: Manifest, probabilities: dict[str, float] | None) -> NDArray[np.float32] | None:
    if probabilities is None:
        return None
    return np.log([probabilities[label] for label in manifest.labels]).astype(np.float32)


def write_model(folder: Path, manifest: Manifest, model: onnx.ModelProto | None = None) -> Path:
    """Write a model's folder as the trainer would, with the hash and the size that the file has."""
    model = build_model(manifest) if model is None else model
    data = model.SerializeToString()
    size = hidden_size(model)
    folder.mkdir(parents=True)
    (folder / MODEL_NAME).write_bytes(data)
    (folder / CARD_NAME).write_text("# A model for tests\n")
    write_photo_hashes(PHOTOS, folder)
    architecture = Architecture(name="small", hidden_layers=max(size.layers, 1), units=max(size.units, 1))
    facts = {"model_sha256": hashlib.sha256(data).hexdigest(), "architecture": architecture}
    write_manifest(manifest.model_copy(update=facts), folder)
    return folder


def overwrite(path: Path, data: bytes) -> None:
    """Put other bytes into a file of a store, which can only be read."""
    path.unlink()
    path.write_bytes(data)


class _Graph:
    """An ONNX graph in the making; names are numbered."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.nodes: list[onnx.NodeProto] = []
        self.inputs: list[onnx.ValueInfoProto] = []
        self.outputs: list[onnx.ValueInfoProto] = []
        self.weights: list[onnx.TensorProto] = []

    def add_input(self, name: str, shape: list[str | int]) -> None:
        self.inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))

    def add_output(self, name: str, shape: list[str | int]) -> None:
        self.outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))

    def constant(self, values: NDArray[Any] | np.float32) -> str:
        name = f"weight_{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    def node(self, kind: str, inputs: list[str], output: str | None = None, **attributes: Any) -> str:
        name = output or f"value_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name

    def conv(self, source: str, inputs: int, outputs: int, *, size: int, stride: int) -> str:
        weights = self._random(outputs, inputs, size, size) / np.sqrt(inputs * size * size)
        bias = np.full(outputs, 0.1, dtype=np.float32)
        operands = [source, self.constant(weights.astype(np.float32)), self.constant(bias)]
        return self.node("Relu", [self.node("Conv", operands, strides=[stride, stride])])

    def linear(self, source: str, inputs: int, outputs: int, bias: NDArray[np.float32] | None) -> str:
        fixed = bias is not None
        weights = np.zeros((inputs, outputs), np.float32) if fixed else self._random(inputs, outputs)
        values = np.zeros(outputs, np.float32) if bias is None else bias
        return self.node("Gemm", [source, self.constant(weights), self.constant(values)])

    def add_unlikeness(self, features: str, fixed: float | None) -> None:
        mean = self.node("ReduceMean", [features, self.constant(np.array([1], dtype=np.int64))], keepdims=0)
        slope, shift = (1.0, 0.0) if fixed is None else (0.0, fixed)
        scaled = self.node("Mul", [mean, self.constant(np.float32(slope))])
        added = self.node("Add", [scaled, self.constant(np.float32(shift))])
        self.node("Clip", [added, self.constant(np.float32(0)), self.constant(np.float32(1))], output="unlikeness")
        self.add_output("unlikeness", ["N"])

    def _random(self, *shape: int) -> NDArray[np.float32]:
        return self.rng.standard_normal(shape).astype(np.float32)

    def model(self, metadata: dict[str, str]) -> onnx.ModelProto:
        graph = helper.make_graph(self.nodes, "small", self.inputs, self.outputs, self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
        helper.set_model_props(model, metadata)
        return model
