"""Tables of the outbox: what has to reach which destination, and every attempt at it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.database import Base, RowNumber, UtcDateTime

MESSAGE_LENGTH = 256

UID_LENGTH = 64

_CLAIMED = text("claimed_by IS NOT NULL")
_UNPROVEN = text("prove_at IS NOT NULL")
_UNANSWERED = text("outcome IS NULL")


class DeliveryRow(Base):
    """One revision of an instance on its way to one destination.

    `queued_at` is where its age is counted from (asking for a retry sets it anew); `claimed_by` and `claimed_until`
    are the lease of the worker that has it in hand. `last_status` is the DIMSE status as four hexadecimal digits,
    `last_message` says in words, without identity, why it stands where it stands. `sent_*` are the UIDs of what went
    where that was not the archived object itself but a copy made for this destination; null: as archived. They are
    kept of an attempt without an answer too.

    `prove_at` is when the destination is to be asked next whether it holds what was sent; null: nothing is left to
    ask. Whoever asks moves it ahead first, so that it comes up again by itself if they die. `looks` counts the times
    it was looked for in vain since it was sent, `resends` how often it was sent again for want of proof. `proof_*` say
    how the destination was seen to hold it.
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
    sent_sop_class_uid: Mapped[str | None] = mapped_column(String(UID_LENGTH))
    sent_sop_instance_uid: Mapped[str | None] = mapped_column(String(UID_LENGTH))
    sent_series_instance_uid: Mapped[str | None] = mapped_column(String(UID_LENGTH))
    sent_study_instance_uid: Mapped[str | None] = mapped_column(String(UID_LENGTH))
    prove_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    looks: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    resends: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    proof_kind: Mapped[str | None] = mapped_column(String(32))
    proof_transaction_uid: Mapped[str | None] = mapped_column(String(UID_LENGTH))

    __table_args__ = (
        UniqueConstraint("instance_id", "revision", "destination", name="deliveries_once"),
        Index("deliveries_due", "destination", "state", "next_attempt_at", "id"),
        Index("deliveries_by_hospital", "hospital_id", "id"),
        Index(
            "deliveries_to_prove", "destination", "prove_at", "id", postgresql_where=_UNPROVEN, sqlite_where=_UNPROVEN
        ),
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


class CommitmentRequestRow(Base):
    """One request for storage commitment, written down before it goes out (PS3.4 Annex J).

    `sent_at` is when the destination took it; null: nobody knows whether it did. `deadline` is until when an answer is
    waited for, and before `sent_at` until when somebody is about to send it. `tries` numbers the requests for the same
    objects. `outcome` is what became of it (`proving.requests.Outcome`); null: open. An answer is believed however
    late it comes, as long as the row is there.
    """

    __tablename__ = "commitment_requests"

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    hospital_id: Mapped[str] = mapped_column(String(64))
    destination: Mapped[str] = mapped_column(String(64))
    transaction_uid: Mapped[str] = mapped_column(String(UID_LENGTH))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    deadline: Mapped[datetime] = mapped_column(UtcDateTime)
    tries: Mapped[int] = mapped_column(Integer)
    outcome: Mapped[str | None] = mapped_column(String(16))

    __table_args__ = (
        UniqueConstraint("transaction_uid", name="commitment_requests_identity"),
        Index(
            "commitment_requests_open",
            "destination",
            "deadline",
            postgresql_where=_UNANSWERED,
            sqlite_where=_UNANSWERED,
        ),
        Index("commitment_requests_by_age", "created_at"),
    )


class CommitmentReferenceRow(Base):
    """One delivery that a request asks for, under the UIDs it was sent with; `failure` is PS3.3's Failure Reason."""

    __tablename__ = "commitment_references"

    request_id: Mapped[int] = mapped_column(
        RowNumber, ForeignKey("commitment_requests.id", ondelete="CASCADE"), primary_key=True
    )
    delivery_id: Mapped[int] = mapped_column(
        RowNumber, ForeignKey("deliveries.id", ondelete="CASCADE"), primary_key=True
    )
    hospital_id: Mapped[str] = mapped_column(String(64))
    sop_class_uid: Mapped[str] = mapped_column(String(UID_LENGTH))
    sop_instance_uid: Mapped[str] = mapped_column(String(UID_LENGTH))
    failure: Mapped[int | None] = mapped_column(Integer)

    __table_args__ = (Index("commitment_references_by_delivery", "delivery_id"),)
