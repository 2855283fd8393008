"""`dermgate verify` and `dermgate db upgrade`: files and index agree; the schema fits."""

import argparse
from pathlib import Path

from rich.console import Console

from gateway.archive.folder_storage import FolderStorage
from gateway.archive.service import ArchiveService
from gateway.archive.verification import VerifyReport
from gateway.commands.options import Commands, opened_database, settings_of
from gateway.database import Database
from gateway.intake.pictures import picture_keys
from gateway.migrations.upgrade import current_revision, upgrade


def register(commands: Commands, configured: argparse.ArgumentParser) -> None:
    """Add the commands."""
    verify = commands.add_parser("verify", parents=[configured], help="check that files and index agree")
    verify.add_argument("--quick", action="store_true", help="sizes only, no digests")
    verify.set_defaults(run=_verify)
    db = commands.add_parser("db", help="the database")
    acts = db.add_subparsers(required=True, metavar="ACT")
    acts.add_parser("upgrade", parents=[configured], help="bring the schema up to date").set_defaults(run=_upgrade)


def _verify(options: argparse.Namespace) -> int:
    settings = settings_of(options)
    with opened_database(settings) as database:
        report = _report(database, Path(settings.archive.storage), quick=options.quick)
    console = Console(highlight=False)
    for what, keys in (
        ("missing", report.missing),
        ("wrong size", report.wrong_size),
        ("wrong content", report.wrong_content),
        ("in no index", report.unknown),
    ):
        for key in keys:
            console.print(f"[red]{what}[/] {key}")
    verdict = "[green]files and index agree[/]" if report.sound else f"[red]{report.faults} faults[/]"
    console.print(f"{report.revisions} revisions, {report.objects} objects: {verdict}")
    return 0 if report.sound else 1


def _report(database: Database, folder: Path, *, quick: bool) -> VerifyReport:
    def other_keys(keys: set[str]) -> set[str]:
        with database.read() as session:
            return picture_keys(session, keys)

    storage = FolderStorage(folder)
    try:
        return ArchiveService(database, storage, other_keys=other_keys).verify(quick=quick)
    finally:
        storage.close()


def _upgrade(options: argparse.Namespace) -> int:
    database = Database(settings_of(options).archive.database)
    try:
        before = current_revision(database)
        upgrade(database)
        print(f"schema {before or 'none'} -> {current_revision(database)}")
    finally:
        database.close()
    return 0
