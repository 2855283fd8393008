"""The CSV of metadata: one row a photo, columns named as the form fields of `POST /api/v1/photos`, and `file`."""

import csv
import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gateway.commands.converting.finding import Found
from gateway.commands.converting.outcome import Outcome, skipped
from gateway.commands.errors import CommandError
from gateway.intake.request import PhotoFields

FILE_COLUMN = "file"
DELIMITERS = ",;\t"
MAX_BYTES = 256 * 1024**2
_COLUMNS = (FILE_COLUMN, *PhotoFields.model_fields)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """What the sheet says of one file: its fields as written, those that say something; `line` counts from 1."""

    line: int
    file: str
    fields: Mapping[str, str]


def read_sheet(path: Path) -> list[SheetRow]:
    """The rows in their order. Raises CommandError where the sheet cannot be read, or names a file twice."""
    text = _text(path)
    # A cell in quotes may hold line breaks of its own, which are the reader's to understand.
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True, delimiter=_delimiter(text))
    try:
        _check_header(path, reader.fieldnames or ())
        rows = [_row(path, reader.line_num, cells) for cells in reader]
    except csv.Error as error:
        raise CommandError(f"{path}: line {reader.reader.line_num}: {error}") from error
    _check_files(path, rows)
    return rows


def _text(path: Path) -> str:
    """The whole sheet; spreadsheets put a mark before it. Raises CommandError."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise CommandError(f"{path}: more than {MAX_BYTES // 1024**2} MB")
        data = path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CommandError(
            f'{path}: line {line}: is not UTF-8; in a spreadsheet, save the sheet as "CSV UTF-8" (plain "CSV" is CP949 '
            "on a Korean computer)"
        ) from error


def _delimiter(text: str) -> str:
    """What stands between the header's names: a spreadsheet writes what its country is used to."""
    header = text.partition("\n")[0]
    return max(DELIMITERS, key=header.count)


def _check_header(path: Path, columns: object) -> None:
    names = list(columns) if isinstance(columns, (list, tuple)) else []
    if FILE_COLUMN not in names:
        raise CommandError(f"{path}: there is no column {FILE_COLUMN!r} in its first line")
    if unknown := [name for name in names if name not in _COLUMNS]:
        known = ", ".join(_COLUMNS)
        raise CommandError(f"{path}: unknown columns: {', '.join(map(repr, unknown))}; there are {known}")
    if len(set(names)) < len(names):
        raise CommandError(f"{path}: a column stands twice")


def _row(path: Path, line: int, cells: Mapping[str | None, str | None]) -> SheetRow:
    said = {name: text.strip() for name, text in cells.items() if name is not None and text and text.strip()}
    if None in cells:
        raise CommandError(f"{path}: line {line}: more cells than columns")
    file = said.pop(FILE_COLUMN, "")
    if not file:
        raise CommandError(f"{path}: line {line}: no file is named")
    return SheetRow(line, file.replace("\\", "/").removeprefix("./"), said)


def _check_files(path: Path, rows: list[SheetRow]) -> None:
    first: dict[str, SheetRow] = {}
    for row in rows:
        if (other := first.setdefault(row.file, row)) is not row:
            raise CommandError(f"{path}: line {row.line}: the file of line {other.line} again")


def describe(
    found: Sequence[Found], rows: Sequence[SheetRow], folder: Path
) -> tuple[list[tuple[Found, Mapping[str, str]]], list[Outcome]]:
    """Each file with what its row says, in the rows' order, then those without a row; and what does not fit.

    A row means the file at its path below the sheet's own `folder`; else the one of that name in a folder that was
    named, if there is only one. What a row means is named thereby.
    """
    by_path = {file.path.resolve(): file for file in found}
    by_name: dict[str, list[Found]] = defaultdict(list)
    for file in found:
        by_name[file.name].append(file)
    described: dict[Found, Mapping[str, str]] = {}
    faults: list[Outcome] = []
    for row in rows:
        at_path = by_path.get((folder / row.file).resolve())
        meant = [at_path] if at_path else by_name.get(row.file, [])
        if len(meant) != 1 or meant[0] in described:
            faults.append(skipped(row.file, f"line {row.line} of the sheet: {_misfit(len(meant))}", "no_such_file"))
        else:
            described[meant[0]] = row.fields
    doubtful = {file for row in rows for file in by_name.get(row.file, []) if len(by_name[row.file]) > 1}
    rest: dict[Found, Mapping[str, str]] = {
        file: {} for file in found if file not in described and file not in doubtful
    }
    named = ((replace(file, lay_there=False), fields) for file, fields in described.items())
    return [*named, *rest.items()], faults


def _misfit(number: int) -> str:
    if number == 0:
        return "there is no such file among those given"
    return "an earlier row names this file" if number == 1 else "several files given are called so"
