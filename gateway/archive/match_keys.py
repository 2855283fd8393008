"""Which attributes a search can be asked by, and what a question by each means in SQL.

`SUPPORTED_KEYS` is for those who ask: a key that is not among them is left aside by a search.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from sqlalchemy import ColumnElement, and_, select

from dicomweb.matching import is_universal, key_texts
from gateway.archive.match_sql import (
    TextColumn,
    name_matches,
    number_matches,
    range_matches,
    text_matches,
    uid_matches,
)
from gateway.archive.scoping import of_hospitals
from gateway.archive.tables import (
    InstanceRow,
    PatientNameRow,
    PatientRow,
    ReferringPhysicianNameRow,
    SeriesRequestRow,
    SeriesRow,
    StudyRow,
)

REQUEST_ATTRIBUTES_SEQUENCE = 0x00400275


class Table(IntEnum):
    """The tables of the hierarchy, from above."""

    PATIENT = 0
    STUDY = 1
    SERIES = 2
    INSTANCE = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks and of which database: what conditions depend on beside the key."""

    hospitals: Sequence[str]
    sqlite: bool


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on one table.

    `elsewhere`: it is a list of ids that another table gives. `narrow`: few rows fulfil it, and an index that
    begins with hospital and column gives them.
    """

    table: Table
    clause: ColumnElement[bool]
    elsewhere: bool = False
    narrow: bool = False


_Build = Callable[[Sequence[str], Asked], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class _Key:
    table: Table
    build: _Build
    elsewhere: bool = False
    narrow: bool = False


def conditions(keys: Dataset, asked: Asked) -> list[Condition]:
    """The conditions of every key that is supported and not universal."""
    found: list[Condition] = []
    for element in keys:
        if element.tag == REQUEST_ATTRIBUTES_SEQUENCE:
            found.extend(_request_conditions(element, asked))
            continue
        key, texts = _KEYS.get(int(element.tag)), key_texts(element.value) if element.VR != "SQ" else []
        if key is not None and not is_universal(texts):
            narrow = key.narrow and all(text[0] not in "*?" for text in texts)
            found.append(Condition(key.table, key.build(texts, asked), key.elsewhere, narrow))
    return found


def _text(column: TextColumn) -> _Build:
    return lambda texts, asked: text_matches(column, texts, sqlite=asked.sqlite)


def _uid(column: TextColumn) -> _Build:
    return lambda texts, _asked: uid_matches(column, texts)


def _range(column: TextColumn, vr: str) -> _Build:
    return lambda texts, _asked: range_matches(column, vr, texts)


def _patient_name(texts: Sequence[str], asked: Asked) -> ColumnElement[bool]:
    row = PatientNameRow
    matches = name_matches(row.value, texts, sqlite=asked.sqlite)
    return PatientRow.id.in_(select(row.patient_row_id).where(of_hospitals(row.hospital_id, asked.hospitals), matches))


def _physician_name(texts: Sequence[str], asked: Asked) -> ColumnElement[bool]:
    row = ReferringPhysicianNameRow
    matches = name_matches(row.value, texts, sqlite=asked.sqlite)
    return StudyRow.id.in_(select(row.study_row_id).where(of_hospitals(row.hospital_id, asked.hospitals), matches))


def _modality_in_study(texts: Sequence[str], asked: Asked) -> ColumnElement[bool]:
    matches = text_matches(SeriesRow.modality, texts, sqlite=asked.sqlite)
    inside = of_hospitals(SeriesRow.hospital_id, asked.hospitals)
    return StudyRow.id.in_(select(SeriesRow.study_row_id).where(inside, matches))


def _sop_class_in_study(texts: Sequence[str], asked: Asked) -> ColumnElement[bool]:
    inside = of_hospitals(InstanceRow.hospital_id, asked.hospitals)
    matches = uid_matches(InstanceRow.sop_class_uid, texts)
    return StudyRow.id.in_(select(InstanceRow.study_row_id).where(inside, matches))


_REQUEST_COLUMNS: dict[int, TextColumn] = {
    0x00400009: SeriesRequestRow.scheduled_procedure_step_id,
    0x00401001: SeriesRequestRow.requested_procedure_id,
}


def _request_conditions(element: DataElement, asked: Asked) -> list[Condition]:
    """One condition for the item of the key: one item of the series must match it whole (C.2.2.2.6)."""
    clauses: list[ColumnElement[bool]] = []
    for item in list(element.value or [])[:1]:
        for inner in item:
            column, texts = _REQUEST_COLUMNS.get(int(inner.tag)), key_texts(inner.value)
            if column is not None and not is_universal(texts):
                clauses.append(text_matches(column, texts, sqlite=asked.sqlite))
    if not clauses:
        return []
    inside = of_hospitals(SeriesRequestRow.hospital_id, asked.hospitals)
    requested = select(SeriesRequestRow.series_row_id).where(and_(inside, *clauses))
    return [Condition(Table.SERIES, SeriesRow.id.in_(requested), elsewhere=True)]


_KEYS: dict[int, _Key] = {
    0x00100010: _Key(Table.PATIENT, _patient_name, elsewhere=True),
    0x00100020: _Key(Table.PATIENT, _text(PatientRow.patient_id)),
    0x00100021: _Key(Table.PATIENT, _text(PatientRow.issuer_of_patient_id)),
    0x00100030: _Key(Table.PATIENT, _range(PatientRow.birth_date, "DA")),
    0x00100040: _Key(Table.PATIENT, _text(PatientRow.sex)),
    0x0020000D: _Key(Table.STUDY, _uid(StudyRow.study_instance_uid), narrow=True),
    0x00080020: _Key(Table.STUDY, _range(StudyRow.study_date, "DA")),
    0x00080030: _Key(Table.STUDY, _range(StudyRow.study_time, "TM")),
    0x00080050: _Key(Table.STUDY, _text(StudyRow.accession_number), narrow=True),
    0x00080061: _Key(Table.STUDY, _modality_in_study, elsewhere=True),
    0x00080062: _Key(Table.STUDY, _sop_class_in_study, elsewhere=True),
    0x00080090: _Key(Table.STUDY, _physician_name, elsewhere=True),
    0x00081030: _Key(Table.STUDY, _text(StudyRow.description)),
    0x00200010: _Key(Table.STUDY, _text(StudyRow.study_identifier), narrow=True),
    0x0020000E: _Key(Table.SERIES, _uid(SeriesRow.series_instance_uid), narrow=True),
    0x00080060: _Key(Table.SERIES, _text(SeriesRow.modality)),
    0x00200011: _Key(Table.SERIES, lambda texts, _asked: number_matches(SeriesRow.series_number, texts)),
    0x00400244: _Key(Table.SERIES, _range(SeriesRow.procedure_step_start_date, "DA")),
    0x00400245: _Key(Table.SERIES, _range(SeriesRow.procedure_step_start_time, "TM")),
    0x00080016: _Key(Table.INSTANCE, _uid(InstanceRow.sop_class_uid)),
    0x00080018: _Key(Table.INSTANCE, _uid(InstanceRow.sop_instance_uid)),
    0x00200013: _Key(Table.INSTANCE, lambda texts, _asked: number_matches(InstanceRow.instance_number, texts)),
}

SUPPORTED_KEYS: frozenset[int] = frozenset(_KEYS) | {REQUEST_ATTRIBUTES_SEQUENCE, *_REQUEST_COLUMNS}
"""Tags a search matches by, those inside RequestAttributesSequence among them."""
