"""A caller's scope as conditions of SQL."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, false, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from gateway.access.caller import Scope
from gateway.archive.tables import PatientRow

_MOST_HOSPITALS = 10_000


def hospitals_of(session: Session, scope: Scope) -> Sequence[str]:
    """The hospitals whose rows the scope holds; for one over all, those that have rows.

    Every index begins with the hospital, so a search always names them. One lookup a hospital, not a scan.
    """
    if scope.hospitals is not None:
        return sorted(scope.hospitals)
    found: list[str] = []
    following = session.scalar(select(func.min(PatientRow.hospital_id)))
    while following is not None and len(found) < _MOST_HOSPITALS:
        found.append(following)
        following = session.scalar(select(func.min(PatientRow.hospital_id)).where(PatientRow.hospital_id > following))
    return found


def of_hospitals(
    column: InstrumentedAttribute[str], hospitals: Sequence[str], *, by_index: bool = True
) -> ColumnElement[bool]:
    """Rows of these hospitals; `by_index` False keeps a database from going through a hospital's every row."""
    if not hospitals:
        return false()
    operand: ColumnElement[str] = column.expression if by_index else func.coalesce(column, "")
    return operand == hospitals[0] if len(hospitals) == 1 else operand.in_(hospitals)


def of_patient(scope: Scope) -> ColumnElement[bool] | None:
    """Only the patient the caller is, named by the id of the patient's row; None for a caller who is no patient."""
    if scope.patient is None:
        return None
    return PatientRow.id == int(scope.patient) if scope.patient.isdecimal() else false()
