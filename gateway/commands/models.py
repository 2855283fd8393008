"""`dermgate models`: the model store."""

import argparse
import json
from collections.abc import Iterator, Sequence
from typing import Any

from rich.text import Text

from gateway.commands.errors import CommandError
from gateway.commands.options import Commands, settings_of
from gateway.commands.output import GOOD, add_json, print_json, print_table
from inference.bundling import install_bundled
from inference.manifest import Task, read_manifest
from inference.store import TASKS, ModelStore


def register(commands: Commands, configured: argparse.ArgumentParser) -> None:
    """Add the commands."""
    parser = commands.add_parser("models", help="list, show, promote and roll back models")
    acts = parser.add_subparsers(required=True, metavar="ACT")
    listing = acts.add_parser("list", parents=[configured], help="show every version of every task")
    add_json(listing)
    listing.set_defaults(run=_list)
    for name, words, run in (
        ("show", "print the manifest of a version", _show),
        ("promote", "let a version serve", _promote),
    ):
        act = acts.add_parser(name, parents=[configured], help=words)
        act.add_argument("model", nargs="+", metavar="TASK/VERSION", help="such as disease/1, or disease 1")
        act.set_defaults(run=run)
    rollback = acts.add_parser("rollback", parents=[configured], help="let the version before serve again")
    rollback.add_argument("task", choices=TASKS)
    rollback.set_defaults(run=_rollback)


def _list(options: argparse.Namespace) -> int:
    models = list(_models(_store(options)))
    if options.json:
        print_json(models)
    else:
        print_table(("task", "version", "state", "made", "demonstration", "architecture"), map(_row, models))
    return 0


def _models(store: ModelStore) -> Iterator[dict[str, Any]]:
    for task in TASKS:
        serving = store.serving(task) if store.serving_mark(task) else None
        for version in store.versions(task):
            manifest = read_manifest(store.folder(task, version))
            yield {
                "task": task,
                "version": version,
                "serving": version == serving,
                "created_at": manifest.created_at,
                "demonstration": manifest.demonstration,
                "architecture": manifest.architecture.name,
            }


def _row(model: dict[str, Any]) -> tuple[str | Text, ...]:
    return (
        model["task"],
        str(model["version"]),
        Text("serving" if model["serving"] else "", GOOD),
        f"{model['created_at']:%Y-%m-%d}",
        "yes" if model["demonstration"] else "no",
        model["architecture"],
    )


def _show(options: argparse.Namespace) -> int:
    manifest = read_manifest(_store(options).folder(*named_model(options.model)))
    print(json.dumps(manifest.model_dump(mode="json"), indent=2, ensure_ascii=False))
    return 0


def _promote(options: argparse.Namespace) -> int:
    task, version = named_model(options.model)
    _store(options).promote(task, version)
    print(f"{task}/{version} serves; running gateways switch within seconds")
    return 0


def _rollback(options: argparse.Namespace) -> int:
    version = _store(options).rollback(options.task)
    print(f"{options.task}/{version} serves again; running gateways switch within seconds")
    return 0


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
