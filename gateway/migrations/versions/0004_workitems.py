"""Workitems of UPS-RS, and what requests for storage commitment found."""

import sqlalchemy as sa
from alembic import op

import gateway.archive.columns
import gateway.database

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "storage_commitments",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hospital_id", sa.String(length=64), nullable=False),
        sa.Column("transaction_uid", sa.String(length=64), nullable=False),
        sa.Column("requested_by", sa.String(length=64), nullable=False),
        sa.Column("requested_at", gateway.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("result", gateway.archive.columns.JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hospital_id", "transaction_uid", name="storage_commitments_identity"),
    )
    op.create_index(op.f("ix_storage_commitments_requested_at"), "storage_commitments", ["requested_at"], unique=False)
    op.create_table(
        "workitems",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hospital_id", sa.String(length=64), nullable=False),
        sa.Column(
            "workitem_uid",
            sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("transaction_uid", sa.String(length=64), nullable=True),
        sa.Column(
            "starts_at",
            sa.String(length=26).with_variant(sa.String(length=26, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "patient_id",
            sa.String(length=256).with_variant(sa.String(length=256, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("attributes", gateway.archive.columns.JsonText(), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", gateway.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("changed_at", gateway.database.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("workitem_uid"),
    )
    op.create_index("workitems_by_patient", "workitems", ["hospital_id", "patient_id"], unique=False)
    op.create_index("workitems_by_state", "workitems", ["hospital_id", "state", "starts_at"], unique=False)
    op.create_index("workitems_in_order", "workitems", ["hospital_id", "starts_at", "workitem_uid"], unique=False)
