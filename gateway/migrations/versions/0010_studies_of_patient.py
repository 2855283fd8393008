"""Studies of a patient with what puts them in order, so that a search by patient reads no row that it does not show."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    columns = ["patient_row_id", "hospital_id", "study_date", "study_time", "id"]
    op.create_index("studies_of_patient", "studies", columns, unique=False)
    op.drop_index("studies_by_patient", table_name="studies")
