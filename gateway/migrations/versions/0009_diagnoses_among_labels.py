"""Diagnoses among the labels; what came of a trainer's rounds; which switches of models were told."""

import sqlalchemy as sa
from alembic import op

import gateway.database

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "model_outcomes",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("task", sa.String(length=16), nullable=False),
        sa.Column("came", sa.String(length=16), nullable=False),
        sa.Column("told_at", gateway.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("told_by", sa.String(length=64), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_model_outcomes_told_at"), "model_outcomes", ["told_at"], unique=False)
    op.create_table(
        "model_switches",
        sa.Column("task", sa.String(length=16), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("task"),
    )
    with op.batch_alter_table("labels") as labels:  # SQLite changes no column in its place
        labels.add_column(sa.Column("kind", sa.String(length=16), server_default="suitability", nullable=False))
        labels.add_column(sa.Column("diagnosis", sa.String(length=64), nullable=True))
        labels.add_column(sa.Column("alternatives", sa.JSON(), nullable=True))
        labels.add_column(sa.Column("withdrawn", sa.Boolean(), server_default=sa.false(), nullable=False))
        labels.alter_column("usable", existing_type=sa.Boolean(), nullable=True)
