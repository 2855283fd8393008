"""A caller's scope as conditions of SQL."""

from collections.abc import Sequence

from gateway.access.caller import Scope
from gateway.archive.clauses import NOTHING, Clause, equals
from gateway.reading import Reader

_MOST_HOSPITALS = 10_000
_ENDS = "SELECT (SELECT min(hospital_id) FROM patients), (SELECT max(hospital_id) FROM patients)"
_FOLLOWING = "SELECT min(hospital_id) FROM patients WHERE hospital_id > ?"


def hospitals_of(reader: Reader, scope: Scope) -> Sequence[str]:
    """The hospitals whose rows the scope holds; for one over all, those that have rows.

    Every index begins with the hospital, so a search always names them. One lookup a hospital, not a scan.
    """
    if scope.hospitals is not None:
        return sorted(scope.hospitals)
    following, last = reader.all(_ENDS)[0]
    found: list[str] = []
    while following is not None and len(found) < _MOST_HOSPITALS:
        found.append(following)
        following = reader.all(_FOLLOWING, (following,))[0][0] if following != last else None
    return found


def of_hospitals(column: str, hospitals: Sequence[object], *, by_index: bool = True) -> Clause:
    """Rows of these hospitals; `by_index` False keeps a database from going through a hospital's every row."""
    return equals(column if by_index else f"coalesce({column}, '')", hospitals)


def of_patient(scope: Scope) -> Clause | None:
    """Only the patient the caller is, named by the id of the patient's row; None for a caller who is no patient."""
    if scope.patient is None:
        return None
    return Clause("patients.id = ?", (int(scope.patient),)) if scope.patient.isdecimal() else NOTHING
