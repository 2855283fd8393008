"""Shadow: what is counted of models that judge beside the one that serves."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "shadow_agreements",
        sa.Column("task", sa.String(length=16), nullable=False),
        sa.Column("active_version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("shadow_version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("judged", sa.BigInteger(), nullable=False),
        sa.Column("agreed", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        sa.Column("dropped", sa.BigInteger(), nullable=False),
        sa.Column("difference_sum", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("task", "active_version", "shadow_version"),
    )
