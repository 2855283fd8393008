"""Tables of the index: patients, studies, series, instances, their revisions, and objects that are to be removed.

Each level keeps two things of its attributes: columns that are searched, normalised, empty where unknown; and
`attributes`, DICOM JSON of what a search returns, so that a search opens no file. Values from outside are cut to
the column's length before they come here; only the identity of a patient is never cut.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from dicomweb.fuzzy_names import WORD_LENGTH
from gateway.archive.columns import JsonText, PackedJson, match_text
from gateway.database import Base, RowNumber, UtcDateTime

UID_LENGTH = 64
TEXT_LENGTH = 256
NUMBER_UNKNOWN = 2**31
"""Kept where a SeriesNumber or InstanceNumber is unknown: above every IS (PS3.5 6.2), so that it sorts last."""


class PatientRow(Base):
    """A patient of a hospital, known by issuer and id; one without an id is known by the study's UID."""

    __tablename__ = "patients"

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    hospital_id: Mapped[str] = mapped_column(String(64))
    issuer_of_patient_id: Mapped[str] = mapped_column(match_text(TEXT_LENGTH))
    patient_id: Mapped[str] = mapped_column(match_text(TEXT_LENGTH))
    birth_date: Mapped[str] = mapped_column(match_text(8))
    sex: Mapped[str] = mapped_column(match_text(16))
    attributes: Mapped[dict[str, Any]] = mapped_column(JsonText)

    __table_args__ = (
        UniqueConstraint("hospital_id", "issuer_of_patient_id", "patient_id", name="patients_identity"),
        Index("patients_by_patient_id", "hospital_id", "patient_id"),
        {"sqlite_autoincrement": True},
    )


class PatientNameRow(Base):
    """One component group of a patient's name, folded for comparison."""

    __tablename__ = "patient_names"

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    hospital_id: Mapped[str] = mapped_column(String(64))
    patient_row_id: Mapped[int] = mapped_column(ForeignKey("patients.id"))
    value: Mapped[str] = mapped_column(match_text(TEXT_LENGTH))

    __table_args__ = (
        Index("patient_names_by_value", "hospital_id", "value", "patient_row_id"),
        Index("patient_names_by_patient", "patient_row_id"),
    )


class PatientNameWordRow(Base):
    """One word that a patient's name is found by fuzzily (`dicomweb.fuzzy_names`)."""

    __tablename__ = "patient_name_words"

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    hospital_id: Mapped[str] = mapped_column(String(64))
    patient_row_id: Mapped[int] = mapped_column(ForeignKey("patients.id"))
    word: Mapped[str] = mapped_column(match_text(WORD_LENGTH))

    __table_args__ = (
        Index("patient_name_words_by_word", "hospital_id", "word", "patient_row_id"),
        Index("patient_name_words_by_patient", "patient_row_id", "word"),
    )


class StudyRow(Base):
    """A study of one patient."""

    __tablename__ = "studies"

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    hospital_id: Mapped[str] = mapped_column(String(64))
    patient_row_id: Mapped[int] = mapped_column(ForeignKey("patients.id"))
    study_instance_uid: Mapped[str] = mapped_column(match_text(UID_LENGTH))
    study_date: Mapped[str] = mapped_column(match_text(8))
    study_time: Mapped[str] = mapped_column(match_text(13))
    accession_number: Mapped[str] = mapped_column(match_text(TEXT_LENGTH))
    study_identifier: Mapped[str] = mapped_column(match_text(TEXT_LENGTH))
    description: Mapped[str] = mapped_column(match_text(TEXT_LENGTH))
    attributes: Mapped[dict[str, Any]] = mapped_column(JsonText)

    __table_args__ = (
        UniqueConstraint("hospital_id", "study_instance_uid", name="studies_identity"),
        # With what searches within a hospital put in order: a page is found without reading rows, which are wide.
        Index("studies_of_patient", "patient_row_id", "hospital_id", "study_date", "study_time", "id"),
        Index("studies_by_date", "hospital_id", "study_date", "study_time", "id"),
        Index("studies_by_accession_number", "hospital_id", "accession_number"),
        Index("studies_by_identifier", "hospital_id", "study_identifier"),
    )


class ReferringPhysicianNameRow(Base):
    """One component group of the name of a study's referring physician, folded for comparison."""

    __tablename__ = "referring_physician_names"

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    hospital_id: Mapped[str] = mapped_column(String(64))
    study_row_id: Mapped[int] = mapped_column(ForeignKey("studies.id"))
    value: Mapped[str] = mapped_column(match_text(TEXT_LENGTH))

    __table_args__ = (
        Index("referring_physician_names_by_value", "hospital_id", "value", "study_row_id"),
        Index("referring_physician_names_by_study", "study_row_id"),
    )


class ReferringPhysicianNameWordRow(Base):
    """One word that the name of a study's referring physician is found by fuzzily."""

    __tablename__ = "referring_physician_name_words"

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    hospital_id: Mapped[str] = mapped_column(String(64))
    study_row_id: Mapped[int] = mapped_column(ForeignKey("studies.id"))
    word: Mapped[str] = mapped_column(match_text(WORD_LENGTH))

    __table_args__ = (
        Index("referring_physician_name_words_by_word", "hospital_id", "word", "study_row_id"),
        Index("referring_physician_name_words_by_study", "study_row_id", "word"),
    )


class SeriesRow(Base):
    """A series of a study."""

    __tablename__ = "series"

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    hospital_id: Mapped[str] = mapped_column(String(64))
    study_row_id: Mapped[int] = mapped_column(ForeignKey("studies.id"))
    series_instance_uid: Mapped[str] = mapped_column(match_text(UID_LENGTH))
    modality: Mapped[str] = mapped_column(match_text(16))
    series_number: Mapped[int] = mapped_column(BigInteger)
    procedure_step_start_date: Mapped[str] = mapped_column(match_text(8))
    procedure_step_start_time: Mapped[str] = mapped_column(match_text(13))
    attributes: Mapped[dict[str, Any]] = mapped_column(JsonText)

    __table_args__ = (
        UniqueConstraint("study_row_id", "series_instance_uid", name="series_identity"),
        Index("series_by_uid", "hospital_id", "series_instance_uid"),
        Index("series_by_modality", "hospital_id", "modality", "study_row_id"),
        Index("series_by_procedure_step_start", "hospital_id", "procedure_step_start_date"),
        Index("series_in_order", "hospital_id", "study_row_id", "series_number", "id"),
    )


class SeriesRequestRow(Base):
    """One item of a series' RequestAttributesSequence."""

    __tablename__ = "series_requests"

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    hospital_id: Mapped[str] = mapped_column(String(64))
    series_row_id: Mapped[int] = mapped_column(ForeignKey("series.id"))
    scheduled_procedure_step_id: Mapped[str] = mapped_column(match_text(TEXT_LENGTH))
    requested_procedure_id: Mapped[str] = mapped_column(match_text(TEXT_LENGTH))

    __table_args__ = (
        Index("series_requests_by_step", "hospital_id", "scheduled_procedure_step_id", "series_row_id"),
        Index("series_requests_by_procedure", "hospital_id", "requested_procedure_id", "series_row_id"),
        Index("series_requests_by_series", "series_row_id"),
    )


class InstanceRow(Base):
    """An instance; `revision` is the number of the one that is served. Its id is never given out again."""

    __tablename__ = "instances"

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    hospital_id: Mapped[str] = mapped_column(String(64))
    study_row_id: Mapped[int] = mapped_column(ForeignKey("studies.id"))
    series_row_id: Mapped[int] = mapped_column(ForeignKey("series.id"))
    sop_instance_uid: Mapped[str] = mapped_column(match_text(UID_LENGTH))
    sop_class_uid: Mapped[str] = mapped_column(match_text(UID_LENGTH))
    instance_number: Mapped[int] = mapped_column(BigInteger)
    revision: Mapped[int] = mapped_column(Integer)
    origin: Mapped[str] = mapped_column(String(16))
    received_from: Mapped[str] = mapped_column(String(64))
    stored_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attributes: Mapped[dict[str, Any]] = mapped_column(JsonText)

    __table_args__ = (
        UniqueConstraint("sop_instance_uid", name="instances_identity"),
        Index("instances_by_study", "study_row_id"),
        Index("instances_by_series", "series_row_id", "instance_number"),
        Index("instances_by_sop_class", "hospital_id", "sop_class_uid"),
        Index("instances_in_order", "hospital_id", "series_row_id", "instance_number", "id"),
        {"sqlite_autoincrement": True},
    )


class RevisionRow(Base):
    """One immutable file of an instance.

    `data_set_sha256` covers the bytes behind the file meta group: equal means the same instance again.
    `layout` says where frames and bulk values lie; `header` is everything else as DICOM JSON.
    """

    __tablename__ = "revisions"

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    hospital_id: Mapped[str] = mapped_column(String(64))
    instance_id: Mapped[int] = mapped_column(ForeignKey("instances.id"))
    number: Mapped[int] = mapped_column(Integer)
    object_key: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    data_set_sha256: Mapped[str] = mapped_column(String(64))
    transfer_syntax_uid: Mapped[str] = mapped_column(String(UID_LENGTH))
    number_of_frames: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(TEXT_LENGTH))
    layout: Mapped[dict[str, Any]] = mapped_column(PackedJson)
    header: Mapped[dict[str, Any]] = mapped_column(PackedJson)

    __table_args__ = (
        UniqueConstraint("instance_id", "number", name="revisions_identity"),
        UniqueConstraint("object_key", name="revisions_object"),
    )


class RemovedObjectRow(Base):
    """An object that no row names any more and whose file is still to be unlinked."""

    __tablename__ = "removed_objects"

    object_key: Mapped[str] = mapped_column(String(64), primary_key=True)
    hospital_id: Mapped[str] = mapped_column(String(64))
    removed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CommitmentRow(Base):
    """What a request for storage commitment found: a list of [SOP Class UID, SOP Instance UID, failure or null]."""

    __tablename__ = "storage_commitments"

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    hospital_id: Mapped[str] = mapped_column(String(64))
    transaction_uid: Mapped[str] = mapped_column(String(UID_LENGTH))
    requested_by: Mapped[str] = mapped_column(String(64))
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    result: Mapped[list[Any]] = mapped_column(JsonText)

    __table_args__ = (UniqueConstraint("hospital_id", "transaction_uid", name="storage_commitments_identity"),)
