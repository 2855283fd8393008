"""What can be said of a picture's quality (PS3.16 CID 6044 and 7011), in codes of our own where DICOM has none."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from gateway.conversion.codes.cells import COMMON_COLUMNS, row_faults, shared_code_faults
from gateway.conversion.codes.files import Rows

FILE: Final = "quality.csv"
COLUMNS: Final = COMMON_COLUMNS
PRIVATE_SCHEME: Final = "99DERMGATE"
"""The designator of codes of our own (PS3.16 section 8: local schemes begin with 99)."""


@dataclass(frozen=True, slots=True)
class QualityConcept:
    """A verdict (`usable`, `usable_with_faults`, `unusable`) or a fault, whose slug is the reason code."""

    slug: str
    scheme: str
    code: str
    meaning: str
    korean: str
    english: str
    source: str


def quality_faults(rows: Rows) -> Iterator[str]:
    """What is wrong with the table as a whole, each fault with its place."""
    for row in rows.values():
        yield from (f"{row.place}: {fault}" for fault in row_faults(row))
    yield from shared_code_faults(rows.values())


def concepts_of(rows: Rows) -> Mapping[str, QualityConcept]:
    """Every concept by slug, in the table's order; the rows have no faults."""
    return MappingProxyType({
        slug: QualityConcept(**{column: row.cells[column] for column in COLUMNS}) for slug, row in rows.items()
    })  # fmt: skip
