"""Facts about photos from a CSV file of their own: patient, lesion, age and the like, where the labels say nothing.

A row means the photo whose place under the folder of photos ends as the row's name does, or the other way round:
`a.jpg`, `nevus/a.jpg` and `my-photos/nevus/a.jpg` all mean `nevus/a.jpg`, and the suffix may be left away. A name that
could be any of several photos means none of them: a wrong patient is worse than an unknown one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from trainer.photos import words
from trainer.photos.claims import Claim, Claims
from trainer.photos.dialects import FACTS
from trainer.photos.errors import BadLabels, UnknownHeader
from trainer.photos.locating import MAX_DEPTH, SUFFIXES
from trainer.photos.table import Row, Table, read_table

_MAX_NAME = 1024
_SHOWN = 8
_UNCLEAR = (
    "{count} rows of {table} could mean several photos and were passed over: write the folder too, as in CLASS/NAME.jpg"
)
_TOLD = tuple(name for name in FACTS.columns if name != "file")


def add_facts(source: Claims, path: Path, photos: Path) -> Claims:
    """Fill what a source leaves unsaid of its photos under the folder `photos` with the rows of a CSV file.

    The columns are those of trainer.photos.dialects.FACTS; others are carried along as they stand. The notes say how
    many photos have facts, which rows and photos found no partner, and which columns mean nothing here.
    Raises BadLabels where no row means a photo, two mean the same one or a cell is malformed; UnknownHeader without a
    column that names the photo.
    """
    table = read_table(path)
    if not FACTS.fits(frozenset(table.columns)):
        raise UnknownHeader(f"{table.name} has none of the columns {', '.join(FACTS.columns['file'])} to name a photo")
    places = [_place(claim, photos.resolve()) for claim in source.claims]
    matching = _Matching(_Photos(places))
    for row in table.rows:
        matching.take(row)
    if not matching.rows:
        raise BadLabels(_nothing_matches(table, places, matching))
    reading = _Reading()
    claims = [
        reading.told(claim, matching.rows[place]) if place in matching.rows else claim
        for claim, place in zip(source.claims, places, strict=True)
    ]
    notes = (*matching.notes(table.name, places), *_strange_columns(table), *reading.notes())
    return replace(source, claims=tuple(claims), notes=(*source.notes, *notes))


def _place(claim: Claim, home: Path) -> str:
    """Where the photo lies under the folder, with forward slashes."""
    path = claim.path.resolve()
    return path.relative_to(home).as_posix() if path.is_relative_to(home) else path.name


class _Photos:
    """The places of all photos, found by their ends."""

    def __init__(self, places: Sequence[str]) -> None:
        self._whole: dict[str, set[str]] = {}
        self._ends: dict[str, set[str]] = {}
        for place in places:
            for name in _names(place):
                self._whole.setdefault(name, set()).add(place)
                for end in _ends(name):
                    self._ends.setdefault(end, set()).add(place)

    def meant_by(self, name: str) -> set[str]:
        """The places that a row's name could mean; a whole place goes before the end of one."""
        given = name.replace("\\", "/").removeprefix("./")
        if found := self._whole.get(given) or self._ends.get(given):
            return found
        return next((self._whole[end] for end in _ends(given) if end in self._whole), set())


def _names(place: str) -> tuple[str, str]:
    return place, PurePosixPath(place).with_suffix("").as_posix()


def _ends(name: str) -> Iterator[str]:
    """`a/b/c`: `a/b/c`, `b/c`, `c`; of a place deeper than any that is read, the last ones."""
    parts = name.split("/")[-MAX_DEPTH - 1 :]
    return ("/".join(parts[start:]) for start in range(len(parts)))


@dataclass(slots=True)
class _Matching:
    """Rows by the place of the photo that they mean, and the names that mean none or several."""

    photos: _Photos
    rows: dict[str, Row] = field(default_factory=dict)
    strangers: list[str] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)

    def take(self, row: Row) -> None:
        name = FACTS.cell(row.cells, "file").strip()
        if not 0 < len(name) <= _MAX_NAME:
            raise BadLabels(f"{row.place}: no photo is named, or its name is too long")
        found = self.photos.meant_by(name)
        if len(found) != 1:
            (self.unclear if found else self.strangers).append(name)
            return
        (place,) = found
        if place in self.rows:
            raise BadLabels(f"{row.place}: {name} is told of a second time, before in {self.rows[place].place}")
        self.rows[place] = row

    def notes(self, table: str, places: Sequence[str]) -> Iterator[str]:
        """How well rows and photos met; no names, as notes stand in a report that leaves with the model."""
        every = dict.fromkeys(places)
        without = [place for place in every if place not in self.rows]
        yield f"facts for {len(self.rows)} of {len(every)} photos from {table}"
        told = (
            (without, "{table} has no row for {count} photos"),
            (self.strangers, "{count} rows of {table} name no photo here"),
            (self.unclear, _UNCLEAR),
        )
        for found, sentence in told:
            if found:
                yield sentence.format(count=len(found), table=table)


def _nothing_matches(table: Table, places: Sequence[str], matching: _Matching) -> str:
    named = next(iter((*matching.unclear, *matching.strangers)), None)
    if named is None:
        return f"{table.name} holds no row"
    could = "could be any of several photos" if matching.unclear else "is none of them"
    first = places[0] if places else f"NAME{SUFFIXES[0]}"
    return (
        f"{table.name} names none of the photos: its first name, {named[:200]}, {could}; "
        f"a photo here is called {first}, and its name alone is enough where only one photo has it"
    )


def _strange_columns(table: Table) -> Iterator[str]:
    strange = [column for column in table.columns if column and column not in FACTS.taken()]
    if strange:
        shown = ", ".join(column[:40] for column in strange[:_SHOWN]) + (", ..." if len(strange) > _SHOWN else "")
        understood = ", ".join(_TOLD)
        yield f"columns of {table.name} that are kept but not used: {shown} (understood are {understood})"


@dataclass(slots=True)
class _Reading:
    """From rows to what they say."""

    bad_ages: list[str] = field(default_factory=list)

    def told(self, claim: Claim, row: Row) -> Claim:
        """The claim, with what it left unsaid."""
        said: dict[str, Any] = {
            name: value
            for name, value in self._values(row).items()
            if value not in {None, ""} and getattr(claim, name) in {None, ""}
        }
        return replace(claim, facts={**_carried(row), **claim.facts}, **said)

    def notes(self) -> Iterator[str]:
        if self.bad_ages:
            yield f"the age is no number of years in {len(self.bad_ages)} rows, the first is {self.bad_ages[0]}"

    def _values(self, row: Row) -> Mapping[str, object]:
        cell = {name: FACTS.cell(row.cells, name) for name in _TOLD}
        return {
            "patient_id": words.known(cell["patient_id"]),
            "lesion_id": words.known(cell["lesion_id"]),
            "sex": words.sex(cell["sex"]),
            "age": self._age(cell["age"], row.place),
            "body_site": words.body_site(cell["body_site"]),
            "fitzpatrick": words.fitzpatrick(cell["fitzpatrick"]),
            "split": _split(cell["split"], row.place),
        }

    def _age(self, cell: str, place: str) -> int | None:
        try:
            return words.age(cell)
        except ValueError:
            self.bad_ages.append(place)
            return None


def _split(cell: str, place: str) -> object:
    try:
        return words.split(cell)
    except ValueError as error:
        raise BadLabels(f"{place}: split: {error}") from error


def _carried(row: Row) -> dict[str, str]:
    """Columns that mean nothing here, and the body site in its own words."""
    site = FACTS.cell(row.cells, "body_site").strip()
    carried = {column: cell for column, cell in row.cells.items() if column not in FACTS.taken() and cell.strip()}
    return carried | ({"body_site_as_given": site} if site else {})
