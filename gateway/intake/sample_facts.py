"""What a trainer may know of photos: sex, age, body site, and keys that keep patients and lesions apart."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.access.secrets import keyed_hash
from gateway.archive.tables import InstanceRow, PatientRow, StudyRow
from gateway.intake.context import archived_sex_and_age, patient_context
from gateway.intake.request import kept_fields
from gateway.intake.tables import SubmissionRow
from gateway.review.label_feed import SampleFacts
from gateway.review.tables import CaseRow

PURPOSE = "trainer"
"""The name of the secret that the keys are made with."""
OLDEST = 90
"""Whoever is older is as old as that: few are, and could be found by it."""
AT_ONCE = 500
"""Photos that one query names."""


@dataclass(frozen=True, slots=True)
class _Photo:
    """A photo as it was sent, whose its case says it is, and what the archive knows of its patient now."""

    id: str
    hospital: str
    received_at: datetime
    fields: dict[str, Any]
    case_id: str | None
    patient_of_case: str | None
    sex: str | None
    birth_date: str | None


@dataclass(frozen=True, slots=True)
class SampleFactsReader:
    """Reads facts of photos; `key` is the gateway's secret for trainers."""

    key: bytes

    def read(self, session: Session, photo_ids: Sequence[str]) -> Mapping[str, SampleFacts]:
        """The facts of the photos that are still there, by id; a query for each AT_ONCE of them."""
        found: dict[str, SampleFacts] = {}
        for first in range(0, len(photo_ids), AT_ONCE):
            found |= {each.id: self._facts(each) for each in _photos(session, photo_ids[first : first + AT_ONCE])}
        return found

    def _facts(self, photo: _Photo) -> SampleFacts:
        fields = kept_fields(photo.fields)
        said = patient_context(fields, photo.received_at)
        sex, years = archived_sex_and_age(photo.sex or "", photo.birth_date or "", photo.received_at)
        age = said.age_years if years is None else years
        patient = photo.patient_of_case or fields.patient_id
        lesion = (photo.hospital, patient or photo.case_id or photo.id, fields.lesion_id)
        return SampleFacts(
            patient=self._key("patient", photo.hospital, patient) if patient else None,
            lesion=self._key("lesion", *lesion) if fields.lesion_id else None,
            sex=sex or said.sex,
            age=None if age is None else min(int(age), OLDEST),
            body_site=fields.body_site or None,
            kind=fields.kind,
        )

    def _key(self, *parts: str) -> str:
        """Without the issuer of a patient's id, which one photo may name and the next leave out: two patients taken for
        one keep their photos on one side of a split, one taken for two could be on both.
        """
        return keyed_hash(self.key, *parts)


def _photos(session: Session, photo_ids: Sequence[str]) -> Iterable[_Photo]:
    query = (
        select(
            SubmissionRow.id,
            SubmissionRow.hospital_id,
            SubmissionRow.received_at,
            SubmissionRow.fields,
            SubmissionRow.case_id,
            CaseRow.patient_id,
            PatientRow.sex,
            PatientRow.birth_date,
        )
        .outerjoin(CaseRow, CaseRow.id == SubmissionRow.case_id)
        .outerjoin(InstanceRow, InstanceRow.id == SubmissionRow.instance_id)
        .outerjoin(StudyRow, StudyRow.id == InstanceRow.study_row_id)
        .outerjoin(PatientRow, PatientRow.id == StudyRow.patient_row_id)
        .where(SubmissionRow.id.in_(photo_ids))
    )
    return (_Photo(*row) for row in session.execute(query))


def photos_of_case(session: Session, hospital: str, case_id: str) -> Sequence[str]:
    """The photos, not the videos, of a case that could be used, by id; none is deleted before the transaction ends."""
    here = SubmissionRow.hospital_id == hospital, SubmissionRow.case_id == case_id
    photos = select(SubmissionRow.id, SubmissionRow.judgement).where(*here).order_by(SubmissionRow.id)
    rows = session.execute(photos.with_for_update(read=True, key_share=True))
    return [photo_id for photo_id, judgement in rows if judgement is not None and "frame" not in judgement]
