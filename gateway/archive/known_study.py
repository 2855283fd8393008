"""What the archive knows of a study: what a further object of it is to agree with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from dicomweb.archive import JsonObject
from gateway.archive.facts import UNIDENTIFIED_PREFIX
from gateway.archive.indexing import Origin
from gateway.archive.tables import NUMBER_UNKNOWN, InstanceRow, PatientRow, RevisionRow, SeriesRow, StudyRow

PATIENT_NAME, BIRTH_DATE, SEX, AGE = "00100010", "00100030", "00100040", "00101010"
STUDY_DATE, STUDY_TIME, STUDY_ID, OFFSET = "00080020", "00080030", "00200010", "00080201"
ACCESSION_NUMBER, ADMISSION_ID = "00080050", "00380010"
REFERRING_PHYSICIAN, DESCRIPTION, REQUESTING_SERVICE = "00080090", "00081030", "00321033"

_PATIENT_TAGS = (PATIENT_NAME, BIRTH_DATE, SEX, AGE)
_NAME_GROUPS = ("Alphabetic", "Ideographic", "Phonetic")


@dataclass(frozen=True, slots=True)
class KnownStudy:
    """A study and its patient, as its objects tell them.

    `patient_id` is empty where no object has told one. `texts` are first values by tag, names as DICOM PN; what is
    unknown is not in it. `series_numbers` are those in use.
    """

    patient_row_id: int
    issuer_of_patient_id: str
    patient_id: str
    texts: Mapping[str, str]
    series_numbers: frozenset[int]


def known_study(session: Session, hospital: str, study_instance_uid: str) -> KnownStudy | None:
    """The study, where the hospital has it.

    Of the patient it tells what stands in this study: what the newest object that the gateway made says, since those
    take over what the earlier ones say; in a study of others', what the archive knows of the patient.
    """
    found = session.execute(
        select(
            StudyRow.id,
            StudyRow.attributes,
            StudyRow.patient_row_id,
            PatientRow.issuer_of_patient_id,
            PatientRow.patient_id,
            PatientRow.attributes.label("of_patient"),
        )
        .join(PatientRow, PatientRow.id == StudyRow.patient_row_id)
        .where(StudyRow.hospital_id == hospital, StudyRow.study_instance_uid == study_instance_uid)
    ).one_or_none()
    if found is None:
        return None
    told = _newest_own_header(session, found.id) or found.of_patient
    nobody = found.patient_id == UNIDENTIFIED_PREFIX + study_instance_uid
    numbers = session.scalars(select(SeriesRow.series_number).where(SeriesRow.study_row_id == found.id))
    return KnownStudy(
        patient_row_id=found.patient_row_id,
        issuer_of_patient_id="" if nobody else found.issuer_of_patient_id,
        patient_id="" if nobody else found.patient_id,
        texts=_texts({**found.attributes, **{tag: told[tag] for tag in _PATIENT_TAGS if tag in told}}),
        series_numbers=frozenset(numbers) - {NUMBER_UNKNOWN},
    )


def _newest_own_header(session: Session, study_row_id: int) -> JsonObject | None:
    header: JsonObject | None = session.scalar(
        select(RevisionRow.header)
        .join(InstanceRow, and_(InstanceRow.id == RevisionRow.instance_id, InstanceRow.revision == RevisionRow.number))
        .where(InstanceRow.study_row_id == study_row_id, InstanceRow.origin == Origin.INTAKE.value)
        .order_by(InstanceRow.id.desc())
        .limit(1)
    )
    return header


def _texts(attributes: JsonObject) -> dict[str, str]:
    texts = {tag: _text(member.get("Value")) for tag, member in attributes.items()}
    return {tag: text for tag, text in texts.items() if text}


def _text(values: Any) -> str:
    first = values[0] if isinstance(values, list) and values else None
    if isinstance(first, dict):
        return "=".join(str(first.get(group, "")) for group in _NAME_GROUPS).rstrip("=")
    return "" if first is None else str(first).strip()
