"""Finding and making the rows above an instance: its patient, study and series."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from gateway.archive.columns import json_text
from gateway.archive.errors import StudyMismatch
from gateway.archive.facts import UNIDENTIFIED_PREFIX, Facts, PatientFacts, SeriesFacts, StudyFacts
from gateway.archive.insertion import change_row, insert_unless_there
from gateway.archive.learning import filled
from gateway.archive.name_rows import add_patient_names, add_physician_names
from gateway.archive.removal import remove_empty_patient
from gateway.archive.rows import patient_columns, series_columns, study_columns
from gateway.inserting import insert_rows
from gateway.reading import Reader, Row

_PATIENT_COLUMNS = ("issuer_of_patient_id", "patient_id", "birth_date", "sex", "attributes")
_STUDY_COLUMNS = ("study_date", "study_time", "accession_number", "study_identifier", "description", "attributes")
_SERIES_COLUMNS = (
    "modality", "series_number", "procedure_step_start_date", "procedure_step_start_time", "attributes",
)  # fmt: skip


def _listed(table: str, columns: tuple[str, ...]) -> str:
    return ", ".join(f"{table}.{column}" for column in ("id", *columns))


_PLACE = f"""
SELECT {_listed("studies", _STUDY_COLUMNS)}, {_listed("patients", _PATIENT_COLUMNS)},
{_listed("series", _SERIES_COLUMNS)}
FROM studies JOIN patients ON patients.id = studies.patient_row_id
LEFT JOIN series ON series.study_row_id = studies.id AND series.series_instance_uid = ?
WHERE studies.hospital_id = ? AND studies.study_instance_uid = ?"""  # noqa: S608 - names of ours
_PLACE_HELD = f"{_PLACE} FOR KEY SHARE OF studies"
"""Whoever corrects the study's patient waits for this transaction, and the other way round: what is added is of the
patient whose study it is. The lock is the one that a row below the study takes anyway."""
_PATIENT = f"""
SELECT {_listed("patients", _PATIENT_COLUMNS)}
FROM patients WHERE hospital_id = ? AND issuer_of_patient_id = ? AND patient_id = ?"""  # noqa: S608 - names of ours
_SERIES = "SELECT id FROM series WHERE study_row_id = ? AND series_instance_uid = ?"
_ANY_PHYSICIAN = "SELECT 1 FROM referring_physician_names WHERE study_row_id = ? LIMIT 1"


@dataclass(frozen=True, slots=True)
class Place:
    """The rows an instance belongs to."""

    study_row_id: int
    series_row_id: int


@dataclass(frozen=True, slots=True)
class _Known:
    """A row that is there: its id, and the columns that objects tell of."""

    table: str
    row_id: int
    columns: dict[str, Any]


def place(statements: Reader, hospital: str, facts: Facts) -> Place:
    """The rows of the object's patient, study and series; made, or filled with what the object adds.

    Raises:
        StudyMismatch: the study is another patient's.
    """
    uids = (facts.series.series_instance_uid, hospital, facts.study.study_instance_uid)
    rows = statements.all(_PLACE if statements.is_sqlite else _PLACE_HELD, uids)
    if not rows:
        study_row_id = _make_study(statements, hospital, patient_row_id(statements, hospital, facts.patient), facts)
        return Place(study_row_id, _make_series(statements, hospital, study_row_id, facts.series))
    study, patient, series = _read_place(rows[0])
    _agree_on_patient(statements, hospital, study.row_id, patient, facts)
    _fill(statements, study, study_columns(facts.study))
    _add_physicians(statements, hospital, study.row_id, facts.study)
    if series is None:
        return Place(study.row_id, _make_series(statements, hospital, study.row_id, facts.series))
    _fill(statements, series, series_columns(facts.series))
    return Place(study.row_id, series.row_id)


def patient_row_id(statements: Reader, hospital: str, facts: PatientFacts) -> int:
    """The id of the patient's row, made where there is none and filled where there is."""
    patient = _find_patient(statements, hospital, facts)
    if patient is not None:
        return _filled_patient(statements, hospital, patient, facts)
    row_id = insert_unless_there(
        statements,
        "patients",
        ("hospital_id", "issuer_of_patient_id", "patient_id"),
        {"hospital_id": hospital, **_kept(patient_columns(facts))},
    )
    if row_id is None:
        return patient_row_id(statements, hospital, facts)
    add_patient_names(statements, hospital, row_id, facts.names)
    return row_id


def add_requests(statements: Reader, hospital: str, row_id: int, facts: SeriesFacts) -> None:
    """Requests a series is found by."""
    rows = [
        {
            "hospital_id": hospital,
            "series_row_id": row_id,
            "scheduled_procedure_step_id": request.scheduled_procedure_step_id,
            "requested_procedure_id": request.requested_procedure_id,
        }
        for request in facts.requests
    ]
    insert_rows(statements, "series_requests", rows)


def same_patient(patient_id: str, issuer_of_patient_id: str, facts: PatientFacts) -> bool:
    """Whether an object's patient is the one of these ids; an issuer that one side leaves out is no contradiction."""
    if patient_id != facts.patient_id:
        return False
    issuers = {issuer_of_patient_id, facts.issuer_of_patient_id} - {""}
    return len(issuers) < 2


def _read_place(row: Row) -> tuple[_Known, _Known, _Known | None]:
    of_patient = 1 + len(_STUDY_COLUMNS)
    of_series = of_patient + 1 + len(_PATIENT_COLUMNS)
    study = _known("studies", _STUDY_COLUMNS, row[:of_patient])
    patient = _known("patients", _PATIENT_COLUMNS, row[of_patient:of_series])
    series = None if row[of_series] is None else _known("series", _SERIES_COLUMNS, row[of_series:])
    return study, patient, series


def _known(table: str, columns: tuple[str, ...], row: Row) -> _Known:
    known = dict(zip(columns, row[1:], strict=True))
    known["attributes"] = orjson.loads(known["attributes"])
    return _Known(table, row[0], known)


def _find_patient(statements: Reader, hospital: str, facts: PatientFacts) -> _Known | None:
    rows = statements.all(_PATIENT, (hospital, facts.issuer_of_patient_id, facts.patient_id))
    return _known("patients", _PATIENT_COLUMNS, rows[0]) if rows else None


def _filled_patient(statements: Reader, hospital: str, patient: _Known, facts: PatientFacts) -> int:
    before = _fill(statements, patient, patient_columns(facts))
    if "Value" not in before["attributes"].get("00100010", {}):
        add_patient_names(statements, hospital, patient.row_id, facts.names)
    return patient.row_id


def _agree_on_patient(statements: Reader, hospital: str, study_row_id: int, patient: _Known, facts: Facts) -> None:
    """Let the object's patient be the study's, or refuse it.

    An object that tells no patient contradicts nobody. A study of which no object told one yet becomes the
    patient's who is told first; one of a patient without an issuer goes over to the patient whose issuer is told now,
    where the archive has both.
    """
    nobody = UNIDENTIFIED_PREFIX + facts.study.study_instance_uid
    patient_id, issuer = patient.columns["patient_id"], patient.columns["issuer_of_patient_id"]
    if same_patient(patient_id, issuer, facts.patient):
        # With the same issuer, or none, it is the study's patient that would be found.
        is_told_first = facts.patient.issuer_of_patient_id and not issuer
        named = _find_patient(statements, hospital, facts.patient) if is_told_first else None
        if named is None or named.row_id == patient.row_id:
            _filled_patient(statements, hospital, patient, facts.patient)
        else:
            _hand_over(statements, study_row_id, _filled_patient(statements, hospital, named, facts.patient))
            remove_empty_patient(statements, patient.row_id)
    elif patient_id == nobody:
        _hand_over(statements, study_row_id, patient_row_id(statements, hospital, facts.patient))
        remove_empty_patient(statements, patient.row_id)
    elif facts.patient.patient_id != nobody:
        raise StudyMismatch("the study belongs to another patient: PatientID or IssuerOfPatientID differ from its own")


def _hand_over(statements: Reader, study_row_id: int, new_owner: int) -> None:
    change_row(statements, "studies", study_row_id, {"patient_row_id": new_owner})


def _make_study(statements: Reader, hospital: str, owner: int, facts: Facts) -> int:
    columns = {"hospital_id": hospital, "patient_row_id": owner, **_kept(study_columns(facts.study))}
    row_id = insert_unless_there(statements, "studies", ("hospital_id", "study_instance_uid"), columns)
    if row_id is None:
        return place(statements, hospital, facts).study_row_id
    add_physician_names(statements, hospital, row_id, facts.study.referring_physician_names)
    return row_id


def _make_series(statements: Reader, hospital: str, study_row_id: int, facts: SeriesFacts) -> int:
    columns = {"hospital_id": hospital, "study_row_id": study_row_id, **_kept(series_columns(facts))}
    row_id = insert_unless_there(statements, "series", ("study_row_id", "series_instance_uid"), columns)
    if row_id is not None:
        add_requests(statements, hospital, row_id, facts)
        return row_id
    there = statements.all(_SERIES, (study_row_id, facts.series_instance_uid))
    if not there:  # a deletion was committed meanwhile
        return _make_series(statements, hospital, study_row_id, facts)
    found: int = there[0][0]
    return found


def _add_physicians(statements: Reader, hospital: str, study_row_id: int, facts: StudyFacts) -> None:
    """Names for a study whose first object told no referring physician."""
    if facts.referring_physician_names.forms and not statements.all(_ANY_PHYSICIAN, (study_row_id,)):
        add_physician_names(statements, hospital, study_row_id, facts.referring_physician_names)


def _fill(statements: Reader, known: _Known, told: Mapping[str, Any]) -> dict[str, Any]:
    """Fill what is empty in a row; returns its columns as they were before."""
    told = {column: told[column] for column in known.columns}
    if not filled(known.columns, told):
        return known.columns
    current = known.columns if statements.is_sqlite else _locked(statements, known)
    changes = filled(current, told)
    if changes:
        change_row(statements, known.table, known.row_id, _kept(changes))
    return current


def _locked(statements: Reader, known: _Known) -> dict[str, Any]:
    """The row's columns as they stand, held to the end of the transaction: on PostgreSQL others fill it as well."""
    columns = tuple(known.columns)
    # The lock an UPDATE takes: inserting rows below does not wait for it.
    query = f"SELECT {_listed(known.table, columns)} FROM {known.table} WHERE id = ? FOR NO KEY UPDATE"  # noqa: S608 - names of ours
    rows = statements.all(query, (known.row_id,))
    # Where it was removed meanwhile, what is added below it fails and is tried again.
    return _known(known.table, columns, rows[0]).columns if rows else known.columns


def _kept(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Columns as the database keeps them."""
    if "attributes" not in columns:
        return dict(columns)
    return {**columns, "attributes": json_text(columns["attributes"])}
