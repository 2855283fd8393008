"""What was found out of the order that a photo was posted for; the study that a copy was sent in."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("sent_study_instance_uid", sa.String(length=64), nullable=True))
    op.add_column("submissions", sa.Column("worklist", sa.JSON(), nullable=True))
