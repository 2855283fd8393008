"""Handing a fitted model over: file, manifest, card and photo hashes into the model store, in one step."""

import hashlib
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version as installed_version
from pathlib import Path

from torch import Tensor, nn

from inference.graph import HiddenSize, check_size, hidden_size
from inference.manifest import (
    CARD_NAME,
    MODEL_NAME,
    Architecture,
    ContextVocabulary,
    Manifest,
    Metric,
    Patches,
    Task,
    TrainingData,
    UnknownRule,
    write_manifest,
    write_photo_hashes,
)
from inference.runtime import load_model
from inference.store import ModelStore
from trainer.card import CardFacts, card
from trainer.export import check_parity, to_onnx, with_metadata

_NO_HASH = "0" * 64


@dataclass(frozen=True, slots=True, eq=False)
class Finished:
    """A fitted and calibrated model with all that its manifest says. `photos` are SHA-256 of what it learnt from.

    `example_inputs` are real examples by input name, at least two, for export and the parity check.
    """

    task: Task
    labels: tuple[str, ...]
    architecture: str
    served: nn.Module
    outputs: tuple[str, ...]
    example_inputs: dict[str, Tensor]
    image_size: int
    threshold: float
    temperature: float
    metrics: dict[str, Metric]
    photos: frozenset[str]
    fingerprint: str
    demonstration: bool
    credits: tuple[str, ...]
    card: CardFacts
    patches: Patches | None = None
    context: ContextVocabulary | None = None
    malignant: tuple[str, ...] = ()
    unknown: UnknownRule | None = None
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class Published:
    """What was put into the store. `parity` is the largest difference of file and network on real examples."""

    version: int
    size: HiddenSize
    file_bytes: int
    parity: float


def publish(finished: Finished, store: ModelStore) -> Published:
    """Export, check against the network, load once as serving will, and add to the store as the next version.

    Raises ExportDiffers, ModelRefused (too small a network, among others) or StoreError; then the store is unchanged.
    """
    store.root.mkdir(parents=True, exist_ok=True)
    model = to_onnx(finished.served, finished.example_inputs, finished.outputs)
    size = hidden_size(model)
    check_size(size)
    draft = _manifest(finished, store.next_version(finished.task), size)
    file = with_metadata(model, draft.onnx_metadata())
    parity = check_parity(finished.served, file, finished.example_inputs)
    manifest = draft.model_copy(update={"model_sha256": hashlib.sha256(file).hexdigest()})
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write(folder, file, manifest, finished)
        load_model(folder, threads=1)
        store.add(folder)
    return Published(manifest.version, size, len(file), parity)


def _manifest(finished: Finished, version: int, size: HiddenSize) -> Manifest:
    return Manifest(
        task=finished.task,
        version=version,
        architecture=Architecture(name=finished.architecture, hidden_layers=size.layers, units=size.units),
        labels=finished.labels,
        image_size=finished.image_size,
        patches=finished.patches,
        context=finished.context,
        threshold=finished.threshold,
        temperature=finished.temperature,
        malignant=finished.malignant,
        unknown=finished.unknown,
        metrics=finished.metrics,
        data=TrainingData(fingerprint=finished.fingerprint, photos=len(finished.photos)),
        code_version=f"dermgate {installed_version('dermgate')}",
        created_at=finished.created_at,
        demonstration=finished.demonstration,
        credits=finished.credits,
        model_sha256=_NO_HASH,
    )


def _write(folder: Path, file: bytes, manifest: Manifest, finished: Finished) -> None:
    (folder / MODEL_NAME).write_bytes(file)
    write_manifest(manifest, folder)
    write_photo_hashes(set(finished.photos), folder)
    (folder / CARD_NAME).write_text(card(manifest, finished.card), encoding="utf-8")


def layer_summary(model: nn.Module) -> list[tuple[str, str, int]]:
    """Name, kind and number of weights of every layer that has any, in order."""
    return [
        (name, type(layer).__name__, sum(weights.numel() for weights in layer.parameters(recurse=False)))
        for name, layer in model.named_modules()
        if any(True for _ in layer.parameters(recurse=False))
    ]
