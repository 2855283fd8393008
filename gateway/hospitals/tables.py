"""Tables of what is owed to peers: reports on the storage commitment that they asked for."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.archive.columns import JsonText
from gateway.database import Base, RowNumber, UtcDateTime

UID_LENGTH = 64

_OWED = text("settled_at IS NULL")


class CommitmentReportRow(Base):
    """A report that a peer is owed on the storage commitment it asked for (PS3.4 Annex J).

    `asked` lists [SOP Class UID, SOP Instance UID]; `result` the same with a Failure Reason or null behind, null until
    the archive was looked through. `next_attempt_at` is when it is worked on next; whoever does moves it ahead first.
    `settled_at`: the peer took it, or `attempts` were enough.
    """

    __tablename__ = "commitment_reports"

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    hospital_id: Mapped[str] = mapped_column(String(64))
    peer: Mapped[str] = mapped_column(String(16))
    transaction_uid: Mapped[str] = mapped_column(String(UID_LENGTH))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    asked: Mapped[list[Any]] = mapped_column(JsonText)
    result: Mapped[list[Any] | None] = mapped_column(JsonText)
    attempts: Mapped[int] = mapped_column(Integer)
    next_attempt_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    message: Mapped[str | None] = mapped_column(String(256))

    __table_args__ = (
        UniqueConstraint("peer", "transaction_uid", name="commitment_reports_identity"),
        Index("commitment_reports_owed", "next_attempt_at", postgresql_where=_OWED, sqlite_where=_OWED),
        Index("commitment_reports_by_age", "received_at"),
    )
