"""Which attributes a search can be asked by, and what a question by each means in SQL.

`SUPPORTED_KEYS` is for those who ask: a key that is not among them is left aside by a search.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from dicomweb.matching import is_universal, key_texts
from gateway.archive.clauses import Clause, select
from gateway.archive.match_names import PATIENT, REFERRING_PHYSICIAN, NameTables, named
from gateway.archive.match_sql import number_matches, range_matches, text_matches, uid_matches
from gateway.archive.scoping import of_hospitals

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
    fuzzy_names: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on one table.

    `elsewhere`: the clause is a list of the rows' ids, which another table gives (of the hospitals asked about).
    `narrow`: few rows fulfil it, and an index that begins with hospital and column gives them.
    """

    table: Table
    clause: Clause
    elsewhere: bool = False
    narrow: bool = False


_Build = Callable[[Sequence[str], Asked], Clause]


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


def _text(column: str) -> _Build:
    return lambda texts, asked: text_matches(column, texts, sqlite=asked.sqlite)


def _uid(column: str) -> _Build:
    return lambda texts, _asked: uid_matches(column, texts)


def _range(column: str, vr: str) -> _Build:
    return lambda texts, _asked: range_matches(column, vr, texts)


def _number(column: str) -> _Build:
    return lambda texts, _asked: number_matches(column, texts)


def _listed(table: str, own: str, build: _Build) -> _Build:
    """What the column `own` of another table's rows names, where they fulfil the condition."""

    def listed(texts: Sequence[str], asked: Asked) -> Clause:
        inside = of_hospitals(f"{table}.hospital_id", asked.hospitals)
        return select(f"{table}.{own}", table, [inside, build(texts, asked)])

    return listed


def _name(tables: NameTables) -> _Build:
    return lambda texts, asked: named(tables, texts, asked.hospitals, sqlite=asked.sqlite, fuzzy=asked.fuzzy_names)


_REQUEST_COLUMNS = {
    0x00400009: "series_requests.scheduled_procedure_step_id",
    0x00401001: "series_requests.requested_procedure_id",
}


def _request_conditions(element: DataElement, asked: Asked) -> list[Condition]:
    """One condition for the item of the key: one item of the series must match it whole (C.2.2.2.6)."""
    clauses: list[Clause] = []
    for item in list(element.value or [])[:1]:
        for inner in item:
            column, texts = _REQUEST_COLUMNS.get(int(inner.tag)), key_texts(inner.value)
            if column is not None and not is_universal(texts):
                clauses.append(text_matches(column, texts, sqlite=asked.sqlite))
    if not clauses:
        return []
    inside = of_hospitals("series_requests.hospital_id", asked.hospitals)
    requested = select("series_requests.series_row_id", "series_requests", [inside, *clauses])
    return [Condition(Table.SERIES, requested, elsewhere=True)]


_MODALITIES_IN_STUDY = _listed("series", "study_row_id", _text("series.modality"))
_SOP_CLASSES_IN_STUDY = _listed("instances", "study_row_id", _uid("instances.sop_class_uid"))

_KEYS: dict[int, _Key] = {
    0x00100010: _Key(Table.PATIENT, _name(PATIENT), elsewhere=True),
    0x00100020: _Key(Table.PATIENT, _text("patients.patient_id")),
    0x00100021: _Key(Table.PATIENT, _text("patients.issuer_of_patient_id")),
    0x00100030: _Key(Table.PATIENT, _range("patients.birth_date", "DA")),
    0x00100040: _Key(Table.PATIENT, _text("patients.sex")),
    0x0020000D: _Key(Table.STUDY, _uid("studies.study_instance_uid"), narrow=True),
    0x00080020: _Key(Table.STUDY, _range("studies.study_date", "DA")),
    0x00080030: _Key(Table.STUDY, _range("studies.study_time", "TM")),
    0x00080050: _Key(Table.STUDY, _text("studies.accession_number"), narrow=True),
    0x00080061: _Key(Table.STUDY, _MODALITIES_IN_STUDY, elsewhere=True),
    0x00080062: _Key(Table.STUDY, _SOP_CLASSES_IN_STUDY, elsewhere=True),
    0x00080090: _Key(Table.STUDY, _name(REFERRING_PHYSICIAN), elsewhere=True),
    0x00081030: _Key(Table.STUDY, _text("studies.description")),
    0x00200010: _Key(Table.STUDY, _text("studies.study_identifier"), narrow=True),
    0x0020000E: _Key(Table.SERIES, _uid("series.series_instance_uid"), narrow=True),
    0x00080060: _Key(Table.SERIES, _text("series.modality")),
    0x00200011: _Key(Table.SERIES, _number("series.series_number")),
    0x00400244: _Key(Table.SERIES, _range("series.procedure_step_start_date", "DA")),
    0x00400245: _Key(Table.SERIES, _range("series.procedure_step_start_time", "TM")),
    0x00080016: _Key(Table.INSTANCE, _uid("instances.sop_class_uid")),
    0x00080018: _Key(Table.INSTANCE, _uid("instances.sop_instance_uid")),
    0x00200013: _Key(Table.INSTANCE, _number("instances.instance_number")),
}

SUPPORTED_KEYS: frozenset[int] = frozenset(_KEYS) | {REQUEST_ATTRIBUTES_SEQUENCE, *_REQUEST_COLUMNS}
"""Tags a search matches by, those inside RequestAttributesSequence among them."""
