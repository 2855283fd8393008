"""Words that names are found by fuzzily, those of the names that are there among them."""

import sqlalchemy as sa
from alembic import op

from dicomweb.fuzzy_names import name_words

revision = "0005"
down_revision = "0004"

_BATCH = 1_000


def upgrade() -> None:
    op.create_table(
        "patient_name_words",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hospital_id", sa.String(length=64), nullable=False),
        sa.Column("patient_row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "word",
            sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["patient_row_id"], ["patients.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "referring_physician_name_words",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hospital_id", sa.String(length=64), nullable=False),
        sa.Column("study_row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "word",
            sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["study_row_id"], ["studies.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    _fill("patient_names", "patient_name_words", "patient_row_id")
    _fill("referring_physician_names", "referring_physician_name_words", "study_row_id")
    op.create_index("patient_name_words_by_patient", "patient_name_words", ["patient_row_id", "word"], unique=False)
    op.create_index(
        "patient_name_words_by_word", "patient_name_words", ["hospital_id", "word", "patient_row_id"], unique=False
    )
    op.create_index(
        "referring_physician_name_words_by_study",
        "referring_physician_name_words",
        ["study_row_id", "word"],
        unique=False,
    )
    op.create_index(
        "referring_physician_name_words_by_word",
        "referring_physician_name_words",
        ["hospital_id", "word", "study_row_id"],
        unique=False,
    )


def _fill(names: str, words: str, owner: str) -> None:
    """Words of every name; the rows of one owner stand together, a batch at a time."""
    connection = op.get_bind()
    known = sa.table(names, sa.column("hospital_id"), sa.column(owner), sa.column("value"))
    made = sa.table(words, sa.column("hospital_id"), sa.column(owner), sa.column("word"))
    owners = connection.scalars(sa.select(known.c[owner]).distinct().order_by(known.c[owner])).all()
    for batch in (owners[first : first + _BATCH] for first in range(0, len(owners), _BATCH)):
        forms: dict[tuple[str, int], list[str]] = {}
        asked = sa.select(known.c.hospital_id, known.c[owner], known.c.value).where(
            known.c[owner].between(batch[0], batch[-1])
        )
        for hospital, row_id, value in connection.execute(asked):
            forms.setdefault((hospital, row_id), []).append(value)
        rows = [
            {"hospital_id": hospital, owner: row_id, "word": word}
            for (hospital, row_id), values in forms.items()
            for word in name_words(*values)
        ]
        if rows:
            connection.execute(sa.insert(made), rows)
