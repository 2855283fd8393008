"""Tables of the log of events, of who follows it, and of the sequences behind numbered rows."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from gateway.database import Base, UtcDateTime


class EventRow(Base):
    """One event; `number` follows the order of commits without gaps."""

    __tablename__ = "events"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    type: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    hospital_id: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(128))
    data: Mapped[dict[str, Any]] = mapped_column(JSON)

    __table_args__ = (Index("events_by_hospital", "hospital_id", "number"),)


class SequenceRow(Base):
    """One sequence of numbers; its lock is held from the numbering of a transaction's rows to its commit."""

    __tablename__ = "sequences"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    last_number: Mapped[int] = mapped_column(BigInteger)


class FollowerRow(Base):
    """How far a part of the gateway that follows the log has come; its lock is held while it takes the next step."""

    __tablename__ = "event_followers"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    last_number: Mapped[int] = mapped_column(BigInteger)
