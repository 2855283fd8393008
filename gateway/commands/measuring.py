"""`dermgate models measure`: how quickly each version runs here, by number of threads."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gateway.commands.output import print_json, print_table
from inference.contract import trial_inputs
from inference.errors import InferenceError
from inference.manifest import Task
from inference.runtime import load_model
from inference.store import TASKS, ModelStore
from inference.threads import AutoThreads, Measured, median_ms, thread_counts

_SECONDS = 1.0
"""Spent on each version and number of threads."""


@dataclass(frozen=True, slots=True)
class _Timing:
    task: Task
    version: int
    precision: str
    measured: Measured


def measure_models(store: ModelStore, *, as_json: bool) -> int:
    """Time every version that can run, print it, and let the gateways of this machine go by it from their next load."""
    timings = []
    for timing, model_sha256 in _timings(store):
        AutoThreads(store.measured_folder).remember(model_sha256, timing.measured)
        timings.append(timing)
    if as_json:
        print_json(map(_flat, timings))
    else:
        headers = ("model", "precision", *(f"{threads} thr." for threads in thread_counts()), "taken")
        print_table(headers, map(_row, timings), caption="median milliseconds of one run, one photo")
    return 0


def _timings(store: ModelStore) -> Iterator[tuple[_Timing, str]]:
    for task in TASKS:
        for version in store.versions(task):
            try:
                manifest = store.verify(task, version)
                measured = _measured(store, task, version)
            except InferenceError:
                continue  # refused, which `dermgate models list` says
            yield _Timing(task, version, manifest.precision, measured), manifest.model_sha256


def _measured(store: ModelStore, task: Task, version: int) -> Measured:
    medians: dict[int, float] = {}
    for threads in thread_counts():
        model = load_model(store.folder(task, version), threads=threads)
        medians[threads] = median_ms(model.session, trial_inputs(model.manifest), _SECONDS)
    return Measured(medians_ms=medians)


def _flat(timing: _Timing) -> dict[str, Any]:
    return {
        "task": timing.task,
        "version": timing.version,
        "precision": timing.precision,
        "medians_ms": {str(threads): median for threads, median in timing.measured.medians_ms.items()},
        "threads": timing.measured.choice(),
    }


def _row(timing: _Timing) -> tuple[str, ...]:
    medians = (f"{median:.2f}" for median in timing.measured.medians_ms.values())
    return (f"{timing.task}/{timing.version}", timing.precision, *medians, str(timing.measured.choice()))
