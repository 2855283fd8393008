"""The served models tried on labelled photos, as they are and spoilt, the way the gateway runs them; no torch.

`python -m trainer.evaluate --store DIR --photos DIR --labels CSV` prints the confusion tables.
"""

import argparse
import csv
import io
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rich.console import Console

from inference.context import UNKNOWN_CONTEXT
from inference.disease import rank
from inference.errors import InferenceError
from inference.prepared import PreparedPicture
from inference.rules import SUITABILITY_LABELS, USABLE
from inference.runtime import LoadedModel, load_model
from inference.store import ModelStore
from inference.suitability import judge
from trainer.arguments import share
from trainer.errors import BadData, TrainingError
from trainer.faults.registry import FAULTS, spoil
from trainer.metrics import confusion, wilson, within_first
from trainer.reading import read_picture
from trainer.show import Progress
from trainer.tasks import DIAGNOSES, DISEASE, SUITABILITY

_AS_LABELLED = {"presumed_usable": USABLE, "": USABLE}


@dataclass(frozen=True, slots=True)
class Trial:
    """One photo to try: what its label says it is (`suitability`), and its diagnosis code or None."""

    path: Path
    suitability: str
    diagnosis: str | None


Change = Callable[[Image.Image, int], Image.Image]
"""Changes a photo before it is judged; the number is the photo's place in the list, for its seed."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument("--store", type=Path, required=True, metavar="DIR", help="model store; what serves is tried")
    parser.add_argument("--photos", type=Path, required=True, metavar="DIR", help="folder the labels' files lie in")
    parser.add_argument("--labels", type=Path, required=True, metavar="CSV", help="file, suitability, diagnosis")
    parser.add_argument("--severity", type=share, default=0.8, help="of the faults made, 0 to 1 (default 0.8)")
    parser.add_argument("--seed", type=int, default=0)


def run(options: argparse.Namespace, console: Console) -> None:
    """Print every table. Raises BadData, StoreError, ManifestError or ModelRefused."""
    progress = Progress(console)
    trials = read_trials(options.labels, options.photos)
    store = ModelStore(options.store)
    suitability = _served(store, SUITABILITY)
    progress.say(f"{suitability.manifest.name} on {len(trials)} photos as they are")
    judge_all(suitability, trials, progress)
    usable = [trial for trial in trials if trial.suitability == USABLE]
    if usable:
        progress.say(
            f"{suitability.manifest.name} on {len(usable)} usable photos spoilt at severity {options.severity}"
        )
        judge_spoilt(suitability, usable, progress, options.severity, options.seed)
    diagnosed = [trial for trial in trials if trial.diagnosis in DIAGNOSES]
    if diagnosed:
        rank_all(_served(store, DISEASE), diagnosed, progress)


def read_trials(labels: Path, photos: Path) -> list[Trial]:
    """Read the photos to try. Raises BadData for a missing column or file, or a label that is none."""
    try:
        with labels.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadData(f"{labels.name} cannot be read: {error}") from error
    if not rows:
        raise BadData(f"{labels.name} names no photo")
    return [_trial(row, photos, f"{labels.name} line {number}") for number, row in enumerate(rows, 2)]


def judge_all(model: LoadedModel, trials: Sequence[Trial], progress: Progress) -> None:
    """Judge every photo as it is; print the confusion of its label with the likeliest fault or usable."""
    truth = [SUITABILITY_LABELS.index(trial.suitability) for trial in trials]
    named = [_named(model, picture) for picture in _pictures(trials, None, progress)]
    progress.show_table(confusion(SUITABILITY_LABELS, np.array(truth), np.array(named)))
    _say_shares(np.array(truth), np.array(named), progress)


def judge_spoilt(model: LoadedModel, trials: Sequence[Trial], progress: Progress, severity: float, seed: int) -> None:
    """Judge every photo spoilt with each fault; print the confusion of the fault with what was found."""
    truth: list[int] = []
    named: list[int] = []
    for code in FAULTS:
        spoilt = _pictures(trials, _spoiler(code, severity, seed), progress)
        named += [_named(model, picture) for picture in spoilt]
        truth += [SUITABILITY_LABELS.index(code)] * len(trials)
    progress.show_table(confusion(SUITABILITY_LABELS, np.array(truth), np.array(named)))
    _say_shares(np.array(truth), np.array(named), progress)


def rank_all(model: LoadedModel, trials: Sequence[Trial], progress: Progress) -> None:
    """Rank every photo with a diagnosis, from the picture alone; print confusion and the share within the first 3."""
    labels = model.manifest.labels
    truth = np.array([labels.index(DIAGNOSES[trial.diagnosis or ""]) for trial in trials])
    rows = np.zeros((len(trials), len(labels)))
    for row, picture in zip(rows, _pictures(trials, None, progress), strict=True):
        for disease in rank(model, picture, UNKNOWN_CONTEXT, model.manifest.threshold, 1.0).diseases:
            row[labels.index(disease.code)] = disease.probability
    progress.say(f"{model.manifest.name} on {len(trials)} photos with a diagnosis")
    progress.show_table(confusion(labels, truth, rows.argmax(1)))
    progress.say(f"within the first 3: {within_first(rows, truth, 3).value:.3f}")


def _trial(row: dict[str, str], photos: Path, place: str) -> Trial:
    label = row.get("suitability") or ""
    suitability = _AS_LABELLED.get(label, label)
    if suitability not in SUITABILITY_LABELS:
        raise BadData(f"{place}: suitability {label!r} is none of {', '.join(SUITABILITY_LABELS)}")
    path = photos / (row.get("file") or "")
    if not path.is_file():
        raise BadData(f"{place}: there is no file {row.get('file')!r}")
    return Trial(path, suitability, row.get("diagnosis") or None)


def _served(store: ModelStore, task: str) -> LoadedModel:
    return load_model(store.folder(task, store.serving(task)), threads=1)


def _spoiler(code: str, severity: float, seed: int) -> Change:
    return lambda photo, place: spoil(photo, code, severity, seed + place)


def _pictures(trials: Sequence[Trial], change: Change | None, progress: Progress) -> Iterator[PreparedPicture]:
    for place, trial in enumerate(progress.track(trials, "Judging")):
        picture = read_picture(trial.path.read_bytes(), trial.path.name)
        if change is not None:
            picture = read_picture(_jpeg(change(picture.image, place)), trial.path.name)
        yield PreparedPicture(picture)


def _jpeg(photo: Image.Image) -> bytes:
    file = io.BytesIO()
    photo.save(file, "JPEG", quality=92)
    return file.getvalue()


def _named(model: LoadedModel, picture: PreparedPicture) -> int:
    judgement = judge(model, picture)
    return SUITABILITY_LABELS.index(USABLE if judgement.usable else judgement.reasons[0].code)


def _say_shares(
    truth: NDArray[np.int64],
    named: NDArray[np.int64],
    progress: Progress,
) -> None:
    for name, is_usable in (("usable photos passed", True), ("unusable photos refused", False)):
        of_these = (truth == 0) == is_usable
        if not of_these.any():
            continue
        hits = int((((named == 0) == is_usable) & of_these).sum())
        share = wilson(hits, int(of_these.sum()))
        progress.say(f"{name}: {hits} of {share.n} = {share.value:.3f} ({share.low:.3f} to {share.high:.3f})")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run as a command; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m trainer.evaluate", description="Tries the served models.")
    add_arguments(parser)
    try:
        run(parser.parse_args(arguments), Console())
    except (TrainingError, InferenceError) as error:
        Console(stderr=True).print(str(error), style="red", markup=False, highlight=False)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
