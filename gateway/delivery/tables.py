"""Tables of the outbox: what has to reach which destination, and every attempt at it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.database import Base, RowNumber, UtcDateTime

MESSAGE_LENGTH = 256

_CLAIMED = text("claimed_by IS NOT NULL")


class DeliveryRow(Base):
    """One revision of an instance on its way to one destination.

    `queued_at` is where its age is counted from (asking for a retry sets it anew); `claimed_by` and `claimed_until`
    are the lease of the worker that has it in hand. `last_status` is the DIMSE status as four hexadecimal digits,
    `last_message` says in words, without identity, why it stands where it stands. `proof_*` say how the destination
    was seen to hold it.
    """

    __tablename__ = "deliveries"

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    hospital_id: Mapped[str] = mapped_column(String(64))
    instance_id: Mapped[int] = mapped_column(RowNumber, ForeignKey("instances.id", ondelete="CASCADE"))
    revision: Mapped[int] = mapped_column(Integer)
    destination: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    queued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_attempt_at: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_by: Mapped[str | None] = mapped_column(String(64))
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    committed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_status: Mapped[str | None] = mapped_column(String(4))
    last_message: Mapped[str | None] = mapped_column(String(MESSAGE_LENGTH))
    proof_kind: Mapped[str | None] = mapped_column(String(32))
    proof_transaction_uid: Mapped[str | None] = mapped_column(String(64))

    __table_args__ = (
        UniqueConstraint("instance_id", "revision", "destination", name="deliveries_once"),
        Index("deliveries_due", "destination", "state", "next_attempt_at", "id"),
        Index("deliveries_by_hospital", "hospital_id", "id"),
        Index("deliveries_by_claim", "claimed_by", postgresql_where=_CLAIMED, sqlite_where=_CLAIMED),
        # The id of a delivery that is gone is never given out again.
        {"sqlite_autoincrement": True},
    )


class DeliveryAttemptRow(Base):
    """One attempt at a delivery, numbered from 1 within it."""

    __tablename__ = "delivery_attempts"

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    delivery_id: Mapped[int] = mapped_column(RowNumber, ForeignKey("deliveries.id", ondelete="CASCADE"))
    hospital_id: Mapped[str] = mapped_column(String(64))
    destination: Mapped[str] = mapped_column(String(64))
    number: Mapped[int] = mapped_column(Integer)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime] = mapped_column(UtcDateTime)
    outcome: Mapped[str] = mapped_column(String(32))
    status: Mapped[str | None] = mapped_column(String(4))
    message: Mapped[str | None] = mapped_column(String(MESSAGE_LENGTH))

    __table_args__ = (
        UniqueConstraint("delivery_id", "number", name="delivery_attempts_once"),
        Index("delivery_attempts_by_outcome", "destination", "outcome"),
    )
