"""The fit of a round: run once, or gone on with; whatever ends it becomes an outcome."""

import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console

from inference.errors import InferenceError, ManifestError, StoreError
from inference.manifest import Manifest, Task, read_manifest
from inference.store import ModelStore
from trainer.errors import BelowGate, TrainingError
from trainer.fitting.errors import CannotResume, Interrupted
from trainer.fitting.run_folder import RunFolder
from trainer.handover.publish import MODEL_FOLDER
from trainer.handover.record import DECISION_JSON
from trainer.loop.book import Came, Collect
from trainer.loop.telling import told_of
from trainer.passing import raise_what_passes
from trainer.running.asked import Asked
from trainer.running.run import run

MAX_COLLECT = 50


@dataclass(frozen=True, slots=True)
class Fitted:
    """What came of a fit: the version in the store, or why there is none; what the gate would have collected.

    `words` are told to the gateway, `shown` to whoever looks on at the watcher, where that is more.
    `only_guesses` names the label that the model is no better than always naming; empty where it is.
    """

    came: Came
    words: str
    version: int | None = None
    accuracy: float | None = None
    collect: tuple[Collect, ...] = ()
    only_guesses: str = ""
    shown: str = ""


def fit_once(asked: Asked, console: Console) -> Fitted:
    """Fit, judge and hand over; a run that was killed is gone on with, one that was handed over is not run again.

    Raises Interrupted where it was told to stop, and OSError: then there is no outcome yet.
    """
    handed = _handed_over(asked)
    if handed is not None:
        return _trained(handed, asked.run)
    try:
        _run(asked, console)
    except BelowGate as refused:
        return Fitted(Came.REFUSED, str(refused), collect=_collect(_decision(asked.run)))
    except Interrupted:
        raise
    except (TrainingError, InferenceError) as error:
        raise_what_passes(error)
        return Fitted(Came.FAILED, told_of(error), shown=str(error))
    handed = _handed_over(asked)
    if handed is None:
        return Fitted(Came.FAILED, "the model is not in the store")
    return _trained(handed, asked.run)


def _run(asked: Asked, console: Console) -> None:
    if not RunFolder(asked.run).checkpoint.exists():
        run(asked, console)
        return
    try:
        run(replace(asked, resume=True), console)
    except CannotResume as error:  # other options, or a photo that is gone by now
        console.print(f"begins anew: {error}", markup=False, highlight=False, soft_wrap=True)
        shutil.rmtree(asked.run)
        run(asked, console)


def _handed_over(asked: Asked) -> Manifest | None:
    """The manifest of the run's model where that very model is in the store."""
    try:
        kept = read_manifest(asked.run / MODEL_FOLDER)
        stored = read_manifest(ModelStore(asked.store).folder(kept.task, kept.version))
    except ManifestError:
        return None
    return kept if kept == stored else None


def _trained(manifest: Manifest, run: Path) -> Fitted:
    accuracy = manifest.metrics.get("accuracy")
    return Fitted(
        Came.TRAINED,
        f"{manifest.name} passes the gate",
        version=manifest.version,
        accuracy=None if accuracy is None else accuracy.value,
        only_guesses=str(_decision(run).get("only_guesses") or ""),
    )


def _decision(run: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((run / DECISION_JSON).read_text(encoding="utf-8"))
    return found


def _collect(decision: dict[str, Any]) -> tuple[Collect, ...]:
    return tuple(
        Collect(one["label"][:128], one["test_photos"], one["train_photos"], one["why"][:500])
        for one in decision["collect"][:MAX_COLLECT]
    )


def serving_labels(store: ModelStore, task: Task) -> tuple[str, ...]:
    """What the model that serves knows; nothing where none does. Raises StoreError where that cannot be read."""
    version = store.served(task)
    if version is None:
        return ()
    try:
        return read_manifest(store.folder(task, version)).labels
    except InferenceError as error:
        raise StoreError(f"{task}/{version} serves, and what it knows cannot be read: {error}") from error
