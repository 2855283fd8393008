"""`dermgate check`: say what is wrong with the configuration and what it names."""

import argparse
import os
from contextlib import closing
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy.engine.url import make_url
from sqlalchemy.exc import SQLAlchemyError

from dimse.addresses import RemoteAE, Timeouts
from dimse.echo import echo
from gateway.commands.options import Commands, settings_of
from gateway.config import Destination, Settings
from gateway.database import Database, DatabaseError, now
from gateway.delivery.figures import queue_figures
from gateway.migrations.upgrade import current_revision, head_revision
from gateway.operations.health import Finding, check_models, check_storage
from gateway.serving.models import ServedModels
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
    """Every finding about what the settings name; nothing is made or changed."""
    return [
        _database(settings),
        _storage(settings),
        _models(settings),
        *(_destination(settings, destination) for destination in settings.destinations),
        *_orphans(settings),
    ]


def _database(settings: Settings) -> Finding:
    if _is_absent(settings):
        return _to_be_made("database", Path(make_url(settings.archive.database).database or ""))
    try:
        with closing(Database(settings.archive.database)) as database:
            database.ping()
            found, needed = current_revision(database), head_revision()
    except (DatabaseError, SQLAlchemyError, OSError) as error:
        return Finding("database", str(error) if isinstance(error, DatabaseError) else type(error).__name__)
    if found == needed or (database.is_sqlite and found is None):
        return Finding("database")
    how = "it is upgraded at the next start" if database.is_sqlite else "run `dermgate db upgrade`"
    return Finding("database", f"schema {found or 'none'}, needed {needed}: {how}")


def _storage(settings: Settings) -> Finding:
    folder = Path(settings.archive.storage)
    return check_storage(folder) if folder.exists() else _to_be_made("storage", folder)


def _models(settings: Settings) -> Finding:
    store = ModelStore(settings.models.store)
    if not store.root.exists():  # the bundled ones are put there at the first start
        return _to_be_made("models", store.root)
    with ServedModels(store) as models:
        return check_models(models)


def _is_absent(settings: Settings) -> bool:
    """Whether the database is a file that the first start will make."""
    url = make_url(settings.archive.database)
    return url.get_backend_name() == "sqlite" and not Path(url.database or "").exists()


def _to_be_made(what: str, path: Path) -> Finding:
    """Whether the first start can make what is not there yet."""
    above = next(parent for parent in path.absolute().parents if parent.exists())
    if above.is_dir() and os.access(above, os.W_OK | os.X_OK):
        return Finding(what)
    return Finding(what, f"{path} is not there and cannot be made")


def _orphans(settings: Settings) -> list[Finding]:
    """Deliveries that wait for a destination which the settings no longer name: nobody will ever send them."""
    if _is_absent(settings):
        return []
    known = {destination.name for destination in settings.destinations}
    try:
        with closing(Database(settings.archive.database)) as database, database.read() as session:
            queues = queue_figures(session, now())
    except (DatabaseError, SQLAlchemyError):
        return []  # said already
    return [
        Finding(
            f"destination {queue.destination}",
            f"{queue.waiting} deliveries wait for it, and the settings do not name it: name it, or cancel them",
        )
        for queue in queues
        if queue.waiting and queue.destination not in known
    ]


def _destination(settings: Settings, destination: Destination) -> Finding:
    remote = RemoteAE(destination.host, destination.port, destination.ae_title)
    timeouts = Timeouts(
        connect_seconds=destination.connect_seconds,
        acse_seconds=destination.acse_seconds,
        dimse_seconds=destination.dimse_seconds,
    )
    result = echo(remote, settings.dimse.ae_title, timeouts)
    return Finding(f"destination {destination.name}", "" if result.ok else result.words)
