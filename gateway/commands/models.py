"""`dermgate models`: the model store."""

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from rich.text import Text

from gateway.commands.agreements import shadow_agreements
from gateway.commands.errors import CommandError
from gateway.commands.measuring import measure_models
from gateway.commands.options import Commands, settings_of
from gateway.commands.output import BAD, GOOD, add_json, print_json, print_table
from gateway.serving.records import Held, ModelRecord, describe_versions
from inference.bundling import install_bundled
from inference.errors import InferenceError
from inference.manifest import Metric, Task, read_manifest
from inference.store import TASKS, ModelStore

Run = Callable[[argparse.Namespace], int]

_COLUMNS = ("model", "state", "accuracy (95 %)", "made", "layers/units", "precision", "demo")
_COLOURS = {"active": GOOD, "refused": BAD}


def register(commands: Commands, configured: argparse.ArgumentParser) -> None:
    """Add the commands."""
    parser = commands.add_parser("models", help="list, show, promote, shadow, retire and roll back models")
    acts = parser.add_subparsers(required=True, metavar="ACT")
    listing = acts.add_parser("list", parents=[configured], help="show every version of every task")
    add_json(listing)
    listing.set_defaults(run=_list)
    _add_acts_on_a_version(acts, configured)
    for name, words, run in (
        ("rollback", "let the version before serve again", _rollback),
        ("unshadow", "let no version judge in the shadow", _unshadow),
    ):
        act = acts.add_parser(name, parents=[configured], help=words)
        act.add_argument("task", choices=TASKS)
        act.set_defaults(run=run)
    measure = acts.add_parser("measure", parents=[configured], help="time every version by number of threads, here")
    add_json(measure)
    measure.set_defaults(run=_measure)


def _add_acts_on_a_version(acts: Commands, configured: argparse.ArgumentParser) -> None:
    on_a_version: tuple[tuple[str, str, Run], ...] = (
        ("show", "print the manifest, the state, the history and the agreement of a version", _show),
        ("promote", "let a version serve", _promote),
        ("shadow", "let a version judge beside the one that serves, its answers shown to nobody", _shadow),
        ("retire", "withdraw a version that does not serve", _retire),
    )
    for name, words, run in on_a_version:
        act = acts.add_parser(name, parents=[configured], help=words)
        act.add_argument("model", nargs="+", metavar="TASK/VERSION", help="such as disease/1, or disease 1")
        act.set_defaults(run=run)
        if run is _promote:
            act.add_argument("--again", action="store_true", help="also one that served before or was retired")


def _list(options: argparse.Namespace) -> int:
    records = list(_records(_store(options)))
    if options.json:
        print_json(_flat(record) for record in records)
    else:
        print_table(_COLUMNS, map(_row, records))
    return 0


def _records(store: ModelStore) -> Iterator[ModelRecord]:
    """A record of every version, each held against its manifest."""
    for task in TASKS:
        serving = store.serving(task) if store.serving_mark(task) else None
        refused = {version: fault for version in store.versions(task) if (fault := _fault(store, task, version))}
        yield from describe_versions(store, task, Held(serving=serving, refused=refused))


def _fault(store: ModelStore, task: Task, version: int) -> str:
    try:
        store.verify(task, version)
    except InferenceError as error:
        return str(error)
    return ""


def _flat(record: ModelRecord) -> dict[str, Any]:
    manifest = record.manifest
    told = {
        "task": record.task,
        "version": record.version,
        "state": record.state,
        "serving": record.serving,
        "reason": record.reason,
        "demonstration": record.demonstration,
    }
    if manifest is None:
        return told
    accuracy = manifest.metrics.get("accuracy")
    return told | {
        "created_at": manifest.created_at,
        "architecture": manifest.architecture.name,
        "hidden_layers": manifest.architecture.hidden_layers,
        "units": manifest.architecture.units,
        "precision": manifest.precision,
        "accuracy": None if accuracy is None else accuracy.model_dump(),
    }


def _row(record: ModelRecord) -> tuple[str | Text, ...]:
    name = f"{record.task}/{record.version}"
    state = Text(record.state, _COLOURS.get(record.state, ""))
    manifest = record.manifest
    if manifest is None or record.state == "refused":
        return (name, state, record.reason or "", "", "", "", "")
    return (
        name,
        state,
        _interval(manifest.metrics.get("accuracy")),
        f"{manifest.created_at:%Y-%m-%d}",
        f"{manifest.architecture.hidden_layers}/{manifest.architecture.units}",
        manifest.precision,
        "yes" if record.demonstration else "no",
    )


def _interval(metric: Metric | None) -> str:
    if metric is None:
        return "not measured"
    if metric.low is None or metric.high is None:
        return f"{metric.value:.3f}"
    return f"{metric.value:.3f} ({metric.low:.3f} to {metric.high:.3f})"


def _show(options: argparse.Namespace) -> int:
    store, (task, version) = _store(options), named_model(options.model)
    told = read_manifest(store.folder(task, version)).model_dump(mode="json")
    told["state"] = "refused" if (fault := _fault(store, task, version)) else store.state(task, version)
    told["reason"] = fault or None
    told["history"] = [
        {"at": change.at.isoformat(), "what": change.action}
        for change in store.history(task)
        if change.version == version
    ]
    told["shadow"] = [asdict(each) for each in shadow_agreements(settings_of(options), task, version)]
    print(json.dumps(told, indent=2, ensure_ascii=False))
    return 0


def _promote(options: argparse.Namespace) -> int:
    task, version = named_model(options.model)
    _store(options).promote(task, version, again=options.again)
    print(f"{task}/{version} serves; running gateways switch within seconds")
    return 0


def _rollback(options: argparse.Namespace) -> int:
    version = _store(options).rollback(options.task)
    print(f"{options.task}/{version} serves again; running gateways switch within seconds")
    return 0


def _shadow(options: argparse.Namespace) -> int:
    task, version = named_model(options.model)
    _store(options).put_in_shadow(task, version)
    print(f"{task}/{version} judges in the shadow; `dermgate models show {task}/{version}` tells how it agrees")
    return 0


def _unshadow(options: argparse.Namespace) -> int:
    version = _store(options).end_shadow(options.task)
    print(f"no version of {options.task} judges in the shadow" + (f"; {version} did" if version else ""))
    return 0


def _retire(options: argparse.Namespace) -> int:
    task, version = named_model(options.model)
    _store(options).retire(task, version)
    print(f"{task}/{version} is retired")
    return 0


def _measure(options: argparse.Namespace) -> int:
    return measure_models(_store(options), as_json=options.json)


def named_model(words: Sequence[str]) -> tuple[Task, int]:
    """Task and version from `disease/1` or `disease 1`; raises CommandError."""
    task, _, version = "/".join(words).partition("/")
    known = next((each for each in TASKS if each == task), None)
    if known is None or not (version.isascii() and version.isdigit() and len(version) <= 9):
        raise CommandError(f"{' '.join(words)!r} is no model: TASK/VERSION with a task of {', '.join(TASKS)}")
    return known, int(version)


def _store(options: argparse.Namespace) -> ModelStore:
    store = ModelStore(settings_of(options).models.store)
    install_bundled(store)
    return store
