"""`dermgate verify` and `dermgate db upgrade`: files and index agree; the schema fits."""

import argparse
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.text import Text

from gateway.archive.folder_storage import FolderStorage
from gateway.archive.service import ArchiveService
from gateway.archive.verification import VerifyReport, instance_uids
from gateway.commands.databases import opened_database, say_database
from gateway.commands.errors import CommandError
from gateway.commands.options import Commands, settings_of
from gateway.commands.output import BAD, GOOD
from gateway.database import Database
from gateway.intake.pictures import picture_keys
from gateway.library.cases.keeping import library_keys
from gateway.migrations.upgrade import current_revision, upgrade

_RESTORE = "put the file back from a backup of the storage folder; its sender can send the object again otherwise"
_WHAT_TO_DO = {
    "missing": _RESTORE,
    "wrong size": _RESTORE,
    "wrong content": _RESTORE,
    "in no index": "left over, shown to nobody; make sure that the database is the right one before removing it",
}


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
    folder = Path(settings.archive.storage)
    with opened_database(settings) as database:
        if not folder.is_dir():
            raise CommandError(f"there is no folder {folder.absolute()}, where the objects should be")
        report = _report(database, folder, quick=options.quick)
        uids = instance_uids(database, {*report.missing, *report.wrong_size, *report.wrong_content})
    _print(report, uids)
    return 0 if report.sound else 1


def _print(report: VerifyReport, uids: Mapping[str, str]) -> None:
    console = Console(highlight=False, markup=False, soft_wrap=True)
    found = {
        "missing": report.missing,
        "wrong size": report.wrong_size,
        "wrong content": report.wrong_content,
        "in no index": report.unknown,
    }
    for what, keys in found.items():
        for key in keys:
            uid = f" SOP Instance UID {uids[key]}" if key in uids else ""
            console.print(Text.assemble((what, BAD), f" {key}{uid}"))
    verdict = ("files and index agree", GOOD) if report.sound else (_count(report.faults, "fault"), BAD)
    seen = f"{_count(report.revisions, 'revision')}, {_count(report.objects, 'object')}: "
    console.print(Text.assemble(seen, verdict))
    for what, keys in found.items():
        if keys:
            console.print(f"{what}: {_WHAT_TO_DO[what]}")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _report(database: Database, folder: Path, *, quick: bool) -> VerifyReport:
    def other_keys(keys: set[str]) -> set[str]:
        with database.read() as session:
            return picture_keys(session, keys) | library_keys(session, keys)

    storage = FolderStorage(folder)
    try:
        return ArchiveService(database, storage, other_keys=other_keys).verify(quick=quick)
    finally:
        storage.close()


def _upgrade(options: argparse.Namespace) -> int:
    settings = settings_of(options)
    database = Database(settings.archive.database)
    try:
        before = current_revision(database)
        upgrade(database)
        print(f"schema {before or 'none'} -> {current_revision(database)}")
    finally:
        database.close()
    say_database(settings)
    return 0
