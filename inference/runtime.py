"""Loading a model from its folder, and running it: nothing runs that does not fit its manifest."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]  # comes with onnx, untyped
from onnxruntime.capi import onnxruntime_pybind11_state as onnxruntime_errors

from inference.contract import check_interface, check_metadata, check_trial, trial_inputs
from inference.errors import ModelFailed, ModelRefused
from inference.graph import check_size, external_tensors, hidden_size
from inference.manifest import MODEL_NAME, Manifest, read_manifest
from inference.preprocess import Tensor
from inference.threads import AutoThreads, usable_cores

MAX_MODEL_BYTES = 1024**3
MAX_DEFAULT_THREADS = 8  # beyond it, pictures of this size gain nothing

# ONNX Runtime's errors share no base of their own.
_RUNTIME_ERRORS = (
    onnxruntime_errors.EPFail,
    onnxruntime_errors.Fail,
    onnxruntime_errors.InvalidArgument,
    onnxruntime_errors.InvalidGraph,
    onnxruntime_errors.InvalidProtobuf,
    onnxruntime_errors.NotImplemented,
    onnxruntime_errors.RuntimeException,
    RuntimeError,
)


@dataclass(frozen=True, slots=True, eq=False)
class LoadedModel:
    """A model that may run; `threads` work on one run. Safe to share between threads."""

    manifest: Manifest
    folder: Path
    session: onnxruntime.InferenceSession
    threads: int

    def run(self, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Run on named inputs (float32, batch first); give the outputs by name.

        Raises ModelFailed where the runtime fails or an output holds no finite numbers.
        """
        names = [output.name for output in self.session.get_outputs()]
        try:
            outputs = dict(zip(names, self.session.run(names, dict(inputs)), strict=True))
        except _RUNTIME_ERRORS as error:
            raise ModelFailed(f"{self.manifest.name} failed: {_first_line(error)}") from error
        for name, values in outputs.items():
            if not np.isfinite(values).all():
                raise ModelFailed(f"{self.manifest.name} gave numbers that are not finite in {name}")
        return outputs


def load_model(folder: Path, *, threads: int | AutoThreads | None = None) -> LoadedModel:
    """Load the model of a folder `.../VERSION` and try it once.

    `threads` work on one run; by default as many as this process may use, at most 8, and by AutoThreads what proves
    quickest. Idle ones sleep.

    Raises ManifestError for the manifest, and ModelRefused where the file is missing or too large, has another hash
    than the manifest says, is no valid ONNX file or not self-contained, differs from the manifest in metadata,
    inputs, outputs, layers or units, has too few of these, or fails the trial run.
    """
    manifest = read_manifest(folder)
    data = _read_model(folder)
    _check_hash(data, manifest)
    _check_file(data, manifest)
    count = 1 if isinstance(threads, AutoThreads) else threads or _default_threads()
    session = _open_session(data, count)
    check_interface(session.get_inputs(), session.get_outputs(), manifest)
    model = LoadedModel(manifest, folder, session, count)
    _try_once(model)
    if not isinstance(threads, AutoThreads):
        return model
    inputs = trial_inputs(manifest)
    count, session = threads.choose(manifest.model_sha256, session, lambda wanted: _open_session(data, wanted), inputs)
    return LoadedModel(manifest, folder, session, count)


def _read_model(folder: Path) -> bytes:
    path = folder / MODEL_NAME
    try:
        if path.stat().st_size > MAX_MODEL_BYTES:
            raise ModelRefused(f"{MODEL_NAME} has more than {MAX_MODEL_BYTES} bytes")
        return path.read_bytes()
    except OSError as error:
        raise ModelRefused(f"{MODEL_NAME} cannot be read: {error.strerror}") from error


def _check_hash(data: bytes, manifest: Manifest) -> None:
    found = hashlib.sha256(data).hexdigest()
    if found != manifest.model_sha256:
        raise ModelRefused(f"{MODEL_NAME} has the SHA-256 {found}, the manifest says {manifest.model_sha256}")


def _check_file(data: bytes, manifest: Manifest) -> None:
    try:
        proto = onnx.load_model_from_string(data)
    except DecodeError as error:
        raise ModelRefused(f"{MODEL_NAME} is not an ONNX file") from error
    outside = next(external_tensors(proto), None)
    if outside is not None:
        raise ModelRefused(f"the values of {outside!r} lie outside {MODEL_NAME}")
    check_metadata({entry.key: entry.value for entry in proto.metadata_props}, manifest)
    size = hidden_size(proto)
    check_size(size)
    if (size.layers, size.units) != (manifest.architecture.hidden_layers, manifest.architecture.units):
        raise ModelRefused(
            f"{MODEL_NAME} has {size.layers} hidden layers with {size.units} units, the manifest says "
            f"{manifest.architecture.hidden_layers} with {manifest.architecture.units}"
        )


def _open_session(data: bytes, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3  # errors
    # Threads that spin while they wait take the processor from everything else on the machine.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except _RUNTIME_ERRORS as error:
        raise ModelRefused(f"ONNX Runtime does not take {MODEL_NAME}: {_first_line(error)}") from error


def _default_threads() -> int:
    return min(usable_cores(), MAX_DEFAULT_THREADS)


def _try_once(model: LoadedModel) -> None:
    try:
        outputs = model.run(trial_inputs(model.manifest))
    except ModelFailed as error:
        raise ModelRefused(f"the trial run failed: {error}") from error
    check_trial(outputs, model.manifest)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:300]
