"""`dermgate models`: the model store."""

import argparse
import json

from rich.console import Console
from rich.table import Table

from gateway.commands.options import Commands, settings_of
from inference.bundling import install_bundled
from inference.manifest import read_manifest
from inference.store import TASKS, ModelStore


def register(commands: Commands, configured: argparse.ArgumentParser) -> None:
    """Add the commands."""
    parser = commands.add_parser("models", help="list, show, promote and roll back models")
    acts = parser.add_subparsers(required=True, metavar="ACT")
    acts.add_parser("list", parents=[configured], help="show every version of every task").set_defaults(run=_list)
    for name, words, run in (
        ("show", "print the manifest of a version", _show),
        ("promote", "let a version serve", _promote),
    ):
        act = acts.add_parser(name, parents=[configured], help=words)
        act.add_argument("task", choices=TASKS)
        act.add_argument("version", type=int)
        act.set_defaults(run=run)
    rollback = acts.add_parser("rollback", parents=[configured], help="let the version before serve again")
    rollback.add_argument("task", choices=TASKS)
    rollback.set_defaults(run=_rollback)


def _list(options: argparse.Namespace) -> int:
    store = _store(options)
    table = Table("task", "version", "state", "made", "demonstration", "architecture")
    for task in TASKS:
        serving = store.serving(task) if store.serving_mark(task) else None
        for version in store.versions(task):
            manifest = read_manifest(store.folder(task, version))
            state = "[green]serving[/]" if version == serving else ""
            made = f"{manifest.created_at:%Y-%m-%d}"
            marked = "yes" if manifest.demonstration else "no"
            table.add_row(task, str(version), state, made, marked, manifest.architecture.name)
    Console().print(table)
    return 0


def _show(options: argparse.Namespace) -> int:
    manifest = read_manifest(_store(options).folder(options.task, options.version))
    print(json.dumps(manifest.model_dump(mode="json"), indent=2, ensure_ascii=False))
    return 0


def _promote(options: argparse.Namespace) -> int:
    _store(options).promote(options.task, options.version)
    print(f"{options.task}/{options.version} serves; running gateways switch within seconds")
    return 0


def _rollback(options: argparse.Namespace) -> int:
    version = _store(options).rollback(options.task)
    print(f"{options.task}/{version} serves again; running gateways switch within seconds")
    return 0


def _store(options: argparse.Namespace) -> ModelStore:
    store = ModelStore(settings_of(options).models.store)
    install_bundled(store)
    return store
