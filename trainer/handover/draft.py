"""A model's folder in the making: written as the store wants it, loaded as serving loads it."""

import hashlib
from dataclasses import dataclass
from importlib.metadata import version as installed_version
from pathlib import Path

import onnx

from inference.graph import HiddenSize, check_size, hidden_size
from inference.manifest import (
    CARD_NAME,
    MODEL_NAME,
    Architecture,
    Manifest,
    Precision,
    TrainingData,
    write_manifest,
    write_photo_hashes,
)
from inference.runtime import LoadedModel, load_model
from trainer.handover.decision import Decision
from trainer.handover.examined import Examined
from trainer.handover.export import with_metadata
from trainer.handover.finished import Finished
from trainer.handover.record import DECISION_JSON, as_json

REPORT_NAME = "report.html"
_NO_HASH = "0" * 64


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """One precision of a finished model as a file that loads; not yet measured or described."""

    model: LoadedModel
    file_bytes: int

    @property
    def manifest(self) -> Manifest:
        """The manifest as far as it is known."""
        return self.model.manifest


def make_draft(finished: Finished, graph: onnx.ModelProto, precision: Precision, version: int, folder: Path) -> Draft:
    """Write file and manifest into a new `folder` and load them on one thread. Raises ModelRefused, ManifestError."""
    size = hidden_size(graph)
    check_size(size)
    draft = _manifest(finished, version, size, precision)
    file = with_metadata(graph, draft.onnx_metadata())
    folder.mkdir()
    (folder / MODEL_NAME).write_bytes(file)
    write_manifest(draft.model_copy(update={"model_sha256": hashlib.sha256(file).hexdigest()}), folder)
    return Draft(load_model(folder, threads=1), len(file))


def complete(draft: Draft, finished: Finished, examined: Examined, decision: Decision) -> Path:
    """Put manifest, photo hashes, card, report and decision beside the file; return the folder, fit for a store.

    `examined` has the answers of this very file to the test side.
    """
    folder = draft.model.folder
    manifest = draft.manifest.model_copy(update={"metrics": finished.measure(examined)})
    papers = finished.describe(manifest, examined, decision)
    write_manifest(manifest, folder)
    write_photo_hashes(set(finished.photos), folder)
    (folder / CARD_NAME).write_text(papers.card, encoding="utf-8")
    (folder / DECISION_JSON).write_text(as_json(decision), encoding="utf-8")
    if papers.report is not None:
        (folder / REPORT_NAME).write_text(papers.report, encoding="utf-8")
    return folder


def _manifest(finished: Finished, version: int, size: HiddenSize, precision: Precision) -> Manifest:
    examined = finished.examined
    return Manifest(
        task=examined.task,
        version=version,
        architecture=Architecture(name=finished.architecture, hidden_layers=size.layers, units=size.units),
        labels=examined.scored.labels,
        image_size=finished.image_size,
        precision=precision,
        patches=finished.patches,
        context=finished.context,
        threshold=finished.threshold,
        temperature=finished.temperature,
        malignant=examined.malignant,
        unknown=finished.unknown,
        data=TrainingData(fingerprint=finished.fingerprint, photos=len(finished.photos)),
        code_version=f"dermgate {installed_version('dermgate')}",
        created_at=finished.created_at,
        demonstration=finished.demonstration,
        credits=finished.credits,
        model_sha256=_NO_HASH,
    )
