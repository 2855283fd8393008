"""First schema."""

import sqlalchemy as sa
from alembic import op

import gateway.archive.columns
import gateway.database

AUDIT_APPEND_ONLY = {
    "sqlite": (
        (
            "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit "
            "BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END"
        ),
        (
            "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit "
            "BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END"
        ),
    ),
    "postgresql": (
        (
            "CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$"
        ),
        (
            "CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()"
        ),
    ),
}

revision = "0001"
down_revision = None


def upgrade() -> None:  # noqa: PLR0915 - one statement a table
    op.create_table(
        "audit",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", gateway.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("caller_id", sa.String(length=64), nullable=False),
        sa.Column("hospital_id", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("outcome", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=192), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("audit_by_subject", "audit", ["subject"], unique=False)
    op.create_index("audit_by_time", "audit", ["at"], unique=False)
    op.create_table(
        "cases",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("hospital_id", sa.String(length=64), nullable=False),
        sa.Column("issuer_of_patient_id", sa.String(length=64), nullable=False),
        sa.Column("patient_id", sa.String(length=64), nullable=False),
        sa.Column("study_instance_uid", sa.String(length=64), nullable=False),
        sa.Column("accession_number", sa.String(length=16), nullable=False),
        sa.Column("opened_at", gateway.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("started_at", gateway.database.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hospital_id", "study_instance_uid"),
    )
    op.create_index("cases_by_patient", "cases", ["hospital_id", "issuer_of_patient_id", "patient_id"], unique=False)
    op.create_table(
        "events",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("at", gateway.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("hospital_id", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=128), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("events_by_hospital", "events", ["hospital_id", "number"], unique=False)
    op.create_table(
        "idempotency_keys",
        sa.Column("caller_id", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("hospital_id", sa.String(length=64), nullable=False),
        sa.Column("request_sha256", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", gateway.database.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("caller_id", "key"),
    )
    op.create_index(op.f("ix_idempotency_keys_expires_at"), "idempotency_keys", ["expires_at"], unique=False)
    op.create_table(
        "keys",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("secret_sha256", sa.String(length=64), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("hospitals", sa.JSON(), nullable=True),
        sa.Column("patient", sa.String(length=32), nullable=True),
        sa.Column("created_at", gateway.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", gateway.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", gateway.database.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("secret_sha256"),
    )
    op.create_table(
        "labels",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hospital_id", sa.String(length=64), nullable=False),
        sa.Column("submission_id", sa.String(length=32), nullable=False),
        sa.Column("usable", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("said_by", sa.String(length=64), nullable=False),
        sa.Column("said_at", gateway.database.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index(op.f("ix_labels_submission_id"), "labels", ["submission_id"], unique=False)
    op.create_table(
        "patients",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hospital_id", sa.String(length=64), nullable=False),
        sa.Column(
            "issuer_of_patient_id",
            sa.String(length=256).with_variant(sa.String(length=256, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "patient_id",
            sa.String(length=256).with_variant(sa.String(length=256, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "birth_date",
            sa.String(length=8).with_variant(sa.String(length=8, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "sex", sa.String(length=16).with_variant(sa.String(length=16, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("attributes", gateway.archive.columns.JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hospital_id", "issuer_of_patient_id", "patient_id", name="patients_identity"),
        sqlite_autoincrement=True,
    )
    op.create_index("patients_by_patient_id", "patients", ["hospital_id", "patient_id"], unique=False)
    op.create_table(
        "removed_objects",
        sa.Column("object_key", sa.String(length=64), nullable=False),
        sa.Column("hospital_id", sa.String(length=64), nullable=False),
        sa.Column("removed_at", gateway.database.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("object_key"),
    )
    op.create_table(
        "sequences",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("last_number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "case_series",
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("discriminator", sa.String(length=128), nullable=False),
        sa.Column("hospital_id", sa.String(length=64), nullable=False),
        sa.Column("series_instance_uid", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("last_instance_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("case_id", "discriminator"),
        sa.UniqueConstraint("case_id", "number"),
        sa.UniqueConstraint("series_instance_uid"),
    )
    op.create_table(
        "patient_names",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hospital_id", sa.String(length=64), nullable=False),
        sa.Column("patient_row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "value",
            sa.String(length=256).with_variant(sa.String(length=256, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["patient_row_id"],
            ["patients.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("patient_names_by_patient", "patient_names", ["patient_row_id"], unique=False)
    op.create_index("patient_names_by_value", "patient_names", ["hospital_id", "value", "patient_row_id"], unique=False)
    op.create_table(
        "referrals",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("hospital_id", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("opened_at", gateway.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("case_id"),
    )
    op.create_index("referrals_by_state", "referrals", ["hospital_id", "state", "opened_at"], unique=False)
    op.create_table(
        "studies",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hospital_id", sa.String(length=64), nullable=False),
        sa.Column("patient_row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "study_instance_uid",
            sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "study_date",
            sa.String(length=8).with_variant(sa.String(length=8, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "study_time",
            sa.String(length=13).with_variant(sa.String(length=13, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "accession_number",
            sa.String(length=256).with_variant(sa.String(length=256, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "study_identifier",
            sa.String(length=256).with_variant(sa.String(length=256, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "description",
            sa.String(length=256).with_variant(sa.String(length=256, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("attributes", gateway.archive.columns.JsonText(), nullable=False),
        sa.ForeignKeyConstraint(
            ["patient_row_id"],
            ["patients.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hospital_id", "study_instance_uid", name="studies_identity"),
    )
    op.create_index("studies_by_accession_number", "studies", ["hospital_id", "accession_number"], unique=False)
    op.create_index("studies_by_date", "studies", ["hospital_id", "study_date", "study_time", "id"], unique=False)
    op.create_index("studies_by_identifier", "studies", ["hospital_id", "study_identifier"], unique=False)
    op.create_index("studies_by_patient", "studies", ["patient_row_id"], unique=False)
    op.create_table(
        "referring_physician_names",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hospital_id", sa.String(length=64), nullable=False),
        sa.Column("study_row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "value",
            sa.String(length=256).with_variant(sa.String(length=256, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["study_row_id"],
            ["studies.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("referring_physician_names_by_study", "referring_physician_names", ["study_row_id"], unique=False)
    op.create_index(
        "referring_physician_names_by_value",
        "referring_physician_names",
        ["hospital_id", "value", "study_row_id"],
        unique=False,
    )
    op.create_table(
        "series",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hospital_id", sa.String(length=64), nullable=False),
        sa.Column("study_row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "series_instance_uid",
            sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "modality",
            sa.String(length=16).with_variant(sa.String(length=16, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("series_number", sa.BigInteger(), nullable=False),
        sa.Column(
            "procedure_step_start_date",
            sa.String(length=8).with_variant(sa.String(length=8, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "procedure_step_start_time",
            sa.String(length=13).with_variant(sa.String(length=13, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("attributes", gateway.archive.columns.JsonText(), nullable=False),
        sa.ForeignKeyConstraint(
            ["study_row_id"],
            ["studies.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("study_row_id", "series_instance_uid", name="series_identity"),
    )
    op.create_index("series_by_modality", "series", ["hospital_id", "modality", "study_row_id"], unique=False)
    op.create_index(
        "series_by_procedure_step_start", "series", ["hospital_id", "procedure_step_start_date"], unique=False
    )
    op.create_index("series_by_uid", "series", ["hospital_id", "series_instance_uid"], unique=False)
    op.create_index("series_in_order", "series", ["hospital_id", "study_row_id", "series_number", "id"], unique=False)
    op.create_table(
        "instances",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hospital_id", sa.String(length=64), nullable=False),
        sa.Column("study_row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("series_row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "sop_instance_uid",
            sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "sop_class_uid",
            sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("instance_number", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("received_from", sa.String(length=64), nullable=False),
        sa.Column("stored_at", gateway.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("attributes", gateway.archive.columns.JsonText(), nullable=False),
        sa.ForeignKeyConstraint(
            ["series_row_id"],
            ["series.id"],
        ),
        sa.ForeignKeyConstraint(
            ["study_row_id"],
            ["studies.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("sop_instance_uid", name="instances_identity"),
        sqlite_autoincrement=True,
    )
    op.create_index("instances_by_series", "instances", ["series_row_id", "instance_number"], unique=False)
    op.create_index("instances_by_sop_class", "instances", ["hospital_id", "sop_class_uid"], unique=False)
    op.create_index("instances_by_study", "instances", ["study_row_id"], unique=False)
    op.create_index(
        "instances_in_order", "instances", ["hospital_id", "series_row_id", "instance_number", "id"], unique=False
    )
    op.create_table(
        "series_requests",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hospital_id", sa.String(length=64), nullable=False),
        sa.Column("series_row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "scheduled_procedure_step_id",
            sa.String(length=256).with_variant(sa.String(length=256, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "requested_procedure_id",
            sa.String(length=256).with_variant(sa.String(length=256, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["series_row_id"],
            ["series.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "series_requests_by_procedure",
        "series_requests",
        ["hospital_id", "requested_procedure_id", "series_row_id"],
        unique=False,
    )
    op.create_index("series_requests_by_series", "series_requests", ["series_row_id"], unique=False)
    op.create_index(
        "series_requests_by_step",
        "series_requests",
        ["hospital_id", "scheduled_procedure_step_id", "series_row_id"],
        unique=False,
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hospital_id", sa.String(length=64), nullable=False),
        sa.Column("instance_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("destination", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", gateway.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("queued_at", gateway.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("next_attempt_at", gateway.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("claimed_by", sa.String(length=64), nullable=True),
        sa.Column("claimed_until", gateway.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("sent_at", gateway.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", gateway.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("committed_at", gateway.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("last_status", sa.String(length=4), nullable=True),
        sa.Column("last_message", sa.String(length=256), nullable=True),
        sa.Column("proof_kind", sa.String(length=32), nullable=True),
        sa.Column("proof_transaction_uid", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["instance_id"], ["instances.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("instance_id", "revision", "destination", name="deliveries_once"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "deliveries_by_claim",
        "deliveries",
        ["claimed_by"],
        unique=False,
        postgresql_where=sa.text("claimed_by IS NOT NULL"),
        sqlite_where=sa.text("claimed_by IS NOT NULL"),
    )
    op.create_index("deliveries_by_hospital", "deliveries", ["hospital_id", "id"], unique=False)
    op.create_index("deliveries_due", "deliveries", ["destination", "state", "next_attempt_at", "id"], unique=False)
    op.create_table(
        "revisions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hospital_id", sa.String(length=64), nullable=False),
        sa.Column("instance_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("object_key", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("data_set_sha256", sa.String(length=64), nullable=False),
        sa.Column("transfer_syntax_uid", sa.String(length=64), nullable=False),
        sa.Column("number_of_frames", sa.Integer(), nullable=False),
        sa.Column("created_at", gateway.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=256), nullable=False),
        sa.Column("layout", gateway.archive.columns.PackedJson(), nullable=False),
        sa.Column("header", gateway.archive.columns.PackedJson(), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"],
            ["instances.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("instance_id", "number", name="revisions_identity"),
        sa.UniqueConstraint("object_key", name="revisions_object"),
    )
    op.create_table(
        "submissions",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("hospital_id", sa.String(length=64), nullable=False),
        sa.Column("caller_id", sa.String(length=64), nullable=False),
        sa.Column("patient", sa.String(length=32), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("received_at", gateway.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("upload_key", sa.String(length=64), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_until", gateway.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("case_id", sa.String(length=32), nullable=True),
        sa.Column("instance_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("judgement", sa.JSON(), nullable=True),
        sa.Column("ranking", sa.JSON(), nullable=True),
        sa.Column("dicom", sa.JSON(), nullable=True),
        sa.Column("problem", sa.JSON(), nullable=True),
        sa.Column("embedding", sa.LargeBinary(), nullable=True),
        sa.Column("picture_key", sa.String(length=64), nullable=True),
        sa.Column("picture_offset", sa.BigInteger(), nullable=False),
        sa.Column("picture_length", sa.BigInteger(), nullable=False),
        sa.Column("picture_media_type", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["cases.id"],
        ),
        sa.ForeignKeyConstraint(["instance_id"], ["instances.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_submissions_case_id"), "submissions", ["case_id"], unique=False)
    op.create_index(op.f("ix_submissions_instance_id"), "submissions", ["instance_id"], unique=False)
    op.create_index("submissions_by_state", "submissions", ["state", "received_at"], unique=False)
    op.create_index("submissions_by_time", "submissions", ["hospital_id", "received_at", "id"], unique=False)
    op.create_table(
        "delivery_attempts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("delivery_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hospital_id", sa.String(length=64), nullable=False),
        sa.Column("destination", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("started_at", gateway.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", gateway.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=4), nullable=True),
        sa.Column("message", sa.String(length=256), nullable=True),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("delivery_id", "number", name="delivery_attempts_once"),
    )
    op.create_index("delivery_attempts_by_outcome", "delivery_attempts", ["destination", "outcome"], unique=False)

    op.execute("INSERT INTO sequences (name, last_number) VALUES ('events', 0), ('labels', 0)")
    for statement in AUDIT_APPEND_ONLY[op.get_bind().dialect.name]:
        op.execute(sa.text(statement))
