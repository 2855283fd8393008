"""Labels from a CSV file of any dialect that is understood, every row checked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Literal, TypeVar

from trainer.photos import words
from trainer.photos.claims import Claim, Claims
from trainer.photos.dialects import Dialect, dialect_of
from trainer.photos.errors import BadLabels
from trainer.photos.locating import Locator, MissingPhoto
from trainer.photos.photo import LeftOut, SaidBy
from trainer.photos.table import Row, read_table

Value = TypeVar("Value")
Missing = Literal["refuse", "leave_out"]

_SAID_BY: Mapping[str, SaidBy] = MappingProxyType({"doctor": "doctor", "rule": "rule"})
_MOST_TOLD = 300  # of what is wrong with a cell, which may be long
_AS_GIVEN = ("diagnosis", "body_site")  # fields whose own words are kept beside the normalised ones


def read_csv(labels: Path, photos: Path, *, missing: Missing = "refuse") -> Claims:
    """Read what a CSV file says of the photos in a folder.

    The dialect is told by the header (trainer.photos.dialects). Photos without any label are left out and named; an
    age that is none counts as unknown, which is noted. A photo that is not there is refused or, with
    `missing="leave_out"`, left out: many published lists name pictures that cannot be had any more.
    Raises BadLabels, naming file and line, for a malformed row, an unknown label or side of the split, a photo that
    is missing or outside the folder; UnknownHeader for columns that mean nothing here.
    """
    table = read_table(labels)
    dialect = dialect_of(table.columns, table.name)
    reading = _Reading(dialect, Locator(photos), missing)
    for row in table.rows:
        reading.take(row)
    return Claims(tuple(reading.claims), tuple(reading.left_out), reading.notes())


@dataclass(slots=True)
class _Reading:
    """One pass over the rows of a file."""

    dialect: Dialect
    locator: Locator
    missing: Missing
    claims: list[Claim] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    bad_ages: list[str] = field(default_factory=list)

    def take(self, row: Row) -> None:
        """Turn a row into a claim, or leave its photo out."""
        name = self.dialect.cell(row.cells, "file").strip()
        if not name:
            raise BadLabels(f"{row.place}: the photo's name is missing")
        suitability = self._suitability(row)
        diagnosis = self._diagnosis(row)
        if suitability is None and diagnosis is None:
            self.left_out.append(LeftOut(name, "it has no label"))
            return
        try:
            path = self.locator.find(name, row.place)
        except MissingPhoto:
            if self.missing == "refuse":
                raise
            self.left_out.append(LeftOut(name, "there is no such photo"))
            return
        self.claims.append(self._claim(row, path, name, suitability, diagnosis))

    def notes(self) -> tuple[str, ...]:
        """What a reader of results must know."""
        if not self.bad_ages:
            return ()
        return (f"the age is no number of years in {len(self.bad_ages)} rows, the first is {self.bad_ages[0]}",)

    def _claim(self, row: Row, path: Path, name: str, suitability: str | None, diagnosis: str | None) -> Claim:
        cell = self._cell
        return Claim(
            path=path,
            name=name,
            place=row.place,
            suitability=suitability,
            diagnosis=diagnosis,
            patient_id=words.known(cell(row, "patient_id")),
            lesion_id=words.known(cell(row, "lesion_id")),
            split=_refusing(words.split, cell(row, "split"), f"{row.place}: split"),
            sex=words.sex(cell(row, "sex")),
            age=self._age(row),
            body_site=words.body_site(cell(row, "body_site")),
            fitzpatrick=words.fitzpatrick(cell(row, "fitzpatrick")),
            said_by=_SAID_BY.get(cell(row, "said_by").strip().lower()),
            facts=self._facts(row),
        )

    def _cell(self, row: Row, wanted: str) -> str:
        return self.dialect.cell(row.cells, wanted)

    def _suitability(self, row: Row) -> str | None:
        given = self._cell(row, "suitability")
        reason = self._cell(row, "reason")
        said = reason if words.slug(given) == "unusable" and reason.strip() else given
        return _refusing(words.suitability, said, f"{row.place}: suitability")

    def _diagnosis(self, row: Row) -> str | None:
        if not self.dialect.classes:
            return words.diagnosis(self._cell(row, "diagnosis"))
        marked = [column for column in self.dialect.classes if _is_marked(row, column)]
        if len(marked) != 1:
            raise BadLabels(f"{row.place}: {len(marked)} of the classes are marked, where one should be")
        return words.diagnosis(self.dialect.classes[marked[0]])

    def _age(self, row: Row) -> int | None:
        try:
            return words.age(self._cell(row, "age"))
        except ValueError:
            self.bad_ages.append(row.place)
            return None

    def _facts(self, row: Row) -> Mapping[str, str]:
        taken = self.dialect.taken()
        facts = {column: cell for column, cell in row.cells.items() if column not in taken and cell.strip()}
        given = {f"{wanted}_as_given": self._cell(row, wanted).strip() for wanted in _AS_GIVEN}
        return facts | {name: cell for name, cell in given.items() if cell}


def _is_marked(row: Row, column: str) -> bool:
    if column not in row.cells:
        return False
    return _refusing(float, row.cells[column].strip() or "0", f"{row.place}: {column}") == 1.0


def _refusing(read: Callable[[str], Value], cell: str, place: str) -> Value:
    try:
        return read(cell)
    except ValueError as error:
        raise BadLabels(f"{place}: {str(error)[:_MOST_TOLD]}") from error
