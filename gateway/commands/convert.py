"""`dermgate convert`: photos and videos to DICOM files without a gateway or a database, on all cores."""

import argparse
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track

from gateway.commands.converting.agreeing import in_agreement
from gateway.commands.converting.finding import Found, TooManyFiles, find_files
from gateway.commands.converting.outcome import Outcome, State
from gateway.commands.converting.passing import passed_by
from gateway.commands.converting.planning import (
    CASE_COLUMN,
    ConversionPlan,
    case_fault,
    plan_conversion,
    with_distinct_names,
)
from gateway.commands.converting.pool import Pool
from gateway.commands.converting.sheet import describe, read_sheet
from gateway.commands.converting.terms import JudgeTerms, Placement, Terms
from gateway.commands.converting.writing import sync_folders
from gateway.commands.errors import CommandError
from gateway.commands.interrupts import INTERRUPTED, Interrupts, counting, leaving_at_once
from gateway.commands.options import Commands, settings_of
from gateway.commands.output import add_json, print_json, print_table
from gateway.commands.photo_options import add_photo_fields, photo_fields
from gateway.config import Settings
from gateway.conversion.codes.tables import load_codes, use_codes
from gateway.conversion.facts import SopClass
from gateway.intake.request import InvalidFields, PhotoFields, check_fields

MAX_JOBS = 256
_SHOWN_AT_MOST = 1000
_SHOWN_OF_NAMES = 3
_FURTHER = ("not begun", "dated by the file", "other class", "reports", "unusable", "not judged")
"""What is counted beside the states."""


def register(commands: Commands, configured: argparse.ArgumentParser) -> None:
    """Add the command; every field of a posted photo is an option, which a row of the CSV overrides."""
    parser = commands.add_parser(
        "convert",
        parents=[configured],
        help="photos and videos to DICOM files, without a gateway",
        epilog="Exit code: 0 every file was converted, 1 some were skipped, 2 nothing could be begun.",
    )
    parser.add_argument("photos", nargs="+", type=Path, metavar="PHOTO-OR-FOLDER")
    parser.add_argument("-o", "--out", required=True, type=Path, metavar="DIR", help="where the *.dcm are written")
    parser.add_argument(
        "--csv", type=Path, metavar="FILE", help="what is said of each photo: `file`, and the fields below"
    )
    parser.add_argument("--jobs", type=_jobs, default=0, metavar="N", help="processes (default: one for each core)")
    parser.add_argument(
        "--names",
        choices=("uid", "source"),
        default="uid",
        help="of the files: the SOP Instance UID, or the photo's name",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace files that hold something else")
    parser.add_argument(
        "--store-as", choices=("photographic", "secondary_capture"), help="(default: as the settings say)"
    )
    parser.add_argument("--judge", action="store_true", help="write a report of what the models find beside each")
    add_photo_fields(parser)
    add_json(parser)
    parser.set_defaults(run=run)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A run before its processes begin: what is to be done, and what has come to its end already."""

    terms: Terms
    placement: Placement
    judging: JudgeTerms | None
    plan: ConversionPlan
    ended: tuple[Outcome, ...]


def run(options: argparse.Namespace) -> int:
    """Convert; 0 when every file was, 1 when some were skipped, 130 where the user did not wait for the end."""
    with leaving_at_once():
        prepared = _prepared(options)
        with counting() as interrupts:
            outcomes = _converted(prepared, options.jobs or _cores(), interrupts)
            _tell(outcomes, len(prepared.plan.tasks) + len(prepared.ended), as_json=options.json)
            if interrupts.number:
                return INTERRUPTED
    return 1 if any(each.state is State.SKIPPED for each in outcomes) else 0


def _prepared(options: argparse.Namespace) -> _Prepared:
    settings = settings_of(options)
    use_codes(load_codes(settings.site.codes))
    terms, judging = _terms(options, settings), _judging(options, settings)
    files, ended = _files(options)
    if not any(file.path.exists() for file, _ in files):
        raise CommandError(_nothing_found(options, ended))
    plan = plan_conversion(files, partial(_expected_class, terms))
    if options.names == "source":
        plan = with_distinct_names(plan, reports=judging is not None)
    placement = Placement(_folder(options.out), options.names, options.overwrite)
    return _Prepared(terms, placement, judging, plan, (*ended, *plan.skipped))


def _converted(prepared: _Prepared, jobs: int, interrupts: Interrupts) -> list[Outcome]:
    """Every file's end, those that were begun; what is told to be there is on the disk."""
    pool = Pool(prepared.terms, prepared.placement, jobs, prepared.judging, interrupts)
    outcomes = list(prepared.ended)
    with closing(pool.run(prepared.plan.tasks)) as running:
        outcomes.extend(_watched(running, len(prepared.plan.tasks)))
    outcomes = sorted(in_agreement(outcomes), key=lambda each: each.name)
    written = [each for outcome in outcomes for each in (outcome.written, outcome.report) if each is not None]
    sync_folders(sorted({prepared.placement.folder, *(each.output.parent for each in written)}))
    return outcomes


def _files(options: argparse.Namespace) -> tuple[list[tuple[Found, Mapping[str, str]]], list[Outcome]]:
    """Each file with its fields as text, in the sheet's order and then by name.

    And what has ended already: rows that lack their file, and files that are passed by.
    """
    said = photo_fields(options)
    _check_said(said)
    rows = read_sheet(options.csv) if options.csv else []
    try:
        found = find_files(options.photos, leaving_out=[options.out, *([options.csv] if options.csv else [])])
    except TooManyFiles as error:
        raise CommandError(str(error)) from error
    described, faults = describe(found, rows, options.csv.parent if options.csv else Path())
    others = passed_by(file for file, _ in described)
    kept = [(file, fields) for file, fields in described if file not in others]
    return [(file, {**said, **fields}) for file, fields in kept], [*faults, *others.values()]


def _nothing_found(options: argparse.Namespace, ended: Sequence[Outcome]) -> str:
    """Why there is nothing to convert, in words."""
    others = sum(each.state is State.PASSED_BY for each in ended)
    lacking = [str(path) for path in options.photos if not path.exists()]
    if lacking:
        return f"nothing to convert: there is no {', no '.join(lacking[:_SHOWN_OF_NAMES])}"
    return f"nothing to convert: there is no photo or video{f', but {others} other files' if others else ''}"


def _check_said(said: Mapping[str, str]) -> None:
    try:
        check_fields({name: text for name, text in said.items() if name != CASE_COLUMN})
    except InvalidFields as error:
        raise CommandError(str(error)) from error
    if fault := case_fault(said):
        raise CommandError(fault)


def _judging(options: argparse.Namespace, settings: Settings) -> JudgeTerms | None:
    """The models that judge; raises inference's errors, and loads nothing where nobody asks for them."""
    if not options.judge:
        return None
    terms: JudgeTerms = import_module("gateway.commands.converting.judging").judge_terms(settings)
    return terms


def _folder(path: Path) -> Path:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(f"{path} cannot be made: {error.strerror}") from error
    return path


def _jobs(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= MAX_JOBS:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 to {MAX_JOBS}")
    return int(text)


def _cores() -> int:
    """Those this process may use, where the system tells."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _terms(options: argparse.Namespace, settings: Settings) -> Terms:
    store_as = options.store_as or settings.intake.store_as
    intake = settings.intake.model_copy(update={"store_as": store_as})
    return Terms(site=settings.site, intake=intake, software_version=version("dermgate"))


def _expected_class(terms: Terms, path: Path, fields: PhotoFields) -> SopClass | None:
    """Asked only of files of cases that have several, and loaded only then."""
    expected: SopClass | None = import_module("gateway.commands.converting.looking").expected_class(path, fields, terms)
    return expected


def _watched(running: Iterator[Outcome], total: int) -> Iterable[Outcome]:
    console = Console(stderr=True)
    return track(running, "converting", total=total, console=console, disable=not console.is_terminal)


def _tell(outcomes: Sequence[Outcome], total: int, *, as_json: bool) -> None:
    if as_json:
        print_json(map(_record, outcomes))
        return
    bad = [each for each in outcomes if each.state is State.SKIPPED]
    if bad:
        print_table(("skipped", "why"), [(each.name, each.reason) for each in bad[:_SHOWN_AT_MOST]])
    counts = Counter(each.state.value for each in outcomes)
    counts["not begun"] = total - len(outcomes)
    counts["dated by the file"] = sum(each.dated_by == "file" for each in outcomes)
    counts["other class"] = sum(bool(each.notice) for each in outcomes)
    judged = [each for each in outcomes if each.verdict is not None]
    counts["reports"] = sum(each.report is not None for each in judged)
    counts["unusable"] = sum(not (each.verdict or {}).get("judgement", {}).get("usable", True) for each in judged)
    counts["not judged"] = sum("problem" in (each.verdict or {}) for each in judged)
    rows = [(name.replace("_", " "), str(counts[name])) for name in (*State, *_FURTHER) if counts[name]]
    print_table(("files", "number"), rows or [(State.CONVERTED, "0")])


def _record(outcome: Outcome) -> dict[str, Any]:
    """One file for programs; every member is there, null where it says nothing."""
    written, report = outcome.written, outcome.report
    return {
        "file": outcome.name,
        "state": outcome.state.value,
        "reason": outcome.reason or None,
        "code": outcome.code or None,
        "output": None if written is None else str(written.output),
        "dicom": None if written is None else written.dicom,
        "date": outcome.dated_by or None,
        "notice": outcome.notice or None,
        "judgement": None,
        "ranking": None,
        "problem": None,
        "report": None if report is None else {"output": str(report.output), "dicom": report.dicom},
        **(outcome.verdict or {}),
    }
