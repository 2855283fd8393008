"""Tables of submissions and of idempotency keys."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from gateway.database import Base, UtcDateTime


class SubmissionRow(Base):
    """One posted photo with what was said about it and what became of it.

    `picture_*` tell where the picture lies: a byte range of an object in the storage, which for an accepted JPEG is
    the archived DICOM object itself. `worklist` is what was found out of its order, null where it named none.
    `upload_key` names the posted bytes while they wait to be processed, and
    `claimed_until` is the lease of whoever does that.
    """

    __tablename__ = "submissions"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    hospital_id: Mapped[str] = mapped_column(String(64))
    caller_id: Mapped[str] = mapped_column(String(64))
    patient: Mapped[str | None] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(16))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    fields: Mapped[dict[str, Any]] = mapped_column(JSON)
    upload_key: Mapped[str | None] = mapped_column(String(64))
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    case_id: Mapped[str | None] = mapped_column(ForeignKey("cases.id"), index=True)
    instance_id: Mapped[int | None] = mapped_column(ForeignKey("instances.id", ondelete="SET NULL"), index=True)
    judgement: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    ranking: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    dicom: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    worklist: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    embedding: Mapped[bytes | None] = mapped_column(LargeBinary)
    picture_key: Mapped[str | None] = mapped_column(String(64))
    picture_offset: Mapped[int] = mapped_column(BigInteger, default=0)
    picture_length: Mapped[int] = mapped_column(BigInteger, default=0)
    picture_media_type: Mapped[str] = mapped_column(String(32), default="")

    __table_args__ = (
        Index("submissions_by_time", "hospital_id", "received_at", "id"),
        Index("submissions_by_state", "state", "received_at"),
    )


class IdempotencyRow(Base):
    """One `Idempotency-Key` of one caller: in flight until `answer` is there, then kept for a day."""

    __tablename__ = "idempotency_keys"

    caller_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    hospital_id: Mapped[str] = mapped_column(String(64))
    request_sha256: Mapped[str] = mapped_column(String(64))
    status: Mapped[int | None] = mapped_column(Integer)
    answer: Mapped[bytes | None] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
