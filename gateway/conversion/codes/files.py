"""Reading tables of codes: the CSV files that come with the package, and a site's own that replace or add rows."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Final

from gateway.conversion.codes.errors import CodesError

MAX_BYTES: Final = 2 * 1024**2
MAX_ROWS: Final = 20_000

Cells = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One row by column; `place` names its file and line (the header is line 1)."""

    place: str
    cells: Cells

    @property
    def slug(self) -> str:
        """The row's name, unique within its table."""
        return self.cells["slug"]


Rows = Mapping[str, Row]
"""Slug -> row."""


def read_table(name: str, columns: Sequence[str], folder: Path | None) -> Rows:
    """The bundled table `name`, with the rows of `folder`'s file of that name in place of its own or after them.

    Raises CodesError where a file cannot be read as such a table.
    """
    bundled = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    rows = _read(bundled, name, columns)
    own = None if folder is None else folder / name
    return rows if own is None or not own.exists() else {**rows, **_read(_text(own), str(own), columns)}


def check_folder(folder: Path, names: Iterable[str]) -> None:
    """Raise CodesError where `folder` is none, or holds a CSV file that stands for no table."""
    if not folder.is_dir():
        raise CodesError([f"{folder}: there is no such folder"])
    known = sorted(names)
    if others := sorted(path for path in folder.glob("*.csv") if path.name not in known):
        raise CodesError([f"{path}: there is no such table, only {', '.join(known)}" for path in others])


def _text(path: Path) -> str:
    try:
        with path.open("rb") as source:
            data = source.read(MAX_BYTES + 1)
        text = data.decode("utf-8-sig")  # as spreadsheets write it
    except (OSError, UnicodeDecodeError) as error:
        raise CodesError([f"{path}: {error}"]) from error
    if len(data) > MAX_BYTES:
        raise CodesError([f"{path}: more than {MAX_BYTES} bytes"])
    return text


def _read(text: str, name: str, columns: Sequence[str]) -> dict[str, Row]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        _check_header(reader.fieldnames or (), name, columns)
        rows = [Row(f"{name}:{reader.line_num}", _whole(cells, f"{name}:{reader.line_num}")) for cells in reader]
    except csv.Error as error:
        raise CodesError([f"{name}:{reader.reader.line_num}: {error}"]) from error
    if len(rows) > MAX_ROWS:
        raise CodesError([f"{name}: more than {MAX_ROWS} rows"])
    by_slug: dict[str, Row] = {}
    twice = [row for row in rows if by_slug.setdefault(row.slug, row) is not row]
    if twice:
        raise CodesError([f"{row.place}: {row.slug!r} stands here for the second time" for row in twice])
    return by_slug


def _check_header(found: Sequence[str], name: str, columns: Sequence[str]) -> None:
    if missing := [column for column in columns if column not in found]:
        raise CodesError([f"{name}:1: columns are missing: {', '.join(missing)}"])
    if unknown := [column for column in found if column not in columns]:
        raise CodesError([f"{name}:1: there are no such columns: {', '.join(map(repr, unknown))}"])
    if twice := [column for column in columns if list(found).count(column) > 1]:
        raise CodesError([f"{name}:1: columns stand twice: {', '.join(twice)}"])


def _whole(cells: Mapping[str | None, str | None], place: str) -> Cells:
    whole = {column: text.strip() for column, text in cells.items() if column is not None and text is not None}
    if len(whole) != len(cells):
        raise CodesError([f"{place}: the row has more or fewer cells than the header"])
    return whole
