"""What a trainer may know of photos: sex, age, body site, and keys that keep patients and lesions apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.access.secrets import keyed_hash
from gateway.intake.context import patient_context
from gateway.intake.examples import told_by_archive
from gateway.intake.request import kept_fields
from gateway.intake.tables import SubmissionRow
from gateway.review.label_feed import SampleFacts
from gateway.review.tables import CaseRow

PURPOSE = "trainer"
"""The name of the secret that the keys are made with."""
OLDEST = 90
"""Whoever is older is as old as that: few are, and could be found by it."""


@dataclass(frozen=True, slots=True)
class SampleFactsReader:
    """Reads facts of photos; `key` is the gateway's secret for trainers."""

    key: bytes

    def read(self, session: Session, photo_ids: Sequence[str]) -> Mapping[str, SampleFacts]:
        """The facts of the photos that are still there, by id."""
        query = (
            select(SubmissionRow, CaseRow.patient_id)
            .outerjoin(CaseRow, CaseRow.id == SubmissionRow.case_id)
            .where(SubmissionRow.id.in_(photo_ids))
        )
        return {row.id: self._facts(session, row, patient_id) for row, patient_id in session.execute(query)}

    def _facts(self, session: Session, row: SubmissionRow, patient_of_case: str | None) -> SampleFacts:
        fields = kept_fields(row.fields)
        said = patient_context(fields, row.received_at)
        sex, years = told_by_archive(session, row)
        age = said.age_years if years is None else years
        patient = patient_of_case or fields.patient_id
        lesion = (row.hospital_id, patient or row.case_id or row.id, fields.lesion_id)
        return SampleFacts(
            patient=self._key("patient", row.hospital_id, patient) if patient else None,
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


def photos_of_case(session: Session, hospital: str, case_id: str) -> Sequence[str]:
    """The photos, not the videos, of a case that could be used, by id."""
    here = SubmissionRow.hospital_id == hospital, SubmissionRow.case_id == case_id
    rows = session.execute(select(SubmissionRow.id, SubmissionRow.judgement).where(*here).order_by(SubmissionRow.id))
    return [photo_id for photo_id, judgement in rows if judgement is not None and "frame" not in judgement]
