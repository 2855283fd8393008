"""Reference cases of the disease library, with their embeddings; who follows the log of events; secrets."""

import sqlalchemy as sa
from alembic import op

import gateway.database

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "event_followers",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("last_number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "library_models",
        sa.Column("model", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("begun_at", gateway.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("finished_at", gateway.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("served_at", gateway.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("claimed_by", sa.String(length=32), nullable=True),
        sa.Column("claimed_until", gateway.database.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("model"),
    )
    op.create_table(
        "reference_cases",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("hospital_id", sa.String(length=64), nullable=False),
        sa.Column("disease", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("sex", sa.String(length=1), nullable=True),
        sa.Column("age_band", sa.Integer(), nullable=True),
        sa.Column("body_site", sa.String(length=64), nullable=True),
        sa.Column("laterality", sa.String(length=1), nullable=True),
        sa.Column("features", sa.JSON(), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("source_link", sa.String(length=64), nullable=True),
        sa.Column("posted_digest", sa.String(length=64), nullable=True),
        sa.Column("added_by", sa.String(length=64), nullable=False),
        sa.Column("added_at", gateway.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", gateway.database.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hospital_id", "source_link", name="reference_cases_source"),
    )
    op.create_index(
        "reference_cases_by_disease", "reference_cases", ["hospital_id", "disease", "added_at", "id"], unique=False
    )
    op.create_index("reference_cases_by_time", "reference_cases", ["hospital_id", "added_at", "id"], unique=False)
    op.create_table(
        "secrets",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "reference_embeddings",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hospital_id", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("picture", sa.Integer(), nullable=False),
        sa.Column("model", sa.String(length=64), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["reference_cases.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("case_id", "picture", "model", name="reference_embeddings_identity"),
    )
    op.create_index("reference_embeddings_by_model", "reference_embeddings", ["model", "number"], unique=False)
    op.create_table(
        "reference_pictures",
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hospital_id", sa.String(length=64), nullable=False),
        sa.Column("object_key", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=32), nullable=False),
        sa.Column("video_key", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["reference_cases.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("case_id", "number"),
    )
    op.create_index(op.f("ix_reference_pictures_object_key"), "reference_pictures", ["object_key"], unique=False)
    op.create_index(op.f("ix_reference_pictures_video_key"), "reference_pictures", ["video_key"], unique=False)
    op.execute("INSERT INTO sequences (name, last_number) VALUES ('reference_embeddings', 0)")
    op.execute("INSERT INTO event_followers (name, last_number) VALUES ('library', 0)")
