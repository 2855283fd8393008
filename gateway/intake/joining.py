"""A further photo of a study agrees with it: what it leaves unsaid is taken over, what it says otherwise is refused.

Every object of a study tells of its patient and its study: two that tell two names make two patients of one. Pure
rules.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta, timezone, tzinfo

from pydantic import ValidationError

from gateway.archive import known_study as known
from gateway.archive.known_study import KnownStudy
from gateway.conversion.facts import StudyBegin
from gateway.conversion.person_name import person_name
from gateway.conversion.text import single_line
from gateway.intake.request import PhotoFields, kept_fields
from gateway.review.cases import CaseConflict
from gateway.review.places import Patient

SHARED: Mapping[str, str] = {
    "patient_name": known.PATIENT_NAME,
    "patient_birth_date": known.BIRTH_DATE,
    "patient_sex": known.SEX,
    "patient_age": known.AGE,
    "accession_number": known.ACCESSION_NUMBER,
    "admission_id": known.ADMISSION_ID,
    "study_description": known.DESCRIPTION,
    "referring_physician": known.REFERRING_PHYSICIAN,
    "requesting_service": known.REQUESTING_SERVICE,
}
"""The fields that are the same in all objects of a study, and where they stand."""

_NAMES = ("patient_name", "referring_physician")
_LONGEST = 324
_DATE = re.compile(r"\d{8}", re.ASCII)
_TIME = re.compile(r"([01]\d|2[0-3])([0-5]\d([0-5]\d(\.\d{1,6})?)?)?", re.ASCII)
_OFFSET = re.compile(r"([+-])(\d\d)([0-5]\d)", re.ASCII)


def joined_fields(fields: PhotoFields, texts: Mapping[str, str]) -> PhotoFields:
    """The fields with what the study says already, `texts` by tag; raises CaseConflict where they contradict it."""
    said, known_already = fields.said(), {}
    for name, tag in SHARED.items():
        text = _usable(name, texts.get(tag, ""))
        if text is None:
            continue
        if name in said and not _agree(name, str(said[name]), text):
            raise CaseConflict(f"{name}: earlier photos of the case, or other objects of its study, say otherwise")
        known_already[name] = text
    return kept_fields({**said, **known_already}) if known_already else fields


def joined_patient(patient: Patient, study: KnownStudy | None) -> Patient:
    """Whose case it is by what the archive holds of its study: that may have been corrected, or be told by now."""
    if study is None or not study.patient_id:
        return patient
    return Patient(patient.hospital, study.issuer_of_patient_id, study.patient_id)


def with_issuer(patient: Patient, issuer: str) -> Patient:
    """The patient, with an issuer that nobody named before."""
    return patient if patient.issuer_of_patient_id else replace(patient, issuer_of_patient_id=issuer)


def study_begin(texts: Mapping[str, str]) -> StudyBegin:
    """When the study began and what it is called, as its objects have it; what is no date or time counts as unknown."""
    date, time = texts.get(known.STUDY_DATE, ""), texts.get(known.STUDY_TIME, "")
    return StudyBegin(
        study_id=texts.get(known.STUDY_ID, ""),
        date=date if _moment(date, "") else "",
        time=time if _TIME.fullmatch(time) else "",
        zone=_zone(texts.get(known.OFFSET, "")),
    )


def began_at(begin: StudyBegin, site_zone: tzinfo) -> datetime | None:
    """The moment, aware; None where the study has no date."""
    moment = _moment(begin.date, begin.time)
    return None if moment is None else moment.replace(tzinfo=begin.zone or site_zone)


def _moment(date: str, time: str) -> datetime | None:
    if not _DATE.fullmatch(date):
        return None
    whole, _, fraction = time.partition(".")
    try:
        # Its zone is put in by `began_at`.
        return datetime.strptime(date + whole.ljust(6, "0") + fraction.ljust(6, "0"), "%Y%m%d%H%M%S%f")  # noqa: DTZ007
    except ValueError:
        return None


def _zone(offset: str) -> timezone | None:
    match = _OFFSET.fullmatch(offset)
    if match is None or int(match[2]) > 14:
        return None
    size = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return timezone(-size if match[1] == "-" else size)


def _agree(name: str, said: str, text: str) -> bool:
    """Whether two values mean the same; of names one may be told in fewer component groups."""
    if name not in _NAMES:
        return single_line(said, _LONGEST) == single_line(text, _LONGEST)
    groups, others = _groups(said), _groups(text)
    return groups <= others or others <= groups


def _groups(name: str) -> frozenset[str]:
    return frozenset(group.casefold() for group in person_name(name).split("=") if group)


def _usable(name: str, text: str) -> str | None:
    """A DICOM value as the form has it; None for one that no object of ours can say: others' may hold anything."""
    if name == "patient_birth_date":
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}" if _DATE.fullmatch(text) else ""
    try:
        value = PhotoFields.model_validate({name: text} if text else {}).said().get(name)
    except ValidationError:
        return None
    return None if value is None else str(value)
