"""Proof of delivery: what was sent, when it is to be proved, what was asked and what others are owed."""

import sqlalchemy as sa
from alembic import op

import gateway.archive.columns
import gateway.database

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "commitment_reports",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hospital_id", sa.String(length=64), nullable=False),
        sa.Column("peer", sa.String(length=16), nullable=False),
        sa.Column("transaction_uid", sa.String(length=64), nullable=False),
        sa.Column("received_at", gateway.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("asked", gateway.archive.columns.JsonText(), nullable=False),
        sa.Column("result", gateway.archive.columns.JsonText(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", gateway.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("settled_at", gateway.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("message", sa.String(length=256), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("peer", "transaction_uid", name="commitment_reports_identity"),
    )
    op.create_index("commitment_reports_by_age", "commitment_reports", ["received_at"], unique=False)
    op.create_index(
        "commitment_reports_owed",
        "commitment_reports",
        ["next_attempt_at"],
        unique=False,
        postgresql_where=sa.text("settled_at IS NULL"),
        sqlite_where=sa.text("settled_at IS NULL"),
    )
    op.create_table(
        "commitment_requests",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hospital_id", sa.String(length=64), nullable=False),
        sa.Column("destination", sa.String(length=64), nullable=False),
        sa.Column("transaction_uid", sa.String(length=64), nullable=False),
        sa.Column("created_at", gateway.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("sent_at", gateway.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("answered_at", gateway.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("deadline", gateway.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("transaction_uid", name="commitment_requests_identity"),
    )
    op.create_index("commitment_requests_by_age", "commitment_requests", ["created_at"], unique=False)
    op.create_index(
        "commitment_requests_open",
        "commitment_requests",
        ["destination", "deadline"],
        unique=False,
        postgresql_where=sa.text("outcome IS NULL"),
        sqlite_where=sa.text("outcome IS NULL"),
    )
    op.create_table(
        "commitment_references",
        sa.Column("request_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("delivery_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hospital_id", sa.String(length=64), nullable=False),
        sa.Column("sop_class_uid", sa.String(length=64), nullable=False),
        sa.Column("sop_instance_uid", sa.String(length=64), nullable=False),
        sa.Column("failure", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["request_id"], ["commitment_requests.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("request_id", "delivery_id"),
    )
    op.create_index("commitment_references_by_delivery", "commitment_references", ["delivery_id"], unique=False)
    op.add_column("deliveries", sa.Column("sent_sop_class_uid", sa.String(length=64), nullable=True))
    op.add_column("deliveries", sa.Column("sent_sop_instance_uid", sa.String(length=64), nullable=True))
    op.add_column("deliveries", sa.Column("sent_series_instance_uid", sa.String(length=64), nullable=True))
    op.add_column("deliveries", sa.Column("prove_at", gateway.database.UtcDateTime(timezone=True), nullable=True))
    op.add_column("deliveries", sa.Column("looks", sa.Integer(), server_default="0", nullable=False))
    op.add_column("deliveries", sa.Column("resends", sa.Integer(), server_default="0", nullable=False))
    op.create_index(
        "deliveries_to_prove",
        "deliveries",
        ["destination", "prove_at", "id"],
        unique=False,
        postgresql_where=sa.text("prove_at IS NOT NULL"),
        sqlite_where=sa.text("prove_at IS NOT NULL"),
    )
