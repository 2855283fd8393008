"""A CSV file as rows that know their line: bounded in bytes, columns and rows, and refused where it is malformed."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from trainer.photos.errors import BadLabels

MAX_BYTES = 64 * 2**20
MAX_ROWS = 1_000_000
MAX_COLUMNS = 512
MAX_HEADER = 64 * 1024
_DELIMITERS = ",;\t"


class _Lines(Protocol):
    """What csv.reader gives: rows, and the number of the last line read."""

    line_num: int

    def __iter__(self) -> Iterator[list[str]]: ...


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `cells` by column name, `place` is the file and the line it ends on."""

    place: str
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A header, in lower case, and the rows under it; `rows` is read once and raises BadLabels as it goes."""

    name: str
    columns: tuple[str, ...]
    rows: Iterator[Row]


def read_table(path: Path) -> Table:
    """Read a CSV file (UTF-8, with or without a byte order mark). Raises BadLabels."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise BadLabels(f"{path.name} cannot be read: {error.strerror}") from error
    if len(data) > MAX_BYTES:
        raise BadLabels(f"{path.name} has more than {MAX_BYTES} bytes")
    try:
        return parse_table(data.decode("utf-8-sig"), path.name)
    except UnicodeDecodeError as error:
        raise BadLabels(f"{path.name} is not UTF-8 text") from error


def parse_table(text: str, name: str) -> Table:
    """Take a CSV text apart; the delimiter is the one of `,`, `;` and tab that the header has most of.

    Column names lose blanks and case. Raises BadLabels for a header that is empty, too long or names a column twice;
    a row with too many or too few cells raises when it is reached. Empty lines are passed over.
    """
    if "\0" in text:
        raise BadLabels(f"{name} is no text")
    header = text[:MAX_HEADER].partition("\n")[0]
    delimiter = max(_DELIMITERS, key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    first = next(_checked(reader, name), [])
    columns = tuple(column.strip().lower() for column in first)
    if not any(columns):
        raise BadLabels(f"{name} has no header")
    if len(columns) > MAX_COLUMNS or sum(map(len, columns)) > MAX_HEADER:
        raise BadLabels(f"{name}: the header is longer than {MAX_COLUMNS} columns or {MAX_HEADER} characters")
    if len(set(columns)) < len(columns):
        raise BadLabels(f"{name}: the header names a column twice")
    return Table(name, columns, _rows(reader, name, columns))


def _rows(reader: _Lines, name: str, columns: tuple[str, ...]) -> Iterator[Row]:
    count = 0
    for cells in _checked(reader, name):
        if not any(cells):
            continue
        place = f"{name} line {reader.line_num}"
        if len(cells) != len(columns):
            raise BadLabels(f"{place}: {len(cells)} cells under a header of {len(columns)}")
        count += 1
        if count > MAX_ROWS:
            raise BadLabels(f"{name} has more than {MAX_ROWS} rows")
        yield Row(place, dict(zip(columns, cells, strict=True)))


def _checked(reader: _Lines, name: str) -> Iterator[list[str]]:
    """The reader's rows, its errors as ours."""
    try:
        yield from reader
    except csv.Error as error:
        raise BadLabels(f"{name} line {reader.line_num}: {error}") from error
