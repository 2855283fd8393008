"""Which reference cases a caller sees, and which of them are asked for: the conditions of every list and count."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement

from gateway.access.caller import Scope
from gateway.library.tables import ReferenceCaseRow


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases are listed; None is any. `body_sites` are slugs: the site that was asked for and its parts."""

    disease: str | None = None
    sex: str | None = None
    age_band: int | None = None
    body_sites: frozenset[str] | None = None


def visible(scope: Scope) -> ColumnElement[bool]:
    """Cases that are in the library, and of a hospital that the scope sees."""
    there = ReferenceCaseRow.withdrawn_at.is_(None)
    return there if scope.hospitals is None else there & ReferenceCaseRow.hospital_id.in_(scope.hospitals)


def fits(wanted: CaseFilter) -> list[ColumnElement[bool]]:
    """What a case has to fulfil, nothing where everything fits."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.disease is not None:
        conditions.append(ReferenceCaseRow.disease == wanted.disease)
    if wanted.sex is not None:
        conditions.append(ReferenceCaseRow.sex == wanted.sex)
    if wanted.age_band is not None:
        conditions.append(ReferenceCaseRow.age_band == wanted.age_band)
    if wanted.body_sites is not None:
        conditions.append(ReferenceCaseRow.body_site.in_(wanted.body_sites))
    return conditions
