"""`dermgate-train evaluate`: served models tried on labelled photos, the way the gateway runs them; no torch."""

import argparse
import importlib
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

from rich.console import Console

from inference.manifest import Task
from inference.runtime import LoadedModel, load_model
from inference.store import TASKS, ModelStore
from trainer.arguments import share
from trainer.errors import BadData, TrainingError
from trainer.evaluation.display import Display
from trainer.evaluation.ledger import look
from trainer.evaluation.record import Evaluation, as_json
from trainer.evaluation.referring import REFER_MALIGNANT
from trainer.evaluation.session import THREADS, Limits, Tried, comparisons_of, try_model
from trainer.evaluation.trials import read_trials
from trainer.evaluation.trying import Spoiling
from trainer.faults.registry import FAMILIES
from trainer.photos.photo import Dataset
from trainer.photos.probe import Probe, probe, probe_table
from trainer.tasks import DISEASE

LEDGER_NAME = "looks.jsonl"
CURVES_NAMES = ("curves.svg", "curves.png")
_MODEL = re.compile(r"([a-z]+)/([1-9][0-9]{0,8})", re.ASCII)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument("--store", type=Path, required=True, metavar="DIR", help="model store; what serves is tried")
    parser.add_argument("--photos", type=Path, required=True, metavar="DIR", help="folder of photos")
    parser.add_argument("--labels", type=Path, metavar="CSV", help="labels; without it a folder per class is expected")
    parser.add_argument(
        "--split", choices=("all", "train", "val", "test"), default="all", help="photos of one side only"
    )
    parser.add_argument("--task", choices=TASKS, help="try the model of one task only")
    parser.add_argument(
        "--model", type=_version, action="append", metavar="TASK/VERSION", help="instead of what serves"
    )
    parser.add_argument("--family", choices=FAMILIES, action="append", help="of faults made; default all")
    parser.add_argument("--as-they-are", action="store_true", help="make no faults")
    parser.add_argument("--severity", type=share, default=0.8, help="of the faults made, 0 to 1 (default 0.8)")
    parser.add_argument("--seed", type=int, default=0)
    _add_limits(parser)
    parser.add_argument("--report", type=Path, metavar="FILE", help="write one HTML file with plots")
    parser.add_argument("--thumbnails", action="store_true", help="show the worst mistakes in it; keep it local then")
    parser.add_argument("--run", type=Path, metavar="DIR", help="run folder whose curves are shown in it")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every number for programs")
    parser.add_argument("--ledger", type=Path, metavar="FILE", help=f"counts looks; default {LEDGER_NAME} in the store")


def _add_limits(parser: argparse.ArgumentParser) -> None:
    """Declare the settings of a gateway that decide who goes to a doctor."""
    like = parser.add_argument_group("who goes to a doctor, as a gateway's [models] says it")
    like.add_argument("--disease-threshold", type=share, metavar="P", help="default: the manifest's threshold")
    like.add_argument("--refer-malignant", type=share, metavar="P", default=REFER_MALIGNANT, help="default 0.10")
    like.add_argument("--unknown-threshold", type=share, metavar="U", help="default: the manifest's")


def run(options: argparse.Namespace, console: Console) -> None:
    """Print every table, and write what is asked for. Raises TrainingError or InferenceError."""
    display = Display(console)
    data = read_trials(options.photos, options.labels, options.split)
    notes = _notes(data)
    for note in notes:
        display.say(note)
    models = _models(options)
    names = [model.manifest.name for model in models]
    now = datetime.now(UTC)
    times = look(options.ledger or options.store / LEDGER_NAME, data.photos, names, now)
    display.say(f"this test set has been looked at {times} times")
    tried = tuple(_try_all(models, data, options, display))
    if not tried:
        raise BadData("none of the photos has a label that these models know")
    probed = _probed(models, data, display)
    comparisons = comparisons_of(tried)
    for comparison in comparisons:
        display.compare(comparison)
    title = ", ".join(names)
    _write(options, Evaluation(title, now, tried, notes, len(data.photos), times, probed, comparisons))


def _version(text: str) -> tuple[Task, int]:
    found = _MODEL.fullmatch(text)
    task = next((task for task in TASKS if found and task == found[1]), None)
    if found is None or task is None:
        raise argparse.ArgumentTypeError(f"must be TASK/VERSION, the task one of {', '.join(TASKS)}")
    return task, int(found[2])


def _models(options: argparse.Namespace) -> list[LoadedModel]:
    store = ModelStore(options.store)
    asked = [options.task] if options.task else [task for task in TASKS if store.serving_mark(task)] or TASKS
    chosen = options.model or [(task, store.serving(task)) for task in asked]
    return [load_model(store.folder(task, version), threads=THREADS) for task, version in chosen]


def _probed(models: Sequence[LoadedModel], data: Dataset, display: Display) -> Probe | None:
    """What gives the diagnoses of these photos away, where a disease model is tried: told, too."""
    if all(model.manifest.task != DISEASE for model in models):
        return None
    found = probe(data.photos, "diagnosis")
    display.say(probe_table(found))
    return found


def _notes(data: Dataset) -> tuple[str, ...]:
    if not data.left_out:
        return data.notes
    first = data.left_out[0]
    return *data.notes, f"{len(data.left_out)} photos were left out, the first is {first.name}: {first.why}"


def _try_all(
    models: Sequence[LoadedModel], data: Dataset, options: argparse.Namespace, display: Display
) -> Iterator[Tried]:
    families = () if options.as_they_are else options.family or tuple(FAMILIES)
    limits = Limits(options.disease_threshold, options.refer_malignant, options.unknown_threshold)
    faults = [Spoiling(family, options.severity, options.seed) for family in families]
    for model in models:
        for tried in try_model(model, data.photos, faults, display, limits):
            display.show(tried.findings)
            yield tried


def _write(options: argparse.Namespace, evaluation: Evaluation) -> None:
    try:
        if options.json is not None:
            options.json.write_text(as_json(evaluation), encoding="utf-8")
        if options.report is not None:
            page = _with_plots().report_of(evaluation, _curves(options.run), thumbnails=options.thumbnails)
            options.report.write_text(page, encoding="utf-8")
    except OSError as error:
        raise BadData(f"the report cannot be written: {error.strerror}") from error


def _curves(run_folder: Path | None) -> Path | None:
    if run_folder is None:
        return None
    found = [run_folder / name for name in CURVES_NAMES if (run_folder / name).is_file()]
    if not found:
        raise BadData(f"{run_folder.name} holds none of {', '.join(CURVES_NAMES)}: it is no run folder")
    return found[0]


def _with_plots() -> ModuleType:
    # Plots need matplotlib, which comes with the extra `train`; everything else here does without.
    try:
        return importlib.import_module("trainer.evaluation.report.making")
    except ModuleNotFoundError as error:
        raise TrainingError(f"{error.name} is missing: install dermgate with the extra 'train' for reports") from error
