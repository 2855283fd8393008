"""The table of workitems (Unified Procedure Steps)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from gateway.archive.columns import JsonText, match_text
from gateway.database import Base, RowNumber, UtcDateTime

START_LENGTH = 26
TEXT_LENGTH = 256


class WorkitemRow(Base):
    """A workitem of a hospital: `attributes` is all it says, the other columns narrow a search.

    `transaction_uid` is held by whoever performs it and is shown to nobody.
    """

    __tablename__ = "workitems"

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    hospital_id: Mapped[str] = mapped_column(String(64))
    workitem_uid: Mapped[str] = mapped_column(match_text(64), unique=True)
    state: Mapped[str] = mapped_column(String(16))
    transaction_uid: Mapped[str | None] = mapped_column(String(64))
    starts_at: Mapped[str] = mapped_column(match_text(START_LENGTH))
    patient_id: Mapped[str] = mapped_column(match_text(TEXT_LENGTH))
    attributes: Mapped[dict[str, Any]] = mapped_column(JsonText)
    created_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        Index("workitems_in_order", "hospital_id", "starts_at", "workitem_uid"),
        Index("workitems_by_state", "hospital_id", "state", "starts_at"),
        Index("workitems_by_patient", "hospital_id", "patient_id"),
    )
