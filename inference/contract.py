"""What a model file must look like from outside to be the one its manifest describes."""

import json
from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from inference.errors import ModelRefused
from inference.graph import PROBABILITIES
from inference.manifest import Manifest
from inference.preprocess import Tensor

IMAGE, PATCHES, CONTEXT = "image", "patches", "context"
EMBEDDING, UNLIKENESS = "embedding", "unlikeness"
TOLERANCE = 1e-3
"""By how much a row of probabilities may miss a sum of 1, and an embedding unit length."""

_FLOAT32 = "tensor(float)"

Shape = tuple[int | None, ...]
"""Sizes along the axes; None may be anything."""


class Port(Protocol):
    """An input or output as ONNX Runtime describes it."""

    @property
    def name(self) -> str:
        """What it is fed or read by."""

    @property
    def type(self) -> str:
        """What it holds, such as `tensor(float)`."""

    @property
    def shape(self) -> Sequence[int | str | None]:
        """Sizes along the axes; a name or None where any will do."""


def input_shapes(manifest: Manifest) -> dict[str, Shape]:
    """Shapes of the inputs that the manifest calls for, batch first."""
    shapes: dict[str, Shape] = {IMAGE: (None, 3, manifest.image_size, manifest.image_size)}
    if manifest.patches is not None:
        size = manifest.patches.size
        shapes[PATCHES] = (None, manifest.patches.count, 3, size, size)
    if manifest.context is not None:
        shapes[CONTEXT] = (None, manifest.context.width)
    return shapes


def output_shapes(manifest: Manifest) -> dict[str, Shape]:
    """Shapes of the outputs that the manifest calls for, batch first."""
    shapes: dict[str, Shape] = {PROBABILITIES: (None, len(manifest.labels))}
    if manifest.task == "disease":
        shapes[EMBEDDING] = (None, None)
    if manifest.unknown is not None and manifest.unknown.rule == "unlikeness":
        shapes[UNLIKENESS] = (None,)
    return shapes


def check_metadata(metadata: Mapping[str, str], manifest: Manifest) -> None:
    """Refuse a file whose own metadata lacks a key or tells another story than the manifest."""
    for key, wanted in manifest.onnx_metadata().items():
        found = metadata.get(key)
        if found is None:
            raise ModelRefused(f"the metadata lacks {key!r}")
        if _value(found) != _value(wanted):
            raise ModelRefused(f"the metadata says {key} is {found[:200]}, the manifest says {wanted[:200]}")


def _value(text: str) -> object:
    # "0.50" and "0.5" are the same threshold.
    try:
        value: object = json.loads(text)
    except ValueError:
        return text
    return value


def check_interface(inputs: Sequence[Port], outputs: Sequence[Port], manifest: Manifest) -> None:
    """Refuse a file whose inputs and outputs have other names, types or shapes than the manifest calls for."""
    _check_ports("input", inputs, input_shapes(manifest))
    _check_ports("output", outputs, output_shapes(manifest))


def _check_ports(kind: str, ports: Sequence[Port], wanted: Mapping[str, Shape]) -> None:
    names = {port.name for port in ports}
    if names != set(wanted):
        raise ModelRefused(f"the {kind}s are {_listed(names)}, the manifest calls for {_listed(wanted)}")
    for port in ports:
        if port.type != _FLOAT32:
            raise ModelRefused(f"{kind} {port.name} is {port.type}, not {_FLOAT32}")
        if not _fits(port.shape, wanted[port.name]):
            raise ModelRefused(f"{kind} {port.name} has the shape {list(port.shape)}, not {_shown(wanted[port.name])}")


def _fits(shape: Sequence[int | str | None], wanted: Shape) -> bool:
    if len(shape) != len(wanted):
        return False
    batch, *rest = shape
    if isinstance(batch, int):
        return False  # a file for one fixed batch cannot be asked about several pictures
    fixed = zip(rest, wanted[1:], strict=True)
    return all(size == want for size, want in fixed if isinstance(size, int) and want is not None)


def _listed(names: set[str] | Mapping[str, Shape]) -> str:
    return ", ".join(sorted(names)) or "none"


def _shown(shape: Shape) -> str:
    return "[" + ", ".join("N" if size is None else str(size) for size in shape) + "]"


def trial_inputs(manifest: Manifest) -> dict[str, Tensor]:
    """Give one row of zeros for every input."""
    return {
        name: np.zeros([1 if size is None else size for size in shape], dtype=np.float32)
        for name, shape in input_shapes(manifest).items()
    }


def check_trial(outputs: Mapping[str, Tensor], manifest: Manifest) -> None:
    """Refuse a model whose outputs for one row have the wrong shape or values that mean nothing.

    Probabilities sum to 1, an embedding has unit length, unlikeness lies within 0..1.
    """
    probabilities = outputs[PROBABILITIES]
    if probabilities.shape != (1, len(manifest.labels)):
        raise ModelRefused(
            f"probabilities have the shape {list(probabilities.shape)} for {len(manifest.labels)} labels"
        )
    total = float(probabilities.sum())
    if probabilities.min() < 0 or abs(total - 1) > TOLERANCE:
        raise ModelRefused(f"probabilities are negative or sum to {total:.4f}, not to 1")
    if EMBEDDING in outputs:
        _check_embedding(outputs[EMBEDDING])
    if UNLIKENESS in outputs:
        _check_unlikeness(outputs[UNLIKENESS])


def _check_embedding(embedding: Tensor) -> None:
    if embedding.ndim != 2 or embedding.shape[0] != 1:
        raise ModelRefused(f"embedding has the shape {list(embedding.shape)}, not [1, D]")
    length = float(np.linalg.norm(embedding))
    if abs(length - 1) > TOLERANCE:
        raise ModelRefused(f"embedding has the length {length:.4f}, not 1")


def _check_unlikeness(unlikeness: Tensor) -> None:
    if unlikeness.shape != (1,):
        raise ModelRefused(f"unlikeness has the shape {list(unlikeness.shape)}, not [1]")
    if not -TOLERANCE <= float(unlikeness[0]) <= 1 + TOLERANCE:
        raise ModelRefused(f"unlikeness is {float(unlikeness[0]):.4f}, not within 0 and 1")
