"""`dermgate check`: say what is wrong with the configuration and what it names."""

import argparse
import os
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from rich.text import Text
from sqlalchemy.exc import SQLAlchemyError

from gateway.access.keys import any_key_exists
from gateway.access.strangers import strangers
from gateway.commands.checking.listener import look_at_own_tls
from gateway.commands.checking.pacs import Seen, look_at_pacs
from gateway.commands.checking.web import look_at_web
from gateway.commands.checking.worklist import look_at_worklist
from gateway.commands.databases import absent_file
from gateway.commands.options import Commands, settings_of
from gateway.commands.output import BAD, GOOD, add_json, print_json, print_table
from gateway.config import ALL_ROLES, Destination, Settings, StowDestination
from gateway.conversion.codes.errors import CodesError
from gateway.conversion.codes.tables import load_codes
from gateway.database import Database, DatabaseError, fault_words, now
from gateway.delivery.figures import queue_figures
from gateway.migrations.upgrade import current_revision, head_revision
from gateway.operations.health import Finding, check_models, check_storage
from gateway.serving.models import ServedModels
from inference.store import ModelStore


def register(commands: Commands, configured: argparse.ArgumentParser) -> None:
    """Add the command."""
    parser = commands.add_parser("check", parents=[configured], help="say what is wrong with the configuration")
    add_json(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Look at everything; 0 when nothing is wrong."""
    settings = settings_of(options)
    seen = {each.name: _destination(settings, each) for each in settings.destinations}
    findings = [
        Finding("configuration"),
        *look(settings),
        *_destinations(seen),
        *_worklist(settings),
        *_orphans(settings),
    ]
    (_print_json if options.json else _print_tables)(findings, seen)
    return 0 if all(finding.ok for finding in findings) else 1


def _print_tables(findings: list[Finding], seen: Mapping[str, Seen]) -> None:
    rows = [(finding.what, Text(_words(finding), GOOD if finding.ok else BAD)) for finding in findings]
    print_table(("what", "finding"), rows, title="dermgate check")
    taken = [
        (name, taken.what, Text(taken.how or "no", GOOD if taken.how else BAD))
        for name, each in seen.items()
        for taken in each.taken
    ]
    if taken:
        print_table(("destination", "what", "taken"), taken, title="what is taken")


def _words(finding: Finding) -> str:
    return "; ".join(words for words in (finding.fault or "ok", finding.note) if words)


def _print_json(findings: list[Finding], seen: Mapping[str, Seen]) -> None:
    print_json(asdict(finding) | {"ok": finding.ok} for finding in findings)
    print_json(
        {"destination": name, "takes": {taken.what: taken.how for taken in each.taken}}
        for name, each in seen.items()
        if each.taken
    )


def look(settings: Settings) -> list[Finding]:
    """Every finding about what is on this machine; nothing is made or changed."""
    return [
        _codes(settings),
        _database(settings),
        *_strangers(settings),
        *look_at_own_tls(settings),
        _storage(settings),
        _models(settings),
    ]


def _codes(settings: Settings) -> Finding:
    """Whether the tables of codes, with the site's own rows, can be used."""
    try:
        load_codes(settings.site.codes)
    except CodesError as error:
        return Finding("codes", "; ".join(error.faults))
    return Finding("codes")


def _database(settings: Settings) -> Finding:
    try:
        if absent := absent_file(settings):
            return _to_be_made("database", absent)
        with closing(Database(settings.archive.database)) as database:
            database.ping()
            found, needed = current_revision(database), head_revision()
    except (DatabaseError, SQLAlchemyError, OSError) as error:
        return Finding("database", str(error) if isinstance(error, OSError) else fault_words(error))
    if found == needed or (database.is_sqlite and found is None):
        return Finding("database")
    how = "it is upgraded at the next start" if database.is_sqlite else "run `dermgate db upgrade`"
    return Finding("database", f"schema {found or 'none'}, needed {needed}: {how}")


def _strangers(settings: Settings) -> list[Finding]:
    """What `serve` would refuse to listen to, unless only the other roles are served."""
    try:
        any_key = _any_key(settings)
    except (DatabaseError, SQLAlchemyError):
        any_key = True  # nobody can tell; what is wrong with the database is said already
    faults = strangers(settings, ALL_ROLES, any_key=any_key)
    return [Finding(*fault.split(" ", maxsplit=1)) for fault in faults]


def _any_key(settings: Settings) -> bool:
    if absent_file(settings):
        return False
    with closing(Database(settings.archive.database)) as database, database.reader() as reader:
        return any_key_exists(reader)


def _storage(settings: Settings) -> Finding:
    folder = Path(settings.archive.storage)
    try:
        if not folder.exists():
            return _to_be_made("storage", folder)
    except OSError as error:
        return _not_to_be_made("storage", folder, error)
    if not os.access(folder, os.W_OK | os.X_OK):
        return Finding("storage", f"{folder} may not be written to")
    return check_storage(folder)


def _worklist(settings: Settings) -> list[Finding]:
    fault = look_at_worklist(settings.worklist, settings.dimse.ae_title)
    return [] if fault is None else [Finding("worklist", fault)]


def _models(settings: Settings) -> Finding:
    store = ModelStore(settings.models.store)
    try:
        if not store.root.exists():  # the bundled ones are put there at the first start
            return _to_be_made("models", store.root)
    except OSError as error:
        return _not_to_be_made("models", store.root, error)
    with ServedModels(store, threads=1) as models:  # a number: nothing is measured and kept
        return check_models(models)


def _to_be_made(what: str, path: Path) -> Finding:
    """Whether the first start can make what is not there yet."""
    above = next(parent for parent in path.absolute().parents if parent.exists())
    if above.is_dir() and os.access(above, os.W_OK | os.X_OK):
        return Finding(what)
    return Finding(what, f"{path} is not there and cannot be made: {above} may not be written to")


def _not_to_be_made(what: str, path: Path, error: OSError) -> Finding:
    return Finding(what, f"{path} cannot be used or made: {error.strerror}")


def _orphans(settings: Settings) -> list[Finding]:
    """Deliveries that wait for a destination which the settings no longer name: nobody will ever send them."""
    known = {destination.name for destination in settings.destinations}
    try:
        if absent_file(settings):
            return []
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


def _destination(settings: Settings, destination: Destination) -> Seen:
    if isinstance(destination, StowDestination):
        return Seen(look_at_web(destination))
    return look_at_pacs(destination, settings.dimse.ae_title)


def _destinations(seen: Mapping[str, Seen]) -> list[Finding]:
    return [Finding(f"destination {name}", each.fault, each.note) for name, each in seen.items()]
