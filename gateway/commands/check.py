"""`dermgate check`: say what is wrong with the configuration and what it names."""

import argparse
from pathlib import Path

from rich.console import Console
from rich.table import Table

from dimse.addresses import RemoteAE, Timeouts
from dimse.echo import echo
from gateway.commands.options import Commands, settings_of
from gateway.config import Destination, Settings
from gateway.database import Database, DatabaseError
from gateway.migrations.upgrade import current_revision, head_revision
from gateway.operations.health import Finding, check_models, check_storage
from gateway.serving.models import ServedModels
from inference.bundling import install_bundled
from inference.store import ModelStore


def register(commands: Commands, configured: argparse.ArgumentParser) -> None:
    """Add the command."""
    parser = commands.add_parser("check", parents=[configured], help="say what is wrong with the configuration")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Look at everything; 0 when nothing is wrong."""
    settings = settings_of(options)
    findings = [Finding("configuration"), *look(settings)]
    table = Table("what", "finding", title="dermgate check")
    for finding in findings:
        table.add_row(finding.what, "[green]ok[/]" if finding.ok else f"[red]{finding.fault}[/]")
    Console().print(table)
    return 0 if all(finding.ok for finding in findings) else 1


def look(settings: Settings) -> list[Finding]:
    """Every finding about what the settings name."""
    return [
        _database(settings),
        _storage(settings),
        _models(settings),
        *(_destination(settings, destination) for destination in settings.destinations),
    ]


def _database(settings: Settings) -> Finding:
    try:
        database = Database(settings.archive.database)
        database.ping()
        found, needed = current_revision(database), head_revision()
        database.close()
    except (DatabaseError, OSError) as error:
        return Finding("database", str(error))
    if found == needed or (database.is_sqlite and found is None):
        return Finding("database")
    return Finding("database", f"schema {found or 'none'}, needed {needed}: run `dermgate db upgrade`")


def _storage(settings: Settings) -> Finding:
    folder = Path(settings.archive.storage)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return Finding("storage", f"{folder}: {error.strerror}")
    return check_storage(folder)


def _models(settings: Settings) -> Finding:
    store = ModelStore(settings.models.store)
    install_bundled(store)
    with ServedModels(store) as models:
        return check_models(models)


def _destination(settings: Settings, destination: Destination) -> Finding:
    remote = RemoteAE(destination.host, destination.port, destination.ae_title)
    timeouts = Timeouts(
        connect_seconds=destination.connect_seconds,
        acse_seconds=destination.acse_seconds,
        dimse_seconds=destination.dimse_seconds,
    )
    result = echo(remote, settings.dimse.ae_title, timeouts)
    return Finding(f"destination {destination.name}", "" if result.ok else result.words)
