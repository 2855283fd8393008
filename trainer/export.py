"""From network to ONNX file, and the proof that both answer alike."""

import logging
import tempfile
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor, nn

from inference.manifest import MODEL_NAME
from trainer.errors import ExportDiffers

OPSET = 18
TOLERANCE = 1e-4
"""By how much an output of the file may differ from the network's, anywhere."""


def to_onnx(served: nn.Module, inputs: dict[str, Tensor], outputs: tuple[str, ...]) -> onnx.ModelProto:
    """Export in float32 with a free batch dimension; `inputs` by name hold at least two examples.

    Tensors are passed to the network in the order of `inputs`.
    """
    served = served.to("cpu", torch.float32).eval()
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # it notes that torchvision is absent, four times
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns about its own internals
        program = torch.onnx.export(
            served,
            tuple(tensor.contiguous() for tensor in inputs.values()),
            input_names=list(inputs),
            output_names=list(outputs),
            opset_version=OPSET,
            dynamo=True,
            dynamic_shapes=tuple({0: "batch"} for _ in inputs),
            verbose=False,
        )
    if program is None:
        raise ExportDiffers("the exporter gave nothing")
    with tempfile.TemporaryDirectory() as folder:
        program.save(Path(folder) / MODEL_NAME)
        return onnx.load_model(Path(folder) / MODEL_NAME)


def with_metadata(model: onnx.ModelProto, metadata: dict[str, str]) -> bytes:
    """The file's bytes with `metadata` written into it, and the exporter's notes on source lines left out."""
    del model.metadata_props[:]
    onnx.helper.set_model_props(model, metadata)
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    for value in (*model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer):
        del value.metadata_props[:]
    onnx.checker.check_model(model)
    file: bytes = model.SerializeToString(deterministic=True)
    return file


def check_parity(served: nn.Module, file: bytes, inputs: dict[str, Tensor]) -> float:
    """Ask both about the same examples; give the largest difference, or raise ExportDiffers beyond 1e-4."""
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    answers = session.run(None, {name: tensor.contiguous().numpy() for name, tensor in inputs.items()})
    with torch.inference_mode():
        expected = served.eval()(*inputs.values())
    expected = expected if isinstance(expected, tuple) else (expected,)
    difference = max(
        float(np.abs(answer - wanted.numpy()).max()) for answer, wanted in zip(answers, expected, strict=True)
    )
    if not difference <= TOLERANCE:
        raise ExportDiffers(f"file and network differ by {difference:.2e}, more than {TOLERANCE:.0e}")
    return difference
