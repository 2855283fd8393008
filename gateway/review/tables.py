"""Tables of cases, referrals and labels."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from gateway.database import Base, UtcDateTime

CASE_TEXT_LENGTH = 64
CASE_NUMBER_LENGTH = 16


class CaseRow(Base):
    """What one patient shows at one time; it owns one DICOM study.

    Whom it is of is as it was said when it was opened, or as it was corrected: what else came to be known since stands
    in the archive's study.
    """

    __tablename__ = "cases"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    hospital_id: Mapped[str] = mapped_column(String(64))
    issuer_of_patient_id: Mapped[str] = mapped_column(String(CASE_TEXT_LENGTH))
    patient_id: Mapped[str] = mapped_column(String(CASE_TEXT_LENGTH))
    study_instance_uid: Mapped[str] = mapped_column(String(64))
    accession_number: Mapped[str] = mapped_column(String(CASE_NUMBER_LENGTH))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        UniqueConstraint("hospital_id", "study_instance_uid"),
        Index("cases_by_patient", "hospital_id", "issuer_of_patient_id", "patient_id"),
    )


class CaseSeriesRow(Base):
    """A series of a case's study, one for each body site, kind and camera; it counts its instances."""

    __tablename__ = "case_series"

    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True)
    discriminator: Mapped[str] = mapped_column(String(128), primary_key=True)
    hospital_id: Mapped[str] = mapped_column(String(64))
    series_instance_uid: Mapped[str] = mapped_column(String(64), unique=True)
    number: Mapped[int] = mapped_column(Integer)
    last_instance_number: Mapped[int] = mapped_column(Integer)

    __table_args__ = (UniqueConstraint("case_id", "number"),)


class ReferralRow(Base):
    """A case sent to a dermatologist, with the reasons."""

    __tablename__ = "referrals"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    hospital_id: Mapped[str] = mapped_column(String(64))
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), unique=True)
    state: Mapped[str] = mapped_column(String(16))
    reasons: Mapped[list[str]] = mapped_column(JSON)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (Index("referrals_by_state", "hospital_id", "state", "opened_at"),)


class LabelRow(Base):
    """What a doctor or a rule said of a photo; the same caller's later word of a kind supersedes earlier ones.

    `kind` is `suitability` (`usable`, and `reason` where not), `diagnosis` (the slug of a disease, `alternatives` what
    else was held possible), or `deletion`: the photo is gone, and no word on it counts any more. `withdrawn` takes the
    earlier words back.
    """

    __tablename__ = "labels"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hospital_id: Mapped[str] = mapped_column(String(64))
    submission_id: Mapped[str] = mapped_column(String(32), index=True)
    kind: Mapped[str] = mapped_column(String(16), server_default="suitability")
    usable: Mapped[bool | None]
    reason: Mapped[str | None] = mapped_column(String(32))
    diagnosis: Mapped[str | None] = mapped_column(String(64))
    alternatives: Mapped[list[str] | None] = mapped_column(JSON)
    withdrawn: Mapped[bool] = mapped_column(server_default=false())
    source: Mapped[str] = mapped_column(String(16))
    said_by: Mapped[str] = mapped_column(String(64))
    said_at: Mapped[datetime] = mapped_column(UtcDateTime)


class OpinionRow(Base):
    """A dermatologist's opinion of a case; all that were ever given are kept.

    `diagnoses` are slugs of diseases, likeliest first; `report` names the archived object, where one was made.
    """

    __tablename__ = "opinions"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    hospital_id: Mapped[str] = mapped_column(String(64))
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"))
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    given_by: Mapped[str] = mapped_column(String(64))
    doctor: Mapped[str] = mapped_column(String(324))
    organization: Mapped[str] = mapped_column(String(64))
    diagnoses: Mapped[list[str]] = mapped_column(JSON)
    comment: Mapped[str] = mapped_column(String(4096))
    report: Mapped[dict[str, str] | None] = mapped_column(JSON)

    __table_args__ = (Index("opinions_by_case", "case_id", "given_at"),)
