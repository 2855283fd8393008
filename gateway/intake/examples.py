"""Which photos of a case may stand in the disease library as examples, and what they say there of their patient.

A photo is an example of what a dermatologist said first, in the newest opinion that names a disease. It is none where
somebody could be known by it, where a doctor calls it unusable, or where its sender says that there is no consent. Of
what was said with it only what tells nobody from others goes along, and no words of the sender's.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.archive.tables import InstanceRow, PatientRow, StudyRow
from gateway.intake.context import archived_sex_and_age, patient_context
from gateway.intake.facts import is_recognizable
from gateway.intake.request import PhotoFields, kept_fields
from gateway.intake.submission import SubmissionState
from gateway.intake.tables import SubmissionRow
from gateway.library.cases.collecting import Candidate, CasePhoto, PicturePlace
from gateway.library.cases.facts import CaseFacts, age_band_of
from gateway.library.diseases import diseases
from gateway.review.tables import CaseRow, LabelRow, OpinionRow

NO_CONSENT = re.compile(
    r"\b(no|none|not|never|without|false|n|0|refus\w*|den(y|ied|ies)|declin\w*|withdr\w*|revok\w*|object\w*)\b"
    r"|아니|없|않|안 ?함|거부|거절|철회|미동의|비동의|반대",
    re.IGNORECASE,
)
"""What says in free text that there is no consent; rather a photo too few in the library than one too many."""


@dataclass(frozen=True, slots=True)
class Examples:
    """The photos of cases as examples; with `faces` also those that somebody may be known by."""

    faces: bool = False

    def of_case(self, session: Session, hospital: str, case_id: str) -> Sequence[CasePhoto]:
        """The photos of a case; none where there is no such case in the hospital."""
        here = SubmissionRow.hospital_id == hospital, SubmissionRow.case_id == case_id
        rows = session.scalars(select(SubmissionRow).where(*here).order_by(SubmissionRow.id)).all()
        disease = _diagnosis(session, case_id) if rows else None
        return [self._photo(session, row, disease) for row in rows]

    def of_study(self, session: Session, hospital: str, study_instance_uid: str) -> Sequence[CasePhoto]:
        """The same by the case's study."""
        wanted = CaseRow.hospital_id == hospital, CaseRow.study_instance_uid == study_instance_uid
        case_id = session.scalar(select(CaseRow.id).where(*wanted))
        return [] if case_id is None else self.of_case(session, hospital, case_id)

    def _photo(self, session: Session, row: SubmissionRow, disease: str | None) -> CasePhoto:
        uid = None if row.dicom is None else row.dicom["sop_instance_uid"]
        return CasePhoto(row.id, row.hospital_id, uid, self._candidate(session, row, disease))

    def _candidate(self, session: Session, row: SubmissionRow, disease: str | None) -> Candidate | None:
        fields = kept_fields(row.fields)
        if disease is None or not _is_kept(row) or not self._may_be_shown(fields) or _is_called_unusable(session, row):
            return None
        assert row.picture_key is not None
        place = PicturePlace(row.picture_key, row.picture_offset, row.picture_length, row.picture_media_type)
        return Candidate(_facts(session, row, fields, disease), place)

    def _may_be_shown(self, fields: PhotoFields) -> bool:
        if fields.burned_in_annotation or NO_CONSENT.search(fields.consent):
            return False
        return self.faces or not is_recognizable(fields)


def _is_kept(row: SubmissionRow) -> bool:
    """Whether it could be used, and its object is in the archive still."""
    is_accepted = row.state == SubmissionState.ACCEPTED
    return is_accepted and row.instance_id is not None and row.picture_key is not None


def _diagnosis(session: Session, case_id: str) -> str | None:
    """The first disease of the newest opinion that names any; None where the tables do not know it any more."""
    newest = OpinionRow.given_at.desc(), OpinionRow.id
    opinions = session.scalars(select(OpinionRow).where(OpinionRow.case_id == case_id).order_by(*newest))
    named = next((opinion.diagnoses[0] for opinion in opinions if opinion.diagnoses), None)
    return named if named in diseases() else None


def _is_called_unusable(session: Session, row: SubmissionRow) -> bool:
    """By the newest word of a doctor that stands: of each the last one, unless it takes back what was said before."""
    said = LabelRow.submission_id == row.id, LabelRow.source == "doctor", LabelRow.kind == "suitability"
    words = session.scalars(select(LabelRow).where(*said).order_by(LabelRow.number))
    standing = [word for word in {word.said_by: word for word in words}.values() if not word.withdrawn]
    newest = max(standing, key=lambda word: word.number, default=None)
    return newest is not None and newest.usable is False


def _facts(session: Session, row: SubmissionRow, fields: PhotoFields, disease: str) -> CaseFacts:
    context = patient_context(fields, row.received_at)
    sex, years = _told_by_archive(session, row)
    return CaseFacts(
        disease=disease,
        kind=fields.kind,
        sex=sex or context.sex,
        age_band=age_band_of(context.age_years if years is None else years),
        body_site=fields.body_site,
        laterality=fields.laterality,
        features={} if fields.size_mm is None else {"size_mm": fields.size_mm},
    )


def _told_by_archive(session: Session, row: SubmissionRow) -> tuple[str | None, float | None]:
    """Sex and age in years as the archive knows the patient now: other photos may have told them, or corrected them."""
    found = session.execute(
        select(PatientRow.sex, PatientRow.birth_date)
        .join(StudyRow, StudyRow.patient_row_id == PatientRow.id)
        .join(InstanceRow, InstanceRow.study_row_id == StudyRow.id)
        .where(InstanceRow.id == row.instance_id)
    ).one_or_none()
    return (None, None) if found is None else archived_sex_and_age(found.sex, found.birth_date, row.received_at)
