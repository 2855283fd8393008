"""One training run: what it is asked, and the steps that both tasks share."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor, nn

from inference.manifest import Metric, Task
from inference.store import ModelStore
from trainer.data import LabelledPhoto, Labels, fingerprint, of_split, read_labels
from trainer.errors import BadData
from trainer.fit import Examples, fit, predict, seed_everything
from trainer.gate import check_gate
from trainer.metrics import (
    Confusion,
    Estimate,
    Floats,
    Indices,
    best_temperature,
    calibration_error,
    confusion,
    softmax,
)
from trainer.publish import Published, layer_summary
from trainer.recipe import Recipe
from trainer.show import Progress

Network = TypeVar("Network", bound=nn.Module)


@dataclass(frozen=True, slots=True)
class Job:
    """What a run is asked to do. A model whose accuracy is not above `threshold` (0..1) is not handed over."""

    photos: Path
    labels: Path
    store: Path
    threshold: float
    recipe: Recipe
    demonstration: bool = False
    promote: bool = False
    credits: tuple[str, ...] = ()
    workers: int = 1
    cache: Path | None = None
    command: str = "dermgate-train fit"


@dataclass(frozen=True, slots=True)
class Sides:
    """The photos of a run by side of the split, with the fingerprint of both."""

    train: tuple[LabelledPhoto, ...]
    unseen: tuple[LabelledPhoto, ...]
    fingerprint: str

    @property
    def hashes(self) -> frozenset[str]:
        """SHA-256 of all photos with a part in the model: fitted on, or calibrated on."""
        return frozenset(photo.sha256 for photo in (*self.train, *self.unseen))


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """How the fitted network does on unseen examples: `probabilities` [N, C] at the `temperature` found there."""

    probabilities: Floats
    truth: Indices
    temperature: float
    table: Confusion

    def metrics(self) -> dict[str, Metric]:
        """Accuracy, balanced accuracy, calibration error, and the recall of each label."""
        found = {
            "accuracy": metric(self.table.accuracy),
            "balanced_accuracy": Metric(value=round(self.table.balanced_accuracy, 4), n=len(self.truth)),
            "calibration_error": Metric(
                value=round(calibration_error(self.probabilities, self.truth), 4), n=len(self.truth)
            ),
        }
        return found | {f"recall_{label}": metric(self.table.recall(label)) for label in self.table.labels}


def metric(estimate: Estimate) -> Metric:
    """An estimate as manifests hold it, to four places."""
    return Metric(
        value=round(estimate.value, 4), low=round(estimate.low, 4), high=round(estimate.high, 4), n=estimate.n
    )


def read_sides(job: Job, progress: Progress) -> Sides:
    """Read the labels of a run. Raises BadData, also where a side of the split is empty."""
    labels: Labels = read_labels(job.labels, job.photos)
    if labels.contradicted:
        progress.say(f"left out for contradicting labels: {', '.join(labels.contradicted)}")
    train, unseen = of_split(labels.photos, "train"), of_split(labels.photos, "val")
    if not train or not unseen:
        raise BadData("both sides of the split need photos: none to train on, or none to check with")
    progress.say(f"{len(train)} photos to train on, {len(unseen)} of other patients to check with")
    return Sides(train, unseen, fingerprint(labels.photos))


def fit_and_check(
    job: Job,
    *,
    labels: tuple[str, ...],
    training: Examples,
    unseen: Examples,
    build: Callable[[], Network],
    progress: Progress,
) -> tuple[Network, Outcome]:
    """Build the network, show it, fit it, calibrate it, and let it through the gate or raise BelowGate."""
    seed_everything(job.recipe)
    network = build().to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's own signature
    progress.show_layers(layer_summary(network))
    with progress.epochs(job.recipe.epochs) as report:
        fit(network, training, unseen, job.recipe, report)
    outcome = _outcome(network, labels, unseen, job.recipe.batch_size)
    progress.show_table(outcome.table)
    check_gate(outcome.table, job.threshold, _counted(labels, training.targets))
    return network, outcome


def finish(job: Job, task: Task, published: Published, store: ModelStore, progress: Progress) -> None:
    """Promote if asked to, and say what was handed over."""
    if job.promote:
        store.promote(task, published.version)
    progress.say(
        f"{task}/{published.version}: {published.size.layers} hidden layers, {published.size.units} units, "
        f"{published.file_bytes / 1e6:.1f} MB, file and network differ by {published.parity:.1e} at most"
    )


def first_of(examples: Examples, names: tuple[str, ...], count: int = 8) -> dict[str, Tensor]:
    """The first examples as named inputs."""
    inputs, _ = next(examples.in_order(count))
    return dict(zip(names, inputs, strict=True))


def _outcome(network: nn.Module, labels: tuple[str, ...], unseen: Examples, batch_size: int) -> Outcome:
    logits = predict(network, unseen.in_order(batch_size)).numpy()
    truth = unseen.targets.numpy()
    temperature = round(best_temperature(logits, truth), 4)
    probabilities = softmax(logits, temperature)
    return Outcome(probabilities, truth, temperature, confusion(labels, truth, probabilities.argmax(1)))


def _counted(labels: tuple[str, ...], targets: Tensor) -> dict[str, int]:
    counts = Counter(targets.tolist())
    return {label: counts[index] for index, label in enumerate(labels)}
