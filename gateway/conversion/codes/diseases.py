"""Diseases: SNOMED CT disorders with what supports each code, what they ask of the patient, and their names."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, get_args

from gateway.conversion.codes.cells import COMMON_COLUMNS, YES_NO, flag_faults, row_faults, shared_code_faults
from gateway.conversion.codes.files import Row, Rows

FILE: Final = "diseases.csv"
COLUMNS: Final = (*COMMON_COLUMNS, "malignant", "contagious", "urgency", "evidence")

Urgency = Literal["self_care", "routine", "soon", "urgent"]
Evidence = Literal["context_group", "exact", "cross_reference", "unconfirmed", "site"]
"""What a code rests on: a DICOM context group, an exact match of a public ontology, a cross-reference in one, its
check digit alone (confirm it in a terminology server), or the site's own word."""

_URGENCIES: Final[Mapping[str, Urgency]] = {each: each for each in get_args(Urgency)}
_EVIDENCE: Final[Mapping[str, Evidence]] = {each: each for each in get_args(Evidence)}


@dataclass(frozen=True, slots=True)
class CodedDisease:
    """One disease; `slug` is the label that models use."""

    slug: str
    scheme: str
    code: str
    meaning: str
    malignant: bool
    contagious: bool
    urgency: Urgency
    korean: str
    english: str
    evidence: Evidence
    source: str


def disease_faults(rows: Rows) -> Iterator[str]:
    """What is wrong with the table as a whole, each fault with its place."""
    for row in rows.values():
        faults = (*row_faults(row), *flag_faults(row, ["malignant", "contagious"]), *_choice_faults(row))
        yield from (f"{row.place}: {fault}" for fault in faults)
    yield from shared_code_faults(rows.values())


def diseases_of(rows: Rows) -> Mapping[str, CodedDisease]:
    """Every disease by slug, in the table's order; the rows have no faults."""
    return MappingProxyType({slug: _disease(row) for slug, row in rows.items()})


def _choice_faults(row: Row) -> Iterator[str]:
    for column, choices in (("urgency", _URGENCIES), ("evidence", _EVIDENCE)):
        if row.cells[column] not in choices:
            yield f"{column}: one of {', '.join(choices)}"


def _disease(row: Row) -> CodedDisease:
    cells = row.cells
    return CodedDisease(
        slug=row.slug,
        scheme=cells["scheme"],
        code=cells["code"],
        meaning=cells["meaning"],
        malignant=YES_NO[cells["malignant"]],
        contagious=YES_NO[cells["contagious"]],
        urgency=_URGENCIES[cells["urgency"]],
        korean=cells["korean"],
        english=cells["english"],
        evidence=_EVIDENCE[cells["evidence"]],
        source=cells["source"],
    )
