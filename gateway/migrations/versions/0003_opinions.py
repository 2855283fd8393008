"""Opinions: what dermatologists said of cases."""

import sqlalchemy as sa
from alembic import op

import gateway.database

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "opinions",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("hospital_id", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("given_at", gateway.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("given_by", sa.String(length=64), nullable=False),
        sa.Column("doctor", sa.String(length=324), nullable=False),
        sa.Column("organization", sa.String(length=64), nullable=False),
        sa.Column("diagnoses", sa.JSON(), nullable=False),
        sa.Column("comment", sa.String(length=4096), nullable=False),
        sa.Column("report", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("opinions_by_case", "opinions", ["case_id", "given_at"], unique=False)
