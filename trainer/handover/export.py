"""From network to the bytes of an ONNX file; the same weights give the same bytes."""

import logging
import tempfile
import warnings
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

from inference.manifest import MODEL_NAME
from trainer.errors import ExportDiffers

OPSET = 18


def to_onnx(served: nn.Module, inputs: dict[str, Tensor], outputs: tuple[str, ...]) -> onnx.ModelProto:
    """Export in float32 with a free batch dimension; `inputs` by name hold one example or more each.

    Tensors are passed to the network in the order of `inputs`. Raises ExportDiffers where the exporter fails.
    """
    served = served.to("cpu", torch.float32).eval()
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # it notes that torchvision is absent, four times
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns about its own internals
        try:
            program = torch.onnx.export(
                served,
                tuple(_two_of(tensor) for tensor in inputs.values()),
                input_names=list(inputs),
                output_names=list(outputs),
                opset_version=OPSET,
                dynamo=True,
                dynamic_shapes=tuple({0: "batch"} for _ in inputs),
                verbose=False,
            )
        except torch.onnx.OnnxExporterError as error:
            raise ExportDiffers("this network cannot be written as an ONNX file") from error
    if program is None:
        raise ExportDiffers("the exporter gave nothing")
    with tempfile.TemporaryDirectory() as folder:
        program.save(Path(folder) / MODEL_NAME)
        return onnx.load_model(Path(folder) / MODEL_NAME)


def _two_of(tensor: Tensor) -> Tensor:
    # From one example the exporter would conclude that a batch is always one.
    return torch.cat([tensor, tensor])[:2].contiguous()


def with_metadata(model: onnx.ModelProto, metadata: dict[str, str]) -> bytes:
    """The file's bytes with `metadata` written into it, and notes on source lines and tools left out."""
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
