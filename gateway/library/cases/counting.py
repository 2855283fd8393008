"""How many reference cases there are of each disease, counted by the database to the last one."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.orm import Session

from gateway.access.caller import Scope
from gateway.library.cases.narrowing import CaseFilter, fits, visible
from gateway.library.tables import ReferenceCaseRow, ReferencePictureRow


@dataclass(frozen=True, slots=True)
class Example:
    """A picture that stands for a disease's cases: of which case, and its number there."""

    case_id: str
    number: int


@dataclass(frozen=True, slots=True)
class DiseaseCount:
    """How many cases of a disease fit, one at least, and the first picture of the newest of them."""

    disease: str
    cases: int
    example: Example | None


def count_cases(session: Session, scope: Scope, wanted: CaseFilter) -> list[DiseaseCount]:
    """The diseases that have cases that fit, by their codes."""
    conditions = [visible(scope), *fits(wanted)]
    disease, newest = ReferenceCaseRow.disease, func.max(ReferenceCaseRow.added_at)
    groups = select(disease, func.count(), newest).where(*conditions).group_by(disease).order_by(disease)
    rows = session.execute(groups).all()
    examples = _examples(session, conditions, [(code, latest) for code, _, latest in rows])
    return [DiseaseCount(code, count, examples.get(code)) for code, count, _ in rows]


def _examples(
    session: Session, conditions: Sequence[ColumnElement[bool]], newest: Sequence[tuple[str, object]]
) -> dict[str, Example]:
    """By disease; of cases that came at the same moment the last of the listing's order counts."""
    case, picture = ReferenceCaseRow, ReferencePictureRow
    query = (
        select(case.disease, case.id, func.min(picture.number))
        .join(picture, picture.case_id == case.id)
        .where(*conditions, tuple_(case.disease, case.added_at).in_(newest))
        .group_by(case.disease, case.id)
        .order_by(case.id)
    )
    return {disease: Example(case_id, number) for disease, case_id, number in session.execute(query)} if newest else {}
